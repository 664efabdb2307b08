//! What a run's record says of its beginning: who, where, what, from which inventory; secrets left out.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rustix::stdio::{stderr, stdin, stdout};

use crate::event::{Invoker, RunHeader, RunId, SourceHash, Verb};
use crate::inventory::LoadedFile;
use crate::journal::Account;
use crate::journal::redact::{MASK, redact_argv, redact_line, redact_text};
use crate::remote::quote;

/// How long git may take to say what state the inventory is in; a slow one is left out of the record.
const GIT_TIMEOUT: Duration = Duration::from_secs(2);

/// What the caller knows of the run that it is about to begin.
#[derive(Clone, Debug)]
pub struct Intent<'a> {
    /// What kind of run.
    pub verb: Verb,
    /// `--name`.
    pub name: Option<&'a str>,
    /// The words that hosts run (or the files to transfer), secrets included: they are taken out here.
    pub command: &'a [OsString],
    /// The files that the inventory was read from.
    pub inventory: &'a [LoadedFile],
    /// The host pattern as given.
    pub pattern: &'a str,
    /// Names of the selected hosts, in order.
    pub hosts: Vec<Arc<str>>,
    /// Hosts in flight at once.
    pub forks: usize,
    /// Known secrets (become passwords, values of `--env NAME`).
    pub secrets: &'a [String],
}

/// Builds the header of a new run of this process, with a new id.
///
/// Asks git for at most two seconds; never fails, since a record with a gap is better than no run.
#[must_use]
pub fn header(intent: Intent<'_>) -> RunHeader {
    let argv: Vec<OsString> = std::env::args_os().collect();
    let known = |text: &str| redact_text(text, intent.secrets).into_owned();
    RunHeader {
        run: RunId::new(),
        verb: intent.verb,
        name: intent.name.map(known),
        invoker: invoker(),
        version: env!("CARGO_PKG_VERSION").into(),
        argv: redact_argv(&argv).iter().map(|word| known(word)).collect(),
        command: known(&command_line(intent.command)),
        inventory: intent.inventory.iter().map(hash).collect(),
        revision: revision(intent.inventory.iter().map(|file| Path::new(&file.path)).find(|path| path.exists())),
        pattern: intent.pattern.to_owned(),
        hosts: intent.hosts,
        forks: intent.forks,
    }
}

/// Who runs this process, and from where.
#[must_use]
pub fn invoker() -> Invoker {
    let uid = rustix::process::geteuid().as_raw();
    let terminal = || [stdin(), stderr(), stdout()].into_iter().find_map(|fd| rustix::termios::ttyname(fd, []).ok());
    Invoker {
        // Not $USER: anybody can set that.
        user: Account::of(uid).map_or_else(|| uid.to_string(), |account| account.name),
        sudo_user: std::env::var("SUDO_USER").ok().filter(|user| !user.is_empty()),
        tty: terminal().map(|path| path.to_string_lossy().into_owned()),
        controller: controller(),
        directory: std::env::current_dir()
            .map_or_else(|_| "?".into(), |path| path.to_string_lossy().into_owned())
            .into(),
        pid: std::process::id(),
    }
}

/// The name of this machine.
#[must_use]
pub fn controller() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// One word is a shell line and stands as it is; several are quoted so that the shell would read these words.
fn command_line(words: &[OsString]) -> String {
    if let [line] = words {
        return redact_line(&line.to_string_lossy());
    }
    redact_argv(words).iter().map(|word| quoted_if_needed(word)).collect::<Vec<_>>().join(" ")
}

fn quoted_if_needed(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-./:=,@%+".contains(character);
    let is_plain = !word.is_empty() && word.replace(MASK, "").chars().all(plain);
    if is_plain { word.into() } else { quote(word) }
}

fn hash(file: &LoadedFile) -> SourceHash {
    SourceHash { path: file.path.clone(), sha256: file.sha256.clone() }
}

/// The git revision of the directory that `source` is in, with `+dirty` when something in that directory differs.
fn revision(source: Option<&Path>) -> Option<String> {
    let source = source?.canonicalize().ok()?;
    let dir = if source.is_dir() { source.as_path() } else { source.parent()? };
    dir.ancestors().find(|ancestor| ancestor.join(".git").exists())?;
    parse_status(&git_status(dir)?)
}

/// Runs one `git status`; none when git is missing, fails or takes too long.
fn git_status(dir: &Path) -> Option<String> {
    let mut git = Command::new("git");
    git.args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-C"]).arg(dir);
    git.args(["status", "--porcelain=v2", "--branch", "--", "."]);
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(variable);
    }
    let mut child = git.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let read = stdout.read_to_end(&mut text);
        // Nobody waits any more when it took too long.
        let _ = sender.send(read.map(|_| String::from_utf8_lossy(&text).into_owned()));
    });
    let answer = receiver.recv_timeout(GIT_TIMEOUT);
    if answer.is_err() {
        // It may have ended meanwhile, which is as good.
        let _ = child.kill();
    }
    let status = child.wait().ok()?;
    answer.ok()?.ok().filter(|_| status.success())
}

fn parse_status(status: &str) -> Option<String> {
    let revision = status.lines().find_map(|line| line.strip_prefix("# branch.oid "))?;
    let revision = if revision == "(initial)" { return None } else { revision };
    let dirty = status.lines().any(|line| !line.starts_with('#'));
    Some(if dirty { format!("{revision}+dirty") } else { revision.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn the_command_reads_as_a_shell_would_and_without_secrets() {
        assert_eq!(command_line(&words(&["uptime | wc -l"])), "uptime | wc -l");
        assert_eq!(command_line(&words(&["echo", "a b", "it's", ""])), r"echo 'a b' 'it'\''s' ''");
        assert_eq!(command_line(&words(&["tool", "--password", "x"])), "tool --password ***");
        assert_eq!(command_line(&words(&["PGPASSWORD=x psql"])), "PGPASSWORD=*** psql");
    }

    #[test]
    fn the_header_names_the_inventory_by_hash_and_hides_known_secrets() {
        let file = LoadedFile { path: "hosts.yml".into(), sha256: "abc".into() };
        let header = header(Intent {
            verb: Verb::Exec,
            name: None,
            command: &words(&["echo", "hunter2"]),
            inventory: &[file],
            pattern: "all",
            hosts: vec!["a".into()],
            forks: 2,
            secrets: &["hunter2".to_owned()],
        });
        assert_eq!(header.command, "echo ***");
        assert_eq!(header.inventory, [SourceHash { path: "hosts.yml".into(), sha256: "abc".into() }]);
        assert_eq!((header.invoker.pid, header.revision), (std::process::id(), None));
        assert!(!header.invoker.user.is_empty() && !header.invoker.controller.is_empty());
    }

    #[test]
    fn the_revision_says_whether_anything_differs() {
        let clean = "# branch.oid 0123abc\n# branch.head main\n";
        assert_eq!(parse_status(clean).unwrap(), "0123abc");
        assert_eq!(parse_status(&format!("{clean}? new.yml\n")).unwrap(), "0123abc+dirty");
        assert_eq!(parse_status("# branch.oid (initial)\n"), None);
        let here = revision(Some(Path::new(env!("CARGO_MANIFEST_DIR"))));
        assert!(here.is_none_or(|revision| revision.len() >= 40));
    }
}
