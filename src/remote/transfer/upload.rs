//! A local file or tree to one place on a host.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::sync::{Arc, Mutex};

use super::archive::Archive;
use super::digest::Algorithm;
use super::exchange::{Exchange, failed};
use super::manifest::Manifest;
use super::mode::{listed_mode, octal, symbolic_mode};
use super::source::{Content, Source, SourceFile, Tree};
use super::{Transferred, script};
use crate::event::Failure;
use crate::remote::command::Command;
use crate::remote::program;
use crate::remote::running::{Limits, StopSignal};
use crate::remote::shell::Shell;

/// Longest answer about one file, in bytes.
const ANSWER_LIMIT: usize = 1024;

/// What comes before the random part of a temporary name.
const TOKEN_MARK: &str = ".opsctl-";

/// The length of that part, in hexadecimal digits.
const TOKEN_LENGTH: usize = 32;

const ASK_FILE: &str = include_str!("ask_file.sh");
const PUT_FILE: &str = include_str!("put_file.sh");
const CONTENT_IS_INPUT: &str = "content() {\ncat\n}\n";

/// A source and where it goes.
#[derive(Debug)]
pub struct Upload {
    source: Source,
    destination: OsString,
    parents: bool,
}

impl Upload {
    /// Plans to copy `source` to `destination`, a path on each host.
    ///
    /// A file goes inside a `destination` that is a directory or ends in a slash, under its own name. A tree goes inside
    /// one that ends in a slash; else `destination` names the tree itself. `parents` has missing directories made.
    #[must_use]
    pub fn new(source: Source, destination: OsString, parents: bool) -> Self {
        Self { source, destination, parents }
    }

    /// The question that begins the transfer; for a short file all of it, with the content.
    #[must_use]
    pub fn first_command(&self) -> Command {
        match &self.source.content {
            Content::File(file) => match &file.short {
                Some(content) => self.whole_file(file, content),
                None => script::command(ASK_FILE, [self.place(), file_words(file)].concat()),
            },
            Content::Tree(tree) => Manifest::question(tree, self.place()),
        }
    }

    /// Makes the destination on the host of `shell` like the source.
    pub async fn run(&self, shell: &mut Shell, limits: Limits, stop: &mut StopSignal) -> Transferred {
        let exchange = Exchange::new(shell, limits, stop);
        let done = match &self.source.content {
            Content::File(file) => self.copy_file(file, exchange).await,
            Content::Tree(tree) => self.copy_tree(tree, exchange).await,
        };
        done.map_or_else(|ended| ended, |changed| Transferred::Done { changed })
    }

    async fn copy_file(&self, file: &SourceFile, mut exchange: Exchange<'_>) -> Result<bool, Transferred> {
        let answer = exchange.ask(&self.first_command(), ANSWER_LIMIT).await.map_err(without_tokens)?;
        let words: Vec<&str> = answer.split_whitespace().collect();
        match words[..] {
            ["sha256" | "cksum", "1", mode] if symbolic_mode(mode) == Some(file.mode) => return Ok(false),
            ["sha256" | "cksum", "0" | "1", .., "put"] => return Ok(true),
            ["sha256" | "cksum", "1", _] => {
                let words = [self.place(), vec![octal(file.mode)]].concat();
                exchange.ask(&script::command(include_str!("set_mode.sh"), words), ANSWER_LIMIT).await?;
                return Ok(true);
            }
            ["sha256" | "cksum", "0", ..] => {}
            _ => return Err(failed(format!("the host answered {answer:?}, which is none"))),
        }
        let input = File::open(&file.path).map_err(|error| failed(format!("{}: {error}", file.path.display())))?;
        let words = [self.place(), file_words(file), vec![program::random_hex().into()]].concat();
        let command = script::command(&[CONTENT_IS_INPUT, PUT_FILE].concat(), words);
        // A file that has grown since it was read shall not be sent for ever.
        let fed = exchange.feed(&command, Box::new(input.take(file.size + 1))).await;
        fed.map(|()| true).map_err(without_tokens)
    }

