//! What `find` wants of files, and its way through a tree.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use fancy_regex::Regex;

use super::describe;
use super::glob;
use super::look::{Fields, Stat};
use super::mode::Mode;
use super::paths;
use crate::modules::{Answer, Args, ModuleError};
use crate::template::Value;
use crate::template::python::{self, Anchor, Flags};

/// What is below the directories of a search.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The host's umask.
    pub umask: u32,
    /// The host's time, in seconds since 1970.
    pub now: f64,
    /// The directories.
    pub folders: Vec<Folder>,
}

/// A directory and all below it.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// Its path as the task has it, `~` and variables expanded.
    pub name: String,
    /// Whether it is a directory at all.
    pub exists: bool,
    /// The entries of each directory, by its path below this one; files first.
    pub entries: HashMap<String, Vec<Entry>>,
    /// What could not be read, by path.
    pub closed: Vec<String>,
}

/// Something in a directory.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its path below the searched directory.
    pub below: String,
    /// What it is.
    pub stat: Stat,
}

impl Found {
    /// Reads the answer of the probe.
    ///
    /// # Errors
    /// When it is not complete.
    pub fn read(answer: &Answer, count: usize) -> Result<Self, ModuleError> {
        let mut fields = Fields::new(&answer.stdout);
        let umask = u32::from_str_radix(fields.text()?.trim(), 8).unwrap_or(0o022);
        let now = fields.text()?;
        // A host without fractions is up to a second further.
        let now = now.parse().unwrap_or_else(|_| {
            now.split('.').next().and_then(|now| now.parse::<f64>().ok()).unwrap_or_default() + 0.999_999
        });
        let folders = (0..count).map(|_| Folder::read(&mut fields)).collect::<Result<_, _>>()?;
        fields.text()?;
        Ok(Self { umask, now, folders })
    }
}

impl Folder {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ModuleError> {
        let name = fields.text()?;
        let kind = fields.text()?;
        let (listing, errors) = (fields.text()?, fields.text()?);
        let mut folder = Self { exists: kind != "none", name, ..Self::default() };
        if kind == "closed" {
            folder.closed.push(folder.name.clone());
        }
        for line in errors.lines() {
            let Some(path) = line.strip_suffix(": Permission denied") else { continue };
            let path = path.split_once(": ").map_or(path, |(_, path)| path).trim_matches(['\'', '"']);
            folder.closed.push(paths::join(&folder.name, path.trim_start_matches("./")));
        }
        // No path of a walk holds two slashes in a row, and no other field holds one.
        for record in listing.split("//").skip(1) {
            let mut parts = record.splitn(7, '|');
            let head: Vec<&str> = parts.by_ref().take(6).collect();
            let Some((stat, path)) = Stat::read(&head.join("|")).zip(parts.next()) else { continue };
            let path = path.strip_suffix('\n').unwrap_or(path);
            let below = path.strip_prefix("./").unwrap_or(path).to_owned();
            folder.entries.entry(paths::parent(&below).to_owned()).or_default().push(Entry { below, stat });
        }
        for entries in folder.entries.values_mut() {
            entries.sort_by_key(|entry| entry.stat.is_directory());
        }
        Ok(folder)
    }
}

/// What is wanted of files.
#[derive(Debug)]
pub struct Criteria {
    patterns: Vec<Arc<Regex>>,
    excludes: Vec<Arc<Regex>>,
    age: Option<i64>,
    stamp: usize,
    size: Option<i64>,
    mode: Option<(Mode, bool)>,
    /// `any`, `directory`, `file` or `link`.
    pub kind: String,
    hidden: bool,
    depth: Option<usize>,
    limit: Option<usize>,
    /// What lines of files are to match, if anything.
    pub contains: Option<Arc<Regex>>,
    recurse: bool,
}

impl Criteria {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When they make no sense, with Ansible's messages.
    pub fn of(args: &Args) -> Result<Self, ModuleError> {
        let regex = args.bool("use_regex");
        let compile = |names: Vec<String>| names.iter().map(|name| pattern(name, regex)).collect::<Result<Vec<_>, _>>();
        let mut patterns = args.texts("patterns");
        if patterns.is_empty() {
            patterns.push(if regex { ".*" } else { "*" }.to_owned());
        }
        let limit = args.int("limit");
        if let Some(limit) = limit.filter(|limit| *limit <= 0) {
            return Err(ModuleError::new(format!("limit cannot be {limit} (use None for unlimited)")));
        }
        let stamp = match args.needed("age_stamp") {
            "atime" => 0,
            "ctime" => 2,
            _ => 1,
        };
        let anchor = if args.bool("read_whole_file") { Anchor::None } else { Anchor::Start };
        let contains = args.text("contains").map(|text| python::compile(text, Flags::default(), anchor)).transpose()?;
        Ok(Self {
            patterns: compile(patterns)?,
            excludes: compile(args.texts("excludes"))?,
            age: args.text("age").map(|text| amount("age", text, AGES)).transpose()?,
            stamp,
            size: args.text("size").map(|text| amount("size", text, SIZES)).transpose()?,
            mode: wanted_mode(args)?,
            kind: args.needed("file_type").to_owned(),
            hidden: args.bool("hidden"),
            depth: args.int("depth").filter(|depth| *depth != 0).map(|depth| usize::try_from(depth).unwrap_or(0)),
            limit: limit.and_then(|limit| usize::try_from(limit).ok()),
            contains,
            recurse: args.bool("recurse"),
        })
    }

