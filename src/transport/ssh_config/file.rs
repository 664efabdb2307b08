//! Reads files of `ssh_config` into lines that need no more reading, each file once.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::Arc;

use super::Doubt;
use super::caller::Caller;
use super::condition::Condition;
use super::glob::glob;
use super::keywords::{Begin, Entry, look_up};
use super::line::{cut, words};
use super::value::{Value, read};

/// OpenSSH's limit for files that include files.
const DEPTH: usize = 16;

/// More files than anyone has; files that include each other reach it at once.
const FILES: usize = 2000;

/// More bytes than anyone writes into a file.
const BYTES: u64 = 16 << 20;

/// A file whose lines OpenSSH accepts, but for unknown directives.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Its path, as a person would write it.
    pub(super) name: String,
    /// Its lines, without empty ones and remarks.
    pub(super) lines: Vec<Line>,
}

/// A line, and where it is.
#[derive(Debug)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: usize,
    /// What it says.
    pub(super) content: Content,
}

/// What a line says.
#[derive(Debug)]
pub(super) enum Content {
    /// `Host`: patterns, each negated or not.
    Host(Vec<(bool, String)>),
    /// `Match`.
    Match(Condition),
    /// `Include`: the words, and the files that they name.
    Include(Vec<String>, Vec<Arc<File>>),
    /// A directive with its value.
    Set(&'static Entry, Value),
    /// A directive that `IgnoreUnknown` must cover, in lower case.
    Unknown(String),
}

/// Reads one line or one `-o`; none for an empty line or a remark.
pub(super) fn read_line(line: &str, caller: &Caller) -> Result<Option<Content>, String> {
    let Some(cut) = cut(line).map_err(|what| format!("a line with {what}"))? else { return Ok(None) };
    let odd = || format!("arguments of `{}` that ssh may refuse", shortened(cut.keyword));
    let arguments = words(cut.rest).ok_or_else(odd)?;
    let content = match look_up(cut.keyword) {
        None => Content::Unknown(cut.keyword.to_ascii_lowercase()),
        Some(Begin::Host) => {
            let negation = |word: &String| match word.strip_prefix('!') {
                Some(pattern) => (true, pattern.to_owned()),
                None => (false, word.clone()),
            };
            let patterns: Vec<_> = arguments.iter().map(negation).collect();
            if patterns.is_empty() || arguments.iter().any(String::is_empty) {
                return Err(odd());
            }
            Content::Host(patterns)
        }
        Some(Begin::Match) => Content::Match(Condition::read(cut.rest).ok_or_else(odd)?),
        Some(Begin::Include) => {
            // Newer versions expand tokens and variables, for each host anew.
            let plain = |word: &String| !word.is_empty() && !word.contains(['%', '$']);
            if arguments.is_empty() || !arguments.iter().all(plain) {
                return Err(odd());
            }
            Content::Include(arguments, Vec::new())
        }
        Some(Begin::Directive(entry)) => Content::Set(entry, read(entry.kind, cut.rest, caller).ok_or_else(odd)?),
    };
    Ok(Some(content))
}

/// A keyword as it may stand in a message.
fn shortened(keyword: &str) -> String {
    keyword.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// Reads a whole text, without the files that it includes.
pub(super) fn read_text(text: &[u8], name: &str, caller: &Caller) -> Result<File, Doubt> {
    let mut lines = Vec::new();
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let number = index + 1;
        let content = match std::str::from_utf8(line) {
            Ok(line) => read_line(line, caller),
            Err(_) if line.trim_ascii_start().starts_with(b"#") => Ok(None),
            Err(_) => Err("a line that is not UTF-8".to_owned()),
        };
        match content {
            Ok(Some(content)) => lines.push(Line { number, content }),
            Ok(None) => {}
            Err(what) => return Err(Doubt(format!("{what} at {name}:{number}"))),
        }
    }
    Ok(File { name: name.to_owned(), lines })
}

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// The user's, or that of `-F`: what it includes is found in `~/.ssh`.
    User,
    /// The system's: what it includes is found beside it.
    System,
}

/// Whether others must not be able to write to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// They must not.
    Checked,
    /// They may: the file was named by `-F`.
    Trusted,
}

/// Reads a file and all that it includes; none when there is no such file.
pub(super) fn load(path: &Path, side: Side, guard: Guard, caller: &Caller) -> Result<Option<Arc<File>>, Doubt> {
    Loader { side, caller, directory: path.parent().unwrap_or(Path::new("/")), count: 0 }.file(path, guard, 0)
}

struct Loader<'a> {
    side: Side,
    caller: &'a Caller,
    directory: &'a Path,
    count: usize,
}

impl Loader<'_> {
    fn file(&mut self, path: &Path, guard: Guard, depth: usize) -> Result<Option<Arc<File>>, Doubt> {
        let name = self.caller.shown(&path.display().to_string());
        self.count += 1;
        if depth > DEPTH || self.count > FILES {
            return Err(Doubt(format!("too many files that include files, at {name}")));
        }
        let Some(text) = text(path, guard, self.caller, &name)? else { return Ok(None) };
        let mut file = read_text(&text, &name, self.caller)?;
        for line in &mut file.lines {
            let Content::Include(words, files) = &mut line.content else { continue };
            for word in words {
                let pattern = self.anchored(word).ok_or_else(|| {
                    Doubt(format!("arguments of `Include` that ssh may refuse at {name}:{}", line.number))
                })?;
                let paths = glob(&pattern).ok_or_else(|| {
                    Doubt(format!("a pattern of `Include` that is not simple at {name}:{}", line.number))
                })?;
                for path in paths {
                    files.extend(self.file(&path, Guard::Checked, depth + 1)?);
                }
            }
        }
        Ok(Some(Arc::new(file)))
    }

    /// The whole path of a pattern; none when OpenSSH refuses it, or would look for another user's home.
    fn anchored(&self, word: &str) -> Option<String> {
        match (word.strip_prefix('~'), self.side) {
            (Some(rest), Side::User) if rest.starts_with('/') => {
                Some(format!("{}{rest}", self.caller.home_of_includes()?))
            }
            (Some(_), _) => None,
            (None, _) if word.starts_with('/') => Some(word.to_owned()),
            (None, Side::User) => Some(format!("{}/.ssh/{word}", self.caller.home_of_includes()?)),
            (None, Side::System) => Some(self.directory.join(word).to_str()?.to_owned()),
        }
    }
}

fn text(path: &Path, guard: Guard, caller: &Caller, name: &str) -> Result<Option<Vec<u8>>, Doubt> {
    let unreadable = |error: std::io::Error| Doubt(format!("{name} cannot be read: {error}"));
    let kind = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => found.map_err(unreadable)?.file_type(),
    };
    let null = kind.is_char_device() && path == Path::new("/dev/null");
    if !kind.is_file() && !kind.is_dir() && !null {
        return Err(Doubt(format!("{name} is not a regular file")));
    }
    let file = fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    let owned = metadata.uid() == 0 || metadata.uid() == caller.uid;
    if guard == Guard::Checked && (!owned || metadata.mode() & 0o022 != 0) {
        return Err(Doubt(format!("bad owner or permissions on {name}")));
    }
    let mut text = Vec::new();
    // OpenSSH reads a directory as an empty file.
    if kind.is_dir() {
        return Ok(Some(text));
    }
    file.take(BYTES + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > BYTES {
        return Err(Doubt(format!("{name} is too large")));
    }
    Ok(Some(text))
}
