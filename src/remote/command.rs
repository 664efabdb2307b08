//! What is run on a host.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::Arc;

use super::encode;
use super::program;

/// A command with its surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What is run.
    pub program: Program,
    /// Added to the environment.
    pub env: Vec<(String, OsString)>,
    /// Working directory; relative to the login directory.
    pub chdir: Option<String>,
}

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// Exactly these words; no shell looks at them.
    Argv(Vec<OsString>),
    /// A line for a shell.
    Line {
        /// The shell, `/bin/sh` unless told.
        shell: String,
        /// The line.
        line: OsString,
    },
    /// A local script, run by its own interpreter.
    Script(Script),
    /// A program of ours for `sh`, whose text no list of processes shows.
    Source {
        /// Its text, one part behind the other.
        text: Vec<Part>,
        /// Its arguments, `$1` and on; they are shown.
        words: Vec<OsString>,
    },
}

/// A part of a program's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// This program's own.
    Own(String),
    /// One that many programs have: a persistent shell gets it once. Printable ASCII without a line `.`; the same
    /// allocation each time.
    Common(Arc<str>),
}

impl Part {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Own(text) => text,
            Self::Common(text) => text,
        }
    }
}

/// A common part and the variable that a shell keeps it in.
pub(super) type KeptText = (String, Arc<str>);

/// The common parts that a shell has been sent: the first stands in its variable `k1`.
#[derive(Debug, Default)]
pub(super) struct Kept(Vec<Arc<str>>);

impl Kept {
    /// Takes the common parts of `command` that are not there yet; returns each with its variable.
    pub(super) fn add(&mut self, command: &Command) -> Vec<KeptText> {
        let Program::Source { text, .. } = &command.program else { return Vec::new() };
        let mut new = Vec::new();
        for part in text {
            let Part::Common(part) = part else { continue };
            if self.variable(part).is_none() && encode::is_plain_text(part.as_bytes()) {
                self.0.push(Arc::clone(part));
                new.push((format!("k{}", self.0.len()), Arc::clone(part)));
            }
        }
        new
    }

    fn variable(&self, part: &Arc<str>) -> Option<String> {
        let index = self.0.iter().position(|known| Arc::ptr_eq(known, part))?;
        Some(format!("k{}", index + 1))
    }
}

/// A local script and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    content: Arc<[u8]>,
    interpreter: Vec<OsString>,
    arguments: Vec<OsString>,
}

impl Script {
    /// Reads the interpreter from the first line, `sh` when there is none. An executable that is no script is run as
    /// it is.
    #[must_use]
    pub fn new(content: Vec<u8>, arguments: Vec<OsString>) -> Self {
        let interpreter = interpreter(&content);
        Self { content: content.into(), interpreter, arguments }
    }

    /// The script's bytes.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

impl Command {
    /// A command with nothing around it.
    #[must_use]
    pub fn new(program: Program) -> Self {
        Self { program, env: Vec::new(), chdir: None }
    }

    /// The frame's script: sets directory, file, words and environment, in a shell that then becomes the command.
    /// `uploaded` names the file on the host that holds a script too large for a frame; `kept` tells which parts its
    /// shell has already.
    ///
    /// The environment comes last, so that no variable of the user's can change what is done here.
    pub(super) fn frame(&self, uploaded: Option<&str>, kept: &Kept) -> String {
        let mut frame = String::new();
        if let Program::Script(script) = &self.program {
            script_file(&mut frame, script, uploaded);
        }
        if let Some(directory) = &self.chdir {
            line(&mut frame, &encode::assign("v", directory.as_bytes()));
            line(&mut frame, "CDPATH= cd -- \"$v\" || exit");
        }
        let mut words = String::new();
        for (index, word) in self.words().iter().enumerate() {
            words.push(' ');
            match word {
                Word::Text(text) => words.push_str(&operand(&mut frame, &format!("w{index}"), text.as_bytes())),
                Word::ScriptFile => words.push_str("\"$q\""),
            }
        }
        if matches!(self.program, Program::Script(_)) {
            line(&mut frame, &format!("set --{words}"));
            line(&mut frame, REMOVE_AFTERWARDS);
            " \"$@\"".clone_into(&mut words);
        }
        line(&mut frame, &format!("set -- ${{x:+\"$x\"}}{words}"));
        self.environment(&mut frame, kept);
        frame
    }

    /// Puts all values in front of the words, then exports them one by one: no variable is used while others are set.
    fn environment(&self, frame: &mut String, kept: &Kept) {
        let mut names: Vec<&str> = Vec::new();
        let mut values = String::from("set --");
        for (index, (name, value)) in self.env.iter().enumerate() {
            values.push(' ');
            values.push_str(&operand(frame, &format!("v{index}"), value.as_bytes()));
            names.push(name);
        }
        if let Program::Source { text, .. } = &self.program {
            values.push(' ');
            values.push_str(&source(frame, text, kept));
            names.push(SOURCE);
        }
        values.push_str(" \"$@\"");
        line(frame, &values);
        for name in names {
            line(frame, &format!("export {name}=\"$1\"; shift"));
        }
    }

    /// Whether the command may stand in the environment of the shell that starts it: no more than words, which the
    /// host shows in its list of processes anyway, or a text of ours with them.
    pub(super) fn may_go_ahead(&self) -> bool {
        self.env.is_empty() && !matches!(self.program, Program::Script(_))
    }

    /// Whether the script must be uploaded before the frame is sent.
    pub(super) fn upload(&self) -> Option<&Arc<[u8]>> {
        match &self.program {
            Program::Script(script) if script.content.len() > FRAME_LIMIT => Some(&script.content),
            _ => None,
        }
    }

