//! Paths of the controller, as Python's `os.path` has them.

use std::path::{Path, PathBuf};

use super::bind::{Answer, bind, none};
use super::python::{check, iterate, pair, text};
use crate::template::{Arguments, Calls, TemplateError, Value};

/// A path, which must be text.
fn path_of(value: &Value) -> Answer<String> {
    match value {
        Value::String(text) => Ok(text.as_str().to_owned()),
        other => {
            check(other)?;
            Err(TemplateError::value(format!("expected str, bytes or os.PathLike object, not {}", other.type_name())))
        }
    }
}

pub fn basename(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "basename")?;
    let path = path_of(&value)?;
    Ok(path.rsplit_once('/').map_or(&*path, |(_, name)| name).into())
}

pub fn dirname(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "dirname")?;
    Ok(parent(&path_of(&value)?).into())
}

fn parent(path: &str) -> &str {
    let end = path.rfind('/').map_or(0, |end| end + 1);
    let head = path[..end].trim_end_matches('/');
    if head.is_empty() { &path[..end] } else { head }
}

pub fn splitext(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "splitext")?;
    let path = path_of(&value)?;
    let start = path.rfind('/').map_or(0, |end| end + 1);
    let name = &path[start..];
    let dot = name.rfind('.').filter(|dot| name[..*dot].bytes().any(|byte| byte != b'.'));
    let (root, extension) = path.split_at(dot.map_or(path.len(), |dot| start + dot));
    Ok(pair(root.into(), extension.into()))
}

pub fn expanduser(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "expanduser")?;
    Ok(expanded(&path_of(&value)?).into())
}

/// The path with `~` or `~user` replaced.
fn expanded(path: &str) -> String {
    let Some(rest) = path.strip_prefix('~') else { return path.to_owned() };
    let (user, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let home = if user.is_empty() {
        std::env::home_dir()
    } else {
        nix::unistd::User::from_name(user).ok().flatten().map(|user| user.dir)
    };
    let Some(home) = home else { return path.to_owned() };
    let home = home.to_string_lossy();
    let whole = format!("{}{rest}", home.trim_end_matches('/'));
    if whole.is_empty() { "/".to_owned() } else { whole }
}

pub fn expandvars(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "expandvars")?;
    let path = path_of(&value)?;
    let mut out = String::new();
    let mut rest = path.as_str();
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (name, taken) = match rest[1..].strip_prefix('{').map(|inner| (inner, inner.find('}'))) {
            Some((inner, Some(end))) => (&inner[..end], end + 3),
            Some((_, None)) => ("", 1),
            None => {
                let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                let end = rest[1..].find(|letter| !is_name(letter)).map_or(rest.len(), |end| end + 1);
                (&rest[1..end], end)
            }
        };
        match std::env::var(name) {
            Ok(value) if !name.is_empty() => out.push_str(&value),
            _ => out.push_str(&rest[..taken]),
        }
        rest = &rest[taken..];
    }
    out.push_str(rest);
    Ok(out.into())
}

pub fn path_join(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "path_join")?;
    match &value {
        Value::String(_) => Ok(value),
        Value::List(parts) => {
            let mut joined: Option<String> = None;
            for part in parts.iter() {
                let part = part_of(part)?;
                joined = Some(match joined {
                    Some(path) if !part.starts_with('/') => glue(path, &part),
                    _ => part,
                });
            }
            joined
                .map(Value::from)
                .ok_or_else(|| TemplateError::value("join() missing 1 required positional argument: 'a'"))
        }
        other => {
            check(other)?;
            let class = other.type_name();
            Err(TemplateError::value(format!("|path_join expects string or sequence, got <class '{class}'> instead.")))
        }
    }
}

fn part_of(value: &Value) -> Answer<String> {
    match value {
        Value::String(text) => Ok(text.as_str().to_owned()),
        other => {
            check(other)?;
            Err(TemplateError::value(format!(
                "join() argument must be str, bytes, or os.PathLike object, not '{}'",
                other.type_name()
            )))
        }
    }
}

fn glue(mut path: String, part: &str) -> String {
    if !path.is_empty() && !path.ends_with('/') {
        path.push('/');
    }
    path + part
}

pub fn normpath(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "normpath")?;
    Ok(normalized(&path_of(&value)?).into())
}