    /// How deep the host must look; 0 for all the way.
    #[must_use]
    pub fn reach(&self) -> usize {
        match self.depth {
            _ if !self.recurse => 1,
            // Entries one level further are examined, and left out.
            Some(depth) => depth + 1,
            None => 0,
        }
    }

    /// Whether something is wanted, as far as its numbers tell.
    #[must_use]
    pub fn take(&self, entry: &Entry, found: &Found) -> bool {
        let stat = &entry.stat;
        let (directory, file) = (stat.is_directory(), stat.is_file());
        let typed = match self.kind.as_str() {
            "directory" => directory,
            "file" => file,
            "link" => stat.is_link(),
            _ => true,
        };
        let name = paths::base(&entry.below);
        let any = |list: &[Arc<Regex>]| list.iter().any(|regex| regex.is_match(name).unwrap_or(false));
        typed
            && (self.hidden || !name.starts_with('.'))
            && any(&self.patterns)
            && !any(&self.excludes)
            && self.age.is_none_or(|age| {
                let old = found.now - describe::seconds(stat.times[self.stamp]);
                #[expect(clippy::cast_precision_loss, reason = "ages are small")]
                let limit = age.unsigned_abs() as f64;
                if age >= 0 { old >= limit } else { old <= limit }
            })
            && (!file || self.size.is_none_or(|size| fits(stat.size, size)))
            && self.mode.as_ref().is_none_or(|(mode, exact)| {
                let mode = mode.bits(0, false, found.umask) & 0o7777;
                if *exact { stat.permissions() == mode } else { stat.permissions() & mode != 0 }
            })
    }

    /// Goes through the directories as Ansible does, and ends as it does at the limit.
    pub fn walk<'a>(&self, found: &'a Found, take: Take<'_>) -> Walk<'a> {
        let mut walk = Walk::default();
        for folder in &found.folders {
            if let Err(why) = self.walk_folder(folder, take, &mut walk) {
                walk.skipped.insert(folder.name.clone(), why);
                walk.troubled.push(folder.name.clone());
            }
        }
        walk
    }

    fn walk_folder<'a>(&self, folder: &'a Folder, take: Take<'_>, walk: &mut Walk<'a>) -> Result<(), String> {
        for path in &folder.closed {
            walk.skipped.insert(path.clone(), format!("[Errno 13] Permission denied: '{path}'"));
        }
        let mut pending = vec![""];
        while let Some(root) = pending.pop() {
            let entries = folder.entries.get(root).map(Vec::as_slice).unwrap_or_default();
            walk.examined += entries.len();
            let level = if root.is_empty() { 1 } else { root.matches('/').count() + 2 };
            if self.depth.is_some_and(|depth| level > depth) {
                if self.recurse {
                    continue;
                }
                break;
            }
            for entry in entries {
                if !self.hidden && paths::base(&entry.below).starts_with('.') {
                    continue;
                }
                if take(folder, entry)? {
                    walk.files.push((folder, entry));
                }
                if Some(walk.files.len()) == self.limit {
                    walk.limited = true;
                    break;
                }
            }
            if !self.recurse || Some(walk.files.len()) == self.limit {
                break;
            }
            pending.extend(entries.iter().rev().map(|entry| entry.below.as_str()));
        }
        Ok(())
    }
}

/// Whether something is taken; why a whole directory cannot be searched.
pub type Take<'a> = &'a dyn Fn(&Folder, &Entry) -> Result<bool, String>;

/// How a way through directories went.
#[derive(Debug, Default)]
pub struct Walk<'a> {
    /// What was taken.
    pub files: Vec<(&'a Folder, &'a Entry)>,
    /// How much was looked at.
    pub examined: usize,
    /// Whether the limit was reached.
    pub limited: bool,
    /// Why paths were left out.
    pub skipped: BTreeMap<String, String>,
    /// Those of them that are to be warned of.
    pub troubled: Vec<String>,
}

