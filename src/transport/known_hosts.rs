//! The file that records host keys: what `ssh` wrote into one, and which one is the user's.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Error, Read as _, Result, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use super::spawn::{in_own_session, kill_group, spawn};

/// Reads a file that `ssh` is about to make; none before its lines are whole.
pub(super) fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok().filter(|lines| lines.ends_with('\n'))
}

/// The keys in lines of `known_hosts`, as (type, `SHA256:` fingerprint); a line that holds none is an empty pair.
pub(super) fn keys(lines: &str) -> impl Iterator<Item = (String, String)> + '_ {
    lines.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [hosts, kind, blob, ..] if !hosts.starts_with(['@', '#']) => fingerprint(kind, blob).unwrap_or_default(),
            _ => Default::default(),
        }
    })
}

fn fingerprint(kind: &str, blob: &str) -> Option<(String, String)> {
    let digest = Sha256::digest(STANDARD.decode(blob).ok()?);
    let kind = kind.strip_prefix("ssh-").unwrap_or(kind);
    Some((kind.to_owned(), format!("SHA256:{}", STANDARD_NO_PAD.encode(digest))))
}

/// Asks `ssh`, given as its command line with `-G`, in which file it would record a new key.
pub(super) async fn file(mut ssh: Command) -> Result<PathBuf> {
    ssh.kill_on_drop(true);
    in_own_session(&mut ssh)?;
    let (child, channel) = spawn(ssh).await?;
    // `Match exec` of ssh_config may hang: whoever waits no longer drops this, and the group ends.
    let _group = Group(child.id());
    let mut output = Vec::new();
    channel.stdout.take(1024 * 1024).read_to_end(&mut output).await?;
    let text = String::from_utf8_lossy(&output);
    let files = text.lines().find_map(|line| line.strip_prefix("userknownhostsfile "));
    match files.map(first) {
        Some("none") => Err(Error::other("UserKnownHostsFile is none, so there is no file for it")),
        Some(path) => Ok(path.into()),
        None => Err(Error::other("`ssh -G` names no UserKnownHostsFile")),
    }
}

struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        kill_group(self.0);
    }
}

/// The first of several paths that stand unquoted on one line; each but the first is known by its slash.
fn first(paths: &str) -> &str {
    paths.split_once(" /").map_or(paths, |(first, _)| first)
}

/// Appends whole lines to the file at `path`, making it when there is none.
pub(super) fn append(path: &Path, lines: &str) -> Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    let mut file = OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?;
    let text = if ends_within_a_line(&mut file)? { format!("\n{lines}") } else { lines.to_owned() };
    file.write_all(text.as_bytes())
}

fn ends_within_a_line(file: &mut File) -> Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_those_of_ssh_keygen() {
        let blob = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        // As `ssh-keygen -lf` prints it.
        let expected = ("ed25519".to_owned(), "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU".to_owned());
        for line in [format!("db ssh-ed25519 {blob}"), format!("|1|salt=|hash= ssh-ed25519 {blob} words")] {
            assert!(keys(&line).eq([expected.clone()]), "{line}");
        }
        for line in ["", "# a remark is no key", "db ssh-ed25519", "db ssh-ed25519 !!", "@revoked db ssh-ed25519 AAAA"]
        {
            assert!(keys(line).all(|key| key == Default::default()), "{line}");
        }
    }

    #[test]
    fn the_first_of_several_paths_may_have_spaces() {
        assert_eq!(first("/root/.ssh/known_hosts /root/.ssh/known_hosts2"), "/root/.ssh/known_hosts");
        assert_eq!(first("/home/ann b/known_hosts /etc/more"), "/home/ann b/known_hosts");
    }

    #[test]
    fn a_last_line_without_its_end_is_ended_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/known_hosts");
        append(&path, "a\n").unwrap();
        append(&path, "b\n").unwrap();
        std::fs::write(&path, "a\nb").unwrap();
        append(&path, "c\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a\nb\nc\n");
        append(Path::new("/dev/null"), "c\n").unwrap();
    }
}