/// The path without what means nothing, as Python's `normpath`.
#[must_use]
pub fn normalized(path: &str) -> String {
    let slashes = match path.bytes().take_while(|byte| *byte == b'/').count() {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if !slashes.is_empty() => {}
            other => parts.push(other),
        }
    }
    let joined = format!("{slashes}{}", parts.join("/"));
    if joined.is_empty() { ".".to_owned() } else { joined }
}

/// The absolute form of a path, with `.` and `..` taken out.
fn absolute(path: &str) -> String {
    if path.starts_with('/') {
        return normalized(path);
    }
    let here = std::env::current_dir().unwrap_or_default();
    normalized(&glue(here.to_string_lossy().into_owned(), path))
}

pub fn realpath(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "realpath")?;
    let path = path_of(&value)?;
    let here = std::env::current_dir().unwrap_or_default();
    let start = if path.starts_with('/') { path } else { glue(here.to_string_lossy().into_owned(), &path) };
    Ok(resolved(&start).to_string_lossy().into_owned().into())
}

/// Links that a path may lead through.
const LINKS: usize = 40;

/// Follows links as far as there are any; what is not there stays as it is.
fn resolved(path: &str) -> PathBuf {
    let mut left: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let mut real = PathBuf::from("/");
    let mut links = 0;
    while let Some(part) = left.pop() {
        match part.as_str() {
            "" | "." => {}
            ".." => {
                real.pop();
            }
            part => {
                let next = real.join(part);
                match std::fs::read_link(&next) {
                    Ok(to) if links < LINKS => {
                        links += 1;
                        if to.is_absolute() {
                            real = PathBuf::from("/");
                        }
                        left.extend(to.to_string_lossy().split('/').rev().map(str::to_owned));
                    }
                    _ => real = next,
                }
            }
        }
    }
    real
}

pub fn relpath(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [start] = bind(arguments, "relpath", ["start"], 0)?;
    let path = path_of(&value)?;
    if path.is_empty() {
        return Err(TemplateError::value("no path specified"));
    }
    let start = start.as_ref().map_or(Ok(".".to_owned()), path_of)?;
    let (path, start) = (absolute(&path), absolute(&start));
    let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (path, start) = (parts(&path), parts(&start));
    let common = path.iter().zip(&start).take_while(|(one, two)| one == two).count();
    let up = std::iter::repeat_n("..".to_owned(), start.len() - common);
    let relative = up.chain(path[common..].iter().cloned()).collect::<Vec<_>>().join("/");
    Ok(if relative.is_empty() { ".".into() } else { relative.into() })
}

pub fn commonpath(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "commonpath")?;
    let Value::List(paths) = &value else {
        check(&value)?;
        let class = value.type_name();
        return Err(TemplateError::value(format!("|commonpath expects sequence, got <class '{class}'> instead.")));
    };
    let paths: Vec<String> = paths.iter().map(path_of).collect::<Answer<_>>()?;
    let Some(first) = paths.first() else { return Err(TemplateError::value("commonpath() arg is an empty sequence")) };
    let is_absolute = first.starts_with('/');
    if paths.iter().any(|path| path.starts_with('/') != is_absolute) {
        return Err(TemplateError::value("Can't mix absolute and relative paths"));
    }
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
    };
    let mut common = parts(first);
    for path in &paths[1..] {
        let other = parts(path);
        common.truncate(common.iter().zip(&other).take_while(|(one, two)| one == two).count());
    }
    Ok(format!("{}{}", if is_absolute { "/" } else { "" }, common.join("/")).into())
}

pub fn fileglob(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "fileglob")?;
    let pattern = path_of(&value)?;
    let mut found = glob(&pattern);
    found.retain(|path| Path::new(path).is_file());
    Ok(Value::list(found.into_iter().map(Value::from).collect()))
}

/// The paths that match a shell pattern (`*`, `?`, `[…]`), in the order of their names.
fn glob(pattern: &str) -> Vec<String> {
    let mut found = vec![if pattern.starts_with('/') { "/".to_owned() } else { String::new() }];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let magic = part.contains(['*', '?', '[']);
        found =
            found.iter().flat_map(|place| if magic { matching(place, part) } else { existing(place, part) }).collect();
    }
    found
}