fn fits(length: u64, size: i64) -> bool {
    if size >= 0 { length >= size.unsigned_abs() } else { length <= size.unsigned_abs() }
}

const AGES: &[(char, i64)] = &[('s', 1), ('m', 60), ('h', 3600), ('d', 86_400), ('w', 604_800)];
const SIZES: &[(char, i64)] = &[('b', 1), ('k', 1 << 10), ('m', 1 << 20), ('g', 1 << 30), ('t', 1 << 40)];

/// An amount with a unit: `-4w`, `10k`.
fn amount(name: &str, text: &str, units: &[(char, i64)]) -> Result<i64, ModuleError> {
    let lower = text.to_lowercase();
    let unit = units.iter().find(|(unit, _)| lower.ends_with(*unit));
    let (number, factor) = unit.map_or((lower.as_str(), 1), |(_, factor)| (&lower[..lower.len() - 1], *factor));
    let digits = number.strip_prefix('-').unwrap_or(number);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value = number.parse::<i64>().ok().filter(|_| plain).and_then(|number| number.checked_mul(factor));
    value.ok_or_else(|| ModuleError::new(format!("failed to process {name}")).field(name, text))
}

fn wanted_mode(args: &Args) -> Result<Option<(Mode, bool)>, ModuleError> {
    let mode = match args.value("mode") {
        None | Some(Value::Int(0)) => return Ok(None),
        Some(Value::String(text)) if text.as_str().is_empty() => return Ok(None),
        Some(mode @ Value::String(_)) => mode,
        Some(other) => {
            return Err(ModuleError::new(format!(
                "argument 'mode' is not a string and conversion is not allowed, value is of type {}",
                other.type_name()
            )));
        }
    };
    let mode = Mode::parse(mode).map_err(ModuleError::new)?;
    Ok(Some((mode, args.bool("exact_mode"))))
}

/// A pattern of names: a regular expression that stands at the start, or a glob of the whole.
fn pattern(text: &str, regex: bool) -> Result<Arc<Regex>, ModuleError> {
    if regex {
        return Ok(python::compile(text, Flags::default(), Anchor::Start)?);
    }
    Ok(python::compile(&format!("(?s){}", glob::regex(text)), Flags::default(), Anchor::Both)?)
}

/// Whether a text holds what is wanted: in a line that begins with it, or anywhere where the whole is looked at.
#[must_use]
pub fn contains(regex: &Regex, text: &str, whole: bool) -> bool {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if whole {
        return regex.is_match(&text).unwrap_or(false);
    }
    text.split_inclusive('\n').any(|line| regex.is_match(line).unwrap_or(false))
}

/// Bytes as text; none where they are not of the encoding.
///
/// # Errors
/// When the encoding is not known.
pub fn decode(bytes: &[u8], encoding: &str) -> Result<Option<String>, ModuleError> {
    let name: String = encoding.to_lowercase().chars().filter(|character| character.is_alphanumeric()).collect();
    let wide = |bytes: &[u8], join: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| join([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok().filter(|_| bytes.len().is_multiple_of(2))
    };
    Ok(match name.as_str() {
        "" | "utf8" | "u8" | "cp65001" => String::from_utf8(bytes.to_vec()).ok(),
        "utf8sig" => String::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).to_vec()).ok(),
        "ascii" | "usascii" | "646" => bytes.is_ascii().then(|| String::from_utf8_lossy(bytes).into_owned()),
        "latin1" | "iso88591" | "l1" | "88591" => Some(bytes.iter().copied().map(char::from).collect()),
        "utf16le" => wide(bytes, u16::from_le_bytes),
        "utf16be" => wide(bytes, u16::from_be_bytes),
        "utf16" => match bytes {
            [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
            [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
            _ => wide(bytes, u16::from_le_bytes),
        },
        _ => return Err(ModuleError::new(format!("unknown encoding: {encoding}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_units() {
        for (text, value) in
            [("2d", Some(172_800)), ("-4W", Some(-2_419_200)), ("10", Some(10)), ("x", None), ("", None)]
        {
            assert_eq!(amount("age", text, AGES).ok(), value, "{text}");
        }
        assert_eq!(amount("size", "1k", SIZES).unwrap(), 1024);
    }

    #[test]
    fn texts_are_read_in_their_encoding() {
        assert_eq!(decode(b"a\xe4", "").unwrap(), None);
        assert_eq!(decode(b"a\xe4", "ISO-8859-1").unwrap().unwrap(), "aä");
        assert_eq!(decode(b"\xff\xfea\0", "utf-16").unwrap().unwrap(), "a");
        assert!(decode(b"", "klingon").is_err());
    }
}
