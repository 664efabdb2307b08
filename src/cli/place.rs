//! `PATTERN:PATH`: hosts, and a place on each of them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use anyhow::anyhow;
use clap::Arg;

use super::CliError;
use super::run_args::OutputArgs;

/// Hosts, and a path on each of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// The host pattern.
    pub pattern: String,
    /// The path, for the host to understand.
    pub path: OsString,
}

impl Place {
    /// Splits `text` at the first colon that `/`, `./`, `../` or `~` follows, or else at the last: patterns may hold
    /// colons themselves.
    ///
    /// # Errors
    /// When there is no colon, nothing on one side of it, or a pattern that is not UTF-8; `example` shows the right form.
    pub fn parse(text: &OsStr, example: &str) -> Result<Self, CliError> {
        let bytes = text.as_bytes();
        let wrong = |what: &str| {
            CliError::usage(anyhow!("`{}`: {what}", text.to_string_lossy())).hint(format!("for example: {example}"))
        };
        let colons = || memchr::memchr_iter(b':', bytes);
        let place = colons()
            .find(|place| begins_a_path(&bytes[place + 1..]))
            .or_else(|| colons().next_back())
            .ok_or_else(|| wrong("which hosts, and where on them, is said as PATTERN:PATH"))?;
        let (pattern, path) = (&bytes[..place], &bytes[place + 1..]);
        if pattern.is_empty() {
            return Err(wrong("no host pattern before the colon"));
        }
        if path.is_empty() {
            return Err(wrong("no path after the colon"));
        }
        if path.contains(&0) {
            return Err(wrong("a path cannot hold a NUL"));
        }
        let pattern = std::str::from_utf8(pattern).map_err(|_| wrong("the host pattern is not UTF-8"))?;
        Ok(Self { pattern: pattern.to_owned(), path: OsString::from_vec(path.to_vec()) })
    }
}

/// Whether `text` can only be a path: a pattern's `~` begins a regular expression, a path's a user's home.
fn begins_a_path(text: &[u8]) -> bool {
    if let Some(user) = text.strip_prefix(b"~") {
        let user = user.split(|byte| *byte == b'/').next().unwrap_or_default();
        return user.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    }
    [&b"/"[..], b"./", b"../"].iter().any(|start| text.starts_with(start))
}

/// Options of `exec` that are about a command's output or exit code.
const FOR_EXEC: [&str; 5] = ["stream", "diff_output", "fields", "passthrough", "maxrc"];

/// Leaves out of the help what [`refuse_what_is_for_exec`] refuses.
pub fn hide_what_is_for_exec(arg: Arg) -> Arg {
    let hidden = FOR_EXEC.contains(&arg.get_id().as_str());
    arg.hide(hidden)
}

/// Refuses options that mean nothing where no command runs.
///
/// # Errors
/// When one of them was given.
pub fn refuse_what_is_for_exec(output: &OutputArgs) -> Result<(), CliError> {
    let given = [
        ("--stream", output.stream),
        ("--diff", output.diff_output),
        ("--fields", output.fields),
        ("--passthrough", output.passthrough),
        ("--maxrc", output.maxrc),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(CliError::usage(anyhow!("{name} goes with `opsctl exec` only: here no command runs"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_begins_behind_the_right_colon() {
        for (text, pattern, path) in [
            ("web:/etc/hosts", "web", "/etc/hosts"),
            ("web:&staging:!web3:/etc/a:b", "web:&staging:!web3", "/etc/a:b"),
            ("web,db[1:3]:/x", "web,db[1:3]", "/x"),
            ("web:db:~/x", "web:db", "~/x"),
            ("web:~", "web", "~"),
            ("web:~deploy/app", "web", "~deploy/app"),
            ("web:~db\\d+:/x", "web:~db\\d+", "/x"),
            ("~web.*:./x", "~web.*", "./x"),
            ("web:db:../x", "web:db", "../x"),
            ("web:db:conf/x", "web:db", "conf/x"),
            ("::1:/x", "::1", "/x"),
            ("/root:/x", "/root", "/x"),
        ] {
            let place = Place::parse(OsStr::new(text), "").unwrap();
            assert_eq!((&*place.pattern, place.path.to_str().unwrap()), (pattern, path), "{text}");
        }
    }

    #[test]
    fn what_is_not_hosts_and_a_path_is_refused_with_an_example() {
        for text in ["web", "/etc/hosts", ":/x", "web:", ""] {
            let error = Place::parse(OsStr::new(text), "opsctl copy a web:/a").unwrap_err();
            assert_eq!(
                (error.code, &*error.hints[0]),
                (crate::cli::ExitCode::Usage, "for example: opsctl copy a web:/a")
            );
        }
    }
}
