//! What a host has of a tree already, and the script that makes up the difference.
//!
//! An existing tree is merged into: directories that exist keep their modes, files that the source does not know stay.

use std::collections::HashSet;
use std::ffi::OsString;

use super::digest::Algorithm;
use super::mode::symbolic_mode;
use super::script::{self, Calls, batches};
use super::source::{Entry, Kind, Tree, parent_of};
use crate::remote::command::Command;
use crate::remote::encode;

/// Longest answer about one entry, in bytes: letter, checksum, mode, owner.
const ENTRY_ANSWER: usize = 256;

/// What a host has of a tree.
pub(super) struct Manifest {
    algorithm: Algorithm,
    pub(super) host_has_tar: bool,
    pub(super) root_exists: bool,
    /// One for each entry of the tree.
    found: Vec<Found>,
}

/// What stands where an entry shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    /// Nothing.
    Missing,
    /// What shall be there.
    Same,
    /// The file with another mode.
    OtherMode,
    /// Something to be replaced, and its owner if that can be kept.
    Other(Option<String>),
}

impl Manifest {
    /// The question about a tree.
    pub(super) fn question(tree: &Tree, place: Vec<OsString>) -> Command {
        let mut calls = Calls::default();
        for batch in questions(tree) {
            let names: Vec<Vec<u8>> = batch.iter().map(|entry| [b"./", &entry.name[..]].concat()).collect();
            let mut words: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
            match &batch[0].kind {
                Kind::Symlink(target) => {
                    words.push(target);
                    calls.call("l", &words);
                }
                Kind::File(_) | Kind::Directory(_) => calls.call("f", &words),
            }
        }
        script::command_with_calls(include_str!("ask_tree.sh"), &calls.text(), place)
    }

    /// Longest answer to the question, in bytes.
    pub(super) fn answer_limit(tree: &Tree) -> usize {
        (tree.entries.len() + 1) * ENTRY_ANSWER
    }

    /// Reads the answer. The error is a message.
    pub(super) fn read(tree: &Tree, answer: &str) -> Result<Self, String> {
        let mut lines = answer.lines();
        let head: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
        let (root, algorithm, tar) = match head[..] {
            [root @ ("dir" | "missing"), algorithm, tar] => (root, Algorithm::from_name(algorithm), tar),
            _ => return Err(nonsense(answer)),
        };
        let algorithm = algorithm.ok_or_else(|| nonsense(answer))?;
        let root_exists = root == "dir";
        let mut found = Vec::new();
        if root_exists {
            for batch in questions(tree) {
                read_batch(batch, algorithm, &mut lines, &mut found)?;
            }
        } else {
            found.resize(tree.entries.len(), Found::Missing);
        }
        Ok(Self { algorithm, host_has_tar: tar == "tar", root_exists, found })
    }

    /// Whether nothing is left to do.
    pub(super) fn is_same(&self) -> bool {
        self.root_exists && self.found.iter().all(|found| *found == Found::Same)
    }

    /// The entries to be sent, in order, with the directories that lead to them.
    pub(super) fn chosen(&self, tree: &Tree) -> Vec<usize> {
        let sent = tree.entries.iter().zip(&self.found).filter(|(_, found)| found.is_sent());
        let mut wanted: HashSet<&[u8]> = HashSet::new();
        for (entry, _) in sent {
            let mut name = &entry.name[..];
            while !name.is_empty() && wanted.insert(name) {
                name = parent_of(name);
            }
        }
        (0..tree.entries.len()).filter(|index| wanted.contains(&tree.entries[*index].name[..])).collect()
    }

    /// The script that the host runs on what it unpacked: compare, set owners and modes, move into place.
    pub(super) fn script(&self, tree: &Tree) -> String {
        let mut calls = Calls::default();
        let items = self.items(tree);
        self.compare(&items, &mut calls);
        set_owners(&items, &mut calls);
        set_modes(&items, &mut calls);
        calls.line("trap '' HUP INT PIPE TERM");
        if self.root_exists {
            merge(&items, &mut calls);
        } else {
            calls.call_with("c", octal(tree.mode | 0o200).as_bytes(), [&b"p"[..]]);
            calls.line("[ ! -e \"$d\" ] && mv p \"$d\" || exit 1");
            if tree.mode & 0o200 == 0 {
                calls.call_with("q", octal(tree.mode).as_bytes(), [&b"."[..]]);
            }
        }
        // What a call's own last test said is not how the script ended.
        calls.line(":");
        calls.text()
    }

