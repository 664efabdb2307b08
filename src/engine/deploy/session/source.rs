//! Programs for a host's shell, and how their words, secrets and input get to it.
//!
//! Pure.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::common;
use crate::remote::{Command, Part, Program, Script};

/// The variables that carry secrets begin with this.
pub(super) const SECRET: &str = "OPSCTL_SECRET_";

/// The variable that carries a short standard input.
const INPUT: &str = "OPSCTL_INPUT";

/// Most that a program and its words may hold as parts of a frame, in bytes; larger ones become a file on the host.
const FRAME_LIMIT: usize = 48 * 1024;

/// Longest word of a command line, in bytes: Linux takes no more than 128 KiB.
const WORD_LIMIT: usize = 100 * 1024;

/// Most that goes along in the frame as standard input, in bytes as the host reads them.
const INPUT_LIMIT: usize = 24 * 1024;

/// Pipes the input to what follows. `printf` that is no part of the shell would show it in the list of processes.
const FEED: &str = r#"
case $(command -v printf) in printf) ;; *) echo "$opsctl_t input"; exit ;; esac
opsctl_c=$OPSCTL_INPUT
unset OPSCTL_INPUT
printf %s "$opsctl_c" 2>/dev/null | (
unset opsctl_c
"#;

/// Closes [`FEED`].
const FED: &str = ")";

/// What a host answers whose shell would show the input in its list of processes.
const NOT_HERE: &str = "input";

/// A program for `sh` with its surroundings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    /// Its text, one part behind the other.
    pub text: Vec<Part>,
    /// Its arguments, `$1` and on.
    pub words: Vec<OsString>,
    /// Added to its environment.
    pub env: Vec<(String, OsString)>,
}

impl Source {
    /// The command that runs it.
    pub(super) fn command(self) -> Command {
        let longest = self.words.iter().map(|word| word.len()).max().unwrap_or(0);
        let size = self.text.iter().map(|part| part.as_str().len()).sum::<usize>()
            + self.words.iter().map(|word| word.len()).sum::<usize>();
        let program = if longest > WORD_LIMIT {
            Program::Script(Script::new(with_words(&self.whole_text(), &self.words), Vec::new()))
        } else if size > FRAME_LIMIT {
            Program::Script(Script::new(self.whole_text().into_bytes(), self.words))
        } else {
            Program::Source { text: self.text, words: self.words }
        };
        Command { program, env: self.env, chdir: None }
    }

    /// A script of ours, as hosts keep it.
    pub(super) fn of_script(script: &'static str, words: Vec<OsString>) -> Self {
        Self { text: vec![Part::Common(common::script(script))], words, env: Vec::new() }
    }

    /// All of its text.
    pub(super) fn whole_text(&self) -> String {
        self.text.iter().map(Part::as_str).collect()
    }

    /// Lets it read `input`, which travels along. `token` closes the answer of a host that cannot do that unseen.
    pub(super) fn with_input(mut self, input: &[u8], token: &str) -> Self {
        let token = Part::Own(format!("opsctl_t={token}\n"));
        self.text.splice(0..0, [token, Part::Common(common::script(FEED))]);
        self.text.push(Part::Common(common::script(FED)));
        self.env.push((INPUT.to_owned(), OsStr::from_bytes(input).to_owned()));
        self
    }
}

/// Whether `input` may travel along with the program that reads it: it is short, and a variable can hold it.
pub(super) fn may_travel(input: &[u8]) -> bool {
    let size = |byte: &u8| match byte {
        b' '..=b'~' | b'\n' => 1,
        _ => 5,
    };
    !input.contains(&0) && input.iter().map(size).sum::<usize>() <= INPUT_LIMIT
}

/// Whether the host has refused to take its input from the frame.
pub(super) fn refused_input(stdout: &[u8], token: &str) -> bool {
    stdout == format!("{token} {NOT_HERE}\n").as_bytes()
}

/// Whether a shell takes `name` as the name of a variable.
pub(super) fn is_variable(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(is_letter) && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
}

pub(super) fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// The program with its words inside of it.
fn with_words(text: &str, words: &[OsString]) -> Vec<u8> {
    let mut script = b"set --".to_vec();
    for word in words {
        script.extend(b" '");
        for byte in word.as_bytes() {
            match byte {
                b'\'' => script.extend(br"'\''"),
                _ => script.push(*byte),
            }
        }
        script.push(b'\'');
    }
    script.push(b'\n');
    script.extend(text.as_bytes());
    script
}

/// The shells that hosts have for `/bin/sh`.
#[cfg(test)]
pub(super) const SHELLS: [&[&str]; 5] = [&["dash"], &["bash"], &["busybox", "ash"], &["ksh"], &["mksh"]];

/// Runs a program as a host with this shell does.
#[cfg(test)]
pub(super) fn run_in(shell: &[&str], source: &Source) -> std::process::Output {
    let mut command = std::process::Command::new(shell[0]);
    command.args(&shell[1..]).arg("-c").arg(source.whole_text()).arg("opsctl").args(&source.words);
    command.envs(source.env.iter().cloned()).stdin(std::process::Stdio::null()).output().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_that_travels_along_arrives_or_is_refused_in_every_shell() {
        let input = "it's $x \\n\n\n\u{e4}".as_bytes();
        for shell in SHELLS {
            let source =
                Source { text: vec![Part::Own("cat; exit 3".into())], ..Source::default() }.with_input(input, "token");
            let output = run_in(shell, &source);
            // mksh has no printf of its own.
            if shell == ["mksh"] {
                assert!(refused_input(&output.stdout, "token"));
            } else {
                assert_eq!((output.stdout.as_slice(), output.status.code()), (input, Some(3)), "{shell:?}");
            }
        }
    }

    #[test]
    fn what_is_no_name_of_a_variable_is_known() {
        assert!(["A", "_", "http_proxy", "a1"].into_iter().all(is_variable));
        assert!(!["", "1a", "a-b", "a b", "a;b", "ä"].into_iter().any(is_variable));
    }

    #[test]
    #[expect(clippy::large_stack_arrays, reason = "it is a test")]
    fn only_short_text_travels_along() {
        assert!(may_travel(b"") && may_travel(&[b'a'; 20_000]) && may_travel("ä\n".as_bytes()));
        assert!(!may_travel(b"a\0b") && !may_travel(&[b'a'; 30_000]) && !may_travel(&[0xff; 6000]));
    }

    #[test]
    fn size_decides_how_a_program_travels() {
        let command = |text: usize, word: usize| {
            let text = vec![Part::Own("#".repeat(text))];
            Source { text, words: vec!["x".repeat(word).into()], env: Vec::new() }.command().program
        };
        assert!(matches!(command(10, 10), Program::Source { .. }));
        assert!(matches!(command(60_000, 10), Program::Script(_)));
        assert!(
            matches!(command(10, 200_000), Program::Script(script) if script.content().starts_with(b"set -- 'xxx"))
        );
    }
}
