//! The scripts of transfers, and how names get into them.

use std::ffi::OsString;
use std::fmt::Write as _;

use crate::remote::command::{Command, Program, Script};
use crate::remote::{encode, program};

/// A script up to this size, in bytes, goes into the frame as a word.
const WORD_LIMIT: usize = 16 * 1024;

/// Names given to one call of a script's function.
const NAMES: usize = 64;

/// Bytes of names given to one call of a script's function.
const NAME_BYTES: usize = 16 * 1024;

/// A command that runs the common functions and then `body`, with `arguments`.
pub(super) fn command(body: &str, arguments: Vec<OsString>) -> Command {
    let text = program::strip(include_str!("common.sh")) + &program::strip(body);
    script_command(text, arguments)
}

/// As [`command`], with generated `calls` behind the body.
pub(super) fn command_with_calls(body: &str, calls: &str, arguments: Vec<OsString>) -> Command {
    let text = program::strip(include_str!("common.sh")) + &program::strip(body) + calls;
    script_command(text, arguments)
}

fn script_command(text: String, arguments: Vec<OsString>) -> Command {
    if text.len() > WORD_LIMIT {
        return Command::new(Program::Script(Script::new(text.into_bytes(), arguments)));
    }
    let mut words: Vec<OsString> = ["/bin/sh", "-c", &text, "opsctl"].into_iter().map(OsString::from).collect();
    words.extend(arguments);
    Command::new(Program::Argv(words))
}

/// Calls of shell functions, with any bytes as their words.
#[derive(Default)]
pub(super) struct Calls(String);

impl Calls {
    /// Adds one call.
    pub(super) fn call(&mut self, function: &str, words: &[&[u8]]) {
        let mut line = function.to_owned();
        for (index, word) in words.iter().enumerate() {
            if encode::is_plain_word(word) {
                let text = std::str::from_utf8(word).expect("plain bytes are ASCII");
                write!(line, " '{text}'").expect("a String takes every write");
            } else {
                self.line(&encode::assign(&format!("w{index}"), word));
                write!(line, " \"$w{index}\"").expect("a String takes every write");
            }
        }
        self.line(&line);
    }

    /// Adds one call with a first word and names.
    pub(super) fn call_with<'a>(&mut self, function: &str, first: &'a [u8], names: impl IntoIterator<Item = &'a [u8]>) {
        let words: Vec<&[u8]> = std::iter::once(first).chain(names).collect();
        self.call(function, &words);
    }

    /// Adds a line as it is.
    pub(super) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    pub(super) fn text(self) -> String {
        self.0
    }
}

/// Cuts `items` into runs for one call each: neighbours of the same key, not too many.
pub(super) fn batches<T, K: PartialEq>(
    items: &[T],
    key: impl Fn(&T) -> K,
    name: impl Fn(&T) -> &[u8],
) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let first = key(rest.first()?);
        let mut bytes = 0;
        let fits = |item: &T| {
            bytes += name(item).len();
            key(item) == first && bytes <= NAME_BYTES
        };
        let length = rest.iter().take(NAMES).map(fits).take_while(|fits| *fits).count();
        let (batch, left) = rest.split_at(length.max(1));
        rest = left;
        Some(batch)
    })
}