    fn words(&self) -> Vec<Word> {
        let text = |words: &[OsString]| words.iter().cloned().map(Word::Text).collect::<Vec<_>>();
        match &self.program {
            // `exec` keeps the loop's own functions and builtins out of the way.
            Program::Argv(words) => {
                let mut all = text(&["/bin/sh".into(), "-c".into(), "exec \"$@\"".into(), "sh".into()]);
                all.extend(text(words));
                all
            }
            Program::Line { shell, line } => text(&[shell.into(), "-c".into(), line.clone()]),
            Program::Script(script) => {
                let mut all = text(&script.interpreter);
                all.push(Word::ScriptFile);
                all.extend(text(&script.arguments));
                all
            }
            Program::Source { words, .. } => {
                let mut all = text(&["/bin/sh".into(), "-c".into(), RUN_SOURCE.into(), "opsctl".into()]);
                all.extend(text(words));
                all
            }
        }
    }
}

enum Word {
    Text(OsString),
    /// Where the script stands on the host.
    ScriptFile,
}

/// The variable that carries the text of a [`Program::Source`] as far as its shell.
const SOURCE: &str = "OPSCTL_SOURCE";

/// Runs the text after it has taken it out of the environment.
const RUN_SOURCE: &str = r#"eval "unset OPSCTL_SOURCE;$OPSCTL_SOURCE""#;

/// What stands for `bytes` in a shell's command: themselves in quotes, or the variable `name`, which is set first.
fn operand(frame: &mut String, name: &str, bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if encode::is_plain_text(bytes) => encode::quote(text),
        _ => {
            line(frame, &encode::assign(name, bytes));
            format!("\"${{{name}}}\"")
        }
    }
}

/// What stands for a text of these parts in a shell's command, as one word.
fn source(frame: &mut String, text: &[Part], kept: &Kept) -> String {
    let mut whole = String::new();
    for (index, part) in text.iter().enumerate() {
        let common = match part {
            Part::Common(part) => kept.variable(part),
            Part::Own(_) => None,
        };
        let operand = match common {
            Some(variable) => format!("\"${{{variable}}}\""),
            None => operand(frame, &format!("y{index}"), part.as_str().as_bytes()),
        };
        whole.push_str(&operand);
    }
    if whole.is_empty() { "''".to_owned() } else { whole }
}

/// Scripts up to this size, in bytes, travel inside the frame; the host reads frames byte by byte.
const FRAME_LIMIT: usize = 32 * 1024;

/// Where there is no `/dev/fd`, the script keeps its name (in `$t`) while it runs.
const REMOVE_AFTERWARDS: &str =
    r#"[ -z "$t" ] || set -- /bin/sh -c 'f=$1; shift; "$@"; r=$?; rm -f "$f"; exit "$r"' sh "$t" "$@""#;

fn line(frame: &mut String, text: &str) {
    frame.push_str(text);
    frame.push('\n');
}

/// Writes the script into a file of ours, opens it as descriptor 9 and removes its name before it runs, so that
/// nothing can be left behind.
fn script_file(frame: &mut String, script: &Script, uploaded: Option<&str>) {
    if let Some(path) = uploaded {
        line(frame, &format!("t={}", encode::quote(path)));
    } else {
        line(frame, &create_file(&program::random_hex()));
        line(frame, &format!("printf %b '{}' >>\"$t\" || exit", encode::escape(&script.content)));
    }
    line(frame, "chmod 700 \"$t\"; exec 9<\"$t\"");
    line(frame, "if [ -e /dev/fd/9 ]; then rm -f \"$t\"; t= q=/dev/fd/9; else q=$t; fi");
}

/// Shell text that leaves the path of a new, empty, private file in `$t`, in the first directory that takes one.
pub(super) fn create_file(token: &str) -> String {
    format!(
        "t=; for v in \"${{TMPDIR:-/tmp}}\" /tmp /var/tmp /dev/shm \"$HOME\"; do t=$v/.opsctl-{token}; \
         (umask 077; set -C; : >\"$t\") && break; t=; done; \
         [ \"$t\" ] || {{ echo 'no directory takes a temporary file (tried TMPDIR, /tmp, /var/tmp, /dev/shm, HOME)' >&2; exit 1; }}"
    )
}

fn interpreter(content: &[u8]) -> Vec<OsString> {
    if content.starts_with(b"\x7fELF") {
        return Vec::new();
    }
    let first = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Some(rest) = first.strip_prefix(b"#!") else { return vec!["/bin/sh".into()] };
    let rest = rest.trim_ascii();
    // The kernel passes all that follows the interpreter as one argument.
    let split = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let (program, argument) = rest.split_at(split);
    [program, argument.trim_ascii()]
        .into_iter()
        .filter(|word| !word.is_empty())
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreter_comes_from_the_first_line() {
        let words = |content: &str| interpreter(content.as_bytes());
        assert_eq!(words("echo hi"), ["/bin/sh"]);
        assert_eq!(words("#!/usr/bin/env python3\nprint()"), ["/usr/bin/env", "python3"]);
        assert_eq!(words("#! /usr/bin/awk -f -x \n"), ["/usr/bin/awk", "-f -x"]);
        assert!(words("\x7fELF…").is_empty());
    }

    #[test]
    fn frames_have_no_line_that_is_a_full_stop() {
        let mut command = Command::new(Program::Argv(vec![".".into(), "\n.\n".into(), "".into()]));
        command.chdir = Some("\n.\n".into());
        command.env.push(("A".into(), "\n.\n".into()));
        assert!(command.frame(None, &Kept::default()).lines().all(|line| line != "."));
    }
}