    /// What is to be done, in the order of the tree's entries.
    fn items<'a>(&'a self, tree: &'a Tree) -> Vec<Item<'a>> {
        let all = || tree.entries.iter().zip(&self.found);
        let missing: HashSet<&[u8]> =
            all().filter(|(_, found)| **found == Found::Missing).map(|(entry, _)| &entry.name[..]).collect();
        let todo = all().filter(|(_, found)| **found != Found::Same);
        todo.map(|(entry, found)| Item {
            entry,
            found,
            staged: [b"p/", &entry.name[..]].concat(),
            moves: self.root_exists && found.is_sent() && !missing.contains(entry.parent()),
        })
        .collect()
    }

    fn compare(&self, items: &[Item<'_>], calls: &mut Calls) {
        let sent = items.iter().filter(|item| item.found.is_sent());
        let files: Vec<(&[u8], &str)> = sent
            .filter_map(|item| match &item.entry.kind {
                Kind::File(file) => Some((&item.staged[..], file.digest.of(self.algorithm))),
                Kind::Directory(_) | Kind::Symlink(_) => None,
            })
            .collect();
        for batch in plain_batches(&files, |(name, _)| !encode::is_plain_word(name), |(name, _)| name) {
            let sums: Vec<&str> = batch.iter().map(|(_, sum)| *sum).collect();
            calls.call_with("v", sums.join("\n").as_bytes(), batch.iter().map(|(name, _)| *name));
        }
    }
}

/// One entry that is not yet as it shall be.
struct Item<'a> {
    entry: &'a Entry,
    found: &'a Found,
    /// Its path in the staging directory.
    staged: Vec<u8>,
    /// Whether it is moved by itself, not with a directory that it is in.
    moves: bool,
}