fn existing(place: &str, part: &str) -> Vec<String> {
    let path = glue(place.to_owned(), part);
    if Path::new(&path).symlink_metadata().is_ok() { vec![path] } else { Vec::new() }
}

fn matching(place: &str, part: &str) -> Vec<String> {
    let directory = if place.is_empty() { "." } else { place };
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let names = entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned());
    let hidden = part.starts_with('.');
    let mut names: Vec<String> = names.filter(|name| hidden || !name.starts_with('.')).collect();
    names.retain(|name| fits(name, part));
    names.sort();
    names.into_iter().map(|name| glue(place.to_owned(), &name)).collect()
}

/// Whether a name fits a shell pattern.
fn fits(name: &str, pattern: &str) -> bool {
    let mut letters = pattern.chars();
    let Some(letter) = letters.next() else { return name.is_empty() };
    let rest = letters.as_str();
    let after_first = || {
        let mut name = name.chars();
        name.next().map(|first| (first, name.as_str().to_owned()))
    };
    match letter {
        '*' => name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| fits(&name[at..], rest)),
        '?' => after_first().is_some_and(|(_, name)| fits(&name, rest)),
        '[' => match rest
            .char_indices()
            .skip(1)
            .find(|(at, letter)| *letter == ']' && !(*at == 1 && rest.starts_with('!')))
        {
            Some((end, _)) => {
                after_first().is_some_and(|(first, name)| in_set(first, &rest[..end]) && fits(&name, &rest[end + 1..]))
            }
            None => after_first().is_some_and(|(first, name)| first == '[' && fits(&name, rest)),
        },
        other => after_first().is_some_and(|(first, name)| first == other && fits(&name, rest)),
    }
}

fn in_set(letter: char, set: &str) -> bool {
    let (negated, set) = set.strip_prefix('!').map_or((false, set), |rest| (true, rest));
    let letters: Vec<char> = set.chars().collect();
    let mut place = 0;
    let mut found = false;
    while place < letters.len() {
        if letters.get(place + 1) == Some(&'-') && place + 2 < letters.len() {
            found |= (letters[place]..=letters[place + 2]).contains(&letter);
            place += 3;
        } else {
            found |= letters[place] == letter;
            place += 1;
        }
    }
    found != negated
}

/// The parts of a Windows path: drive, and what follows.
fn split_drive(path: &str) -> (&str, &str) {
    let normal = path.replace('/', "\\");
    if let Some(rest) = normal.strip_prefix("\\\\") {
        let host = rest.find('\\').map(|end| end + 2);
        let share = host.and_then(|host| normal[host + 1..].find('\\').map(|end| host + 1 + end));
        return path.split_at(match (host, share) {
            (_, Some(share)) => share,
            _ => path.len(),
        });
    }
    let is_drive = path.chars().nth(1) == Some(':');
    let end = path.char_indices().nth(2).map_or(path.len(), |(end, _)| end);
    if is_drive { path.split_at(end) } else { ("", path) }
}

pub fn win_basename(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "basename")?;
    let path = path_of(&value)?;
    let (_, rest) = split_drive(&path);
    Ok(rest.rsplit(['\\', '/']).next().unwrap_or_default().into())
}

pub fn win_dirname(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "dirname")?;
    let path = path_of(&value)?;
    let (drive, rest) = split_drive(&path);
    let end = rest.rfind(['\\', '/']).map_or(0, |end| end + 1);
    let head = rest[..end].trim_end_matches(['\\', '/']);
    Ok(format!("{drive}{}", if head.is_empty() { &rest[..end] } else { head }).into())
}

pub fn win_splitdrive(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "splitdrive")?;
    let path = path_of(&value)?;
    let (drive, rest) = split_drive(&path);
    Ok(pair(drive.into(), rest.into()))
}

/// Whether the text is an absolute path.
pub fn is_absolute(value: &Value) -> Answer<bool> {
    Ok(path_of(value)?.starts_with('/'))
}

/// The path for the tests of files; what is no text names no file.
pub fn tested(value: &Value) -> Answer<PathBuf> {
    check(value)?;
    Ok(PathBuf::from(match value {
        Value::List(_) => iterate(value)?.iter().map(text).collect::<Answer<String>>()?,
        other => text(other)?,
    }))
}