    /// One command that compares, and copies what differs: it takes no more round trips than any other.
    fn whole_file(&self, file: &SourceFile, content: &str) -> Command {
        let token = vec![program::random_hex().into(), listed_mode(file.mode).into()];
        let words = [self.place(), file_words(file), token].concat();
        let mut command = script::command(&[ASK_FILE, include_str!("keep_file.sh"), PUT_FILE].concat(), words);
        command.env.push(("OPSCTL_CONTENT".into(), content.into()));
        command
    }

    async fn copy_tree(&self, tree: &Arc<Tree>, mut exchange: Exchange<'_>) -> Result<bool, Transferred> {
        let answer = exchange.ask(&self.first_command(), Manifest::answer_limit(tree)).await?;
        let manifest = Manifest::read(tree, &answer).map_err(failed)?;
        if manifest.is_same() {
            return Ok(false);
        }
        if !manifest.host_has_tar {
            return Err(failed("the host has no tar, which a directory needs; copy its files one by one"));
        }
        let state = if manifest.root_exists { "dir" } else { "missing" };
        let words = [self.place(), vec![state.into(), program::random_hex().into()]].concat();
        let command = script::command(include_str!("put_tree.sh"), words);
        let (script, chosen) = (manifest.script(tree), manifest.chosen(tree));
        let archive = Archive::new(Arc::clone(tree), &script, chosen).map_err(|error| failed(error.to_string()))?;
        let trouble = Trouble::default();
        let input = Watched { inner: archive, trouble: trouble.clone() };
        let fed = exchange.feed(&command, Box::new(input)).await;
        // What went wrong here explains what the host says about it.
        match (fed, trouble.take()) {
            (Err(Transferred::Failed(_)), Some(error)) => Err(failed(format!("the source cannot be read: {error}"))),
            (fed, _) => fed.map(|()| true).map_err(without_tokens),
        }
    }

    /// The words that say where: destination, own name, whether parents are made.
    fn place(&self) -> Vec<OsString> {
        let parents = if self.parents { "1" } else { "" };
        vec![self.destination.clone(), self.source.name.clone(), parents.into()]
    }
}

fn file_words(file: &SourceFile) -> Vec<OsString> {
    let sums = [Algorithm::Sha256, Algorithm::Cksum].map(|algorithm| file.digest.of(algorithm).into());
    [vec![octal(file.mode)], sums.to_vec(), vec![file.size.to_string().into()]].concat()
}

/// Takes random names out of a message, so that hosts which failed alike say so alike.
fn without_tokens(ended: Transferred) -> Transferred {
    match ended {
        Transferred::Failed(failure) => {
            let mut parts = failure.message.split(TOKEN_MARK);
            let mut message = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let is_token = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
                let rest = part.split_at_checked(TOKEN_LENGTH).filter(|(token, _)| is_token(token));
                message.extend(rest.map_or([TOKEN_MARK, part, ""], |(_, rest)| [TOKEN_MARK, "*", rest]));
            }
            Transferred::Failed(Failure { message, ..failure })
        }
        other => other,
    }
}

/// Where a reader leaves the error that ended it.
#[derive(Clone, Default)]
struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    fn take(&self) -> Option<String> {
        self.0.lock().ok().and_then(|mut error| error.take())
    }
}

struct Watched<R> {
    inner: R,
    trouble: Trouble,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).inspect_err(|error| {
            if let Ok(mut trouble) = self.trouble.0.lock() {
                *trouble = Some(error.to_string());
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_no_random_part() {
        let message = |text: String| match without_tokens(failed(text)) {
            Transferred::Failed(failure) => failure.message,
            other => panic!("{other:?}"),
        };
        let token = "0f9c".repeat(8);
        let said = format!("mv: /a/.opsctl-{token}: busy; /a/.opsctl-{token}");
        assert_eq!(message(said), "mv: /a/.opsctl-*: busy; /a/.opsctl-*");
        assert_eq!(message("/a/.opsctl-backup".into()), "/a/.opsctl-backup");
    }
}