/// Moves what was sent to its place. A directory that the host does not have moves whole.
fn merge(items: &[Item<'_>], calls: &mut Calls) {
    let mut moved: Vec<&Item<'_>> = items.iter().filter(|item| item.moves).collect();
    moved.sort_by_key(|item| item.entry.parent());
    for batch in batches(&moved, |item| item.entry.parent().to_vec(), |item| &item.staged) {
        calls.call_with("m", batch[0].entry.parent(), batch.iter().map(|item| &item.staged[..]));
    }
    for Item { entry, found, moves, .. } in items {
        let closed = *moves && matches!(entry.kind, Kind::Directory(mode) if mode & 0o200 == 0);
        if let Some(mode) = entry.kind.mode().filter(|_| closed || **found == Found::OtherMode) {
            calls.call_with("q", octal(mode).as_bytes(), [&entry.name[..]]);
        }
    }
}

impl Found {
    fn is_sent(&self) -> bool {
        matches!(self, Self::Missing | Self::Other(_))
    }
}

impl Kind {
    fn mode(&self) -> Option<u32> {
        match self {
            Self::Directory(mode) => Some(*mode),
            Self::File(file) => Some(file.mode),
            Self::Symlink(_) => None,
        }
    }
}

fn set_owners(items: &[Item<'_>], calls: &mut Calls) {
    let owned: Vec<(&str, &[u8])> = items
        .iter()
        .filter_map(|item| match item.found {
            Found::Other(Some(owner)) => Some((owner.as_str(), &item.staged[..])),
            _ => None,
        })
        .collect();
    for batch in batches(&owned, |(owner, _)| *owner, |(_, name)| name) {
        calls.call_with("o", batch[0].0.as_bytes(), batch.iter().map(|(_, name)| *name));
    }
}

/// What is deepest comes first, so that no directory is closed before what is in it is done. A directory that is still
/// to be moved stays writable for its owner: else it could not be.
fn set_modes(items: &[Item<'_>], calls: &mut Calls) {
    let sent = items.iter().rev().filter(|item| item.found.is_sent());
    let modes: Vec<(u32, &[u8])> = sent
        .filter_map(|item| {
            let kept_open = if item.moves && matches!(item.entry.kind, Kind::Directory(_)) { 0o200 } else { 0 };
            item.entry.kind.mode().map(|mode| (mode | kept_open, &item.staged[..]))
        })
        .collect();
    for batch in batches(&modes, |(mode, _)| *mode, |(_, name)| name) {
        calls.call_with("c", octal(batch[0].0).as_bytes(), batch.iter().map(|(_, name)| *name));
    }
}

/// The entries as they are asked about. Tools print odd names in odd ways, so those stand alone.
fn questions(tree: &Tree) -> impl Iterator<Item = &[Entry]> {
    let alone = |entry: &Entry| matches!(entry.kind, Kind::Symlink(_)) || !encode::is_plain_word(&entry.name);
    plain_batches(&tree.entries, alone, |entry| &entry.name)
}

/// Batches in which an item that is `alone` has no company.
fn plain_batches<T>(items: &[T], alone: impl Fn(&T) -> bool, name: impl Fn(&T) -> &[u8]) -> impl Iterator<Item = &[T]> {
    let key = move |item: &T| if alone(item) { std::ptr::from_ref(item).addr() } else { 0 };
    batches(items, key, name)
}

fn read_batch<'a>(
    batch: &[Entry],
    algorithm: Algorithm,
    lines: &mut impl Iterator<Item = &'a str>,
    found: &mut Vec<Found>,
) -> Result<(), String> {
    let mut next = || lines.next().ok_or_else(|| nonsense("its answer ends early"));
    let letters = next()?.as_bytes();
    if letters.len() != batch.len() {
        return Err(nonsense(&String::from_utf8_lossy(letters)));
    }
    let files = memchr::memchr_iter(b'f', letters).count();
    let sums = (0..files).map(|_| next()).collect::<Result<Vec<_>, _>>()?;
    let modes = (0..files).map(|_| next()).collect::<Result<Vec<_>, _>>()?;
    let mut details = sums.into_iter().zip(modes);
    for (entry, letter) in batch.iter().zip(letters) {
        let detail = if *letter == b'f' { details.next() } else { None };
        found.push(judge(entry, *letter, detail, algorithm)?);
    }
    Ok(())
}

fn judge(entry: &Entry, letter: u8, detail: Option<(&str, &str)>, algorithm: Algorithm) -> Result<Found, String> {
    let conflict = |there: &str| {
        let name = String::from_utf8_lossy(&entry.name);
        let here = match entry.kind {
            Kind::Directory(_) => "a directory",
            Kind::File(_) => "a file",
            Kind::Symlink(_) => "a symlink",
        };
        Err(format!("`{name}` is {there} on the host and {here} here; nothing was changed"))
    };
    match (letter, &entry.kind) {
        (b'-', _) => Ok(Found::Missing),
        (b'd', Kind::Directory(_)) | (b'=', Kind::Symlink(_)) => Ok(Found::Same),
        (b'd', _) => conflict("a directory"),
        (b's', _) => conflict("a device, pipe or socket"),
        (b'l', Kind::Directory(_)) => conflict("a symlink"),
        (_, Kind::Directory(_)) => conflict("a file"),
        (b'f', Kind::File(file)) => {
            let (sum, mode_and_owner) = detail.unwrap_or_default();
            let (mode, owner) = mode_and_owner.split_once(' ').unwrap_or_default();
            Ok(match (sum == file.digest.of(algorithm), symbolic_mode(mode) == Some(file.mode)) {
                (true, true) => Found::Same,
                (true, false) => Found::OtherMode,
                (false, _) => Found::Other(is_owner(owner).then(|| owner.to_owned())),
            })
        }
        _ => Ok(Found::Other(None)),
    }
}

/// `uid:gid`, both numbers.
fn is_owner(text: &str) -> bool {
    text.split_once(':').is_some_and(|ids| [ids.0, ids.1].iter().all(|id| id.parse::<u32>().is_ok()))
}

fn nonsense(said: &str) -> String {
    let said: String = said.chars().take(80).collect();
    format!("the host's answer about the destination makes no sense: {said}")
}

fn octal(mode: u32) -> String {
    format!("{mode:o}")
}
