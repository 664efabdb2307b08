//! The shell programs that a host runs, and the line that starts them.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::command::KeptText;
use super::encode::{assign, quote};
use crate::transport::AHEAD;

/// Reads a program from standard input up to a line with a full stop, and runs it.
///
/// One line without newline, `!` or nested quotes: login shells other than POSIX ones (csh, fish) must pass it on
/// whole. Reading is byte by byte, as POSIX `read` must, so nothing behind the program is swallowed. No variable of the
/// environment is run or even read.
const BOOT: &str = concat!(
    r#"s=;n=$(echo;echo .);n=${n%.};"#,
    r#"while IFS= read -r l||exit;do [ "$l" = . ]&&break;s=$s$l$n;done;eval "$s""#
);

static LOOP: LazyLock<String> = LazyLock::new(|| strip(include_str!("loop.sh")));
static DIRECT: LazyLock<String> = LazyLock::new(|| strip(include_str!("direct.sh")));

/// The command line that starts a POSIX shell waiting for one of the programs.
#[must_use]
pub(super) fn boot_line() -> String {
    format!("exec /bin/sh -c '{BOOT}'")
}

/// The command line that runs a program which came ahead in the environment, or else waits for one.
///
/// The program counts only if it begins with `token`, which nobody knew before: a variable that was there already,
/// from whomever, is not run.
#[must_use]
pub(super) fn boot_line_ahead(token: &str) -> String {
    format!("exec /bin/sh -c 'p=${AHEAD};unset {AHEAD};case $p in T={token}*)eval \"$p\";exit;;esac;unset p;{BOOT}'")
}

/// The words of [`boot_line`], for `sudo` and its like.
#[must_use]
pub(super) fn boot_words() -> String {
    format!("/bin/sh -c '{BOOT}'")
}

/// What is written first to a channel that shall become a persistent shell, which keeps the `kept` texts.
#[must_use]
pub(super) fn loop_program(nonce: &str, kept: &[KeptText]) -> String {
    format!("N='{nonce}'\nA=\n{}{}.\n", assigned(kept), *LOOP)
}

/// The loop with its first command, for the environment of [`boot_line_ahead`]; if both come in the input as well, they are skipped there.
#[must_use]
pub(super) fn ahead(token: &str, nonce: &str, first: &First<'_>) -> String {
    let First { id, armed, frame, kept } = first;
    format!("T={token}\nN='{nonce}' R='{id} {armed}' A={}\n{}{}", quote(frame), assigned(kept), *LOOP)
}

/// A shell's first command, as [`ahead`] sends it.
pub(super) struct First<'a> {
    pub id: u64,
    /// Its limits.
    pub armed: &'a str,
    pub frame: &'a str,
    /// Texts that the shell keeps, each with its variable.
    pub kept: &'a [KeptText],
}

fn assigned(kept: &[KeptText]) -> String {
    kept.iter().fold(String::new(), |mut lines, (name, text)| {
        writeln!(lines, "{}", assign(name, text.as_bytes())).expect("a String takes every write");
        lines
    })
}

/// What is written first to a channel that shall run the one command of `frame`.
#[must_use]
pub(super) fn direct_program(nonce: &str, id: u64, frame: &str) -> String {
    format!("N='{nonce}' I={id}\n{}.\n{frame}.\n", *DIRECT)
}

/// Makes a fresh marker nonce: a record separator (0x1e) and 128 random bits in hexadecimal.
#[must_use]
pub(super) fn nonce() -> String {
    format!("\u{1e}{}", random_hex())
}

/// Returns 128 random bits in hexadecimal.
///
/// # Panics
/// Panics when the system has no source of randomness.
#[must_use]
pub fn random_hex() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("the system has a source of randomness");
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}

/// Drops comment lines, empty lines and indentation: the host reads the program byte by byte.
#[must_use]
pub fn strip(source: &str) -> String {
    source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).fold(
        String::new(),
        |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_hold_no_line_that_ends_them_early() {
        for program in [&*LOOP, &*DIRECT] {
            assert!(program.lines().all(|line| line != "."));
            assert!(program.len() < 4096, "{} bytes are read one by one", program.len());
        }
    }

    #[test]
    fn a_plain_boot_line_runs_no_variable() {
        assert!(!boot_line().contains(AHEAD) && !boot_words().contains(AHEAD));
    }

    #[test]
    fn boot_line_passes_through_any_login_shell() {
        assert!(!BOOT.contains(['\'', '!', '\n']));
        let line = boot_line_ahead(&random_hex());
        assert!(line.matches('\'').count() == 2 && !line.contains(['!', '\n']));
    }
}
