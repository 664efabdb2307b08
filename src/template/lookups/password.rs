//! `password`: a random password that a file of the controller keeps.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::files::expand_home;
use super::options::{named, only, texts};
use crate::template::{Arguments, Calls, TemplateError, TemplateErrorKind, Value};

type Answer = Result<Vec<Value>, TemplateError>;

const OPTIONS: &[&str] = &["chars", "encrypt", "ident", "length"];

/// Reads the passwords, and makes and keeps those that are missing.
pub fn password(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "password", OPTIONS)?;
    let mut found = Vec::new();
    for term in texts(&arguments.positional)? {
        let wanted = Wanted::read(&term, &arguments)?;
        found.push(wanted.password(calls)?);
    }
    Ok(found)
}

struct Wanted {
    path: String,
    length: usize,
    letters: Vec<char>,
    encrypt: Option<String>,
    ident: Option<String>,
}

impl Wanted {
    fn read(term: &str, arguments: &Arguments) -> Result<Self, TemplateError> {
        let mut words = term.split_whitespace();
        let path = words.next().unwrap_or_default().to_owned();
        let own: Vec<(&str, &str)> = words.filter_map(|word| word.split_once('=')).collect();
        if let Some((name, _)) = own.iter().find(|(name, _)| !OPTIONS.contains(name)) {
            return Err(TemplateError::value(format!("lookup `password` takes no option `{name}`")));
        }
        let option = |name: &str| {
            let own = own.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            own.or_else(|| named(arguments, name).map(ToString::to_string))
        };
        let length = option("length").unwrap_or_else(|| "20".to_owned());
        let length =
            length.parse().map_err(|_| TemplateError::value(format!("`length` is a number, not `{length}`")))?;
        let sets: Vec<String> = match named(arguments, "chars") {
            Some(Value::List(sets)) if !own.iter().any(|(name, _)| *name == "chars") => {
                sets.iter().map(ToString::to_string).collect()
            }
            _ => split(&option("chars").unwrap_or_else(|| "ascii_letters,digits,.,,,:,-,_".to_owned())),
        };
        let mut letters: Vec<char> = sets.iter().flat_map(|set| named_set(set)).collect();
        letters.sort_unstable();
        letters.dedup();
        Ok(Self {
            path,
            length,
            letters,
            encrypt: option("encrypt").filter(|name| name != "None"),
            ident: option("ident"),
        })
    }

    fn password(&self, calls: &mut dyn Calls) -> Result<Value, TemplateError> {
        let is_kept = self.path != "/dev/null";
        let path = place(calls, &self.path);
        let kept = if is_kept { read(&path)? } else { None };
        let (plain, mut salt) = match &kept {
            Some(text) => {
                let (plain, salt) =
                    text.split_once(" salt=").map_or((text.as_str(), None), |(plain, salt)| (plain, Some(salt)));
                (plain.to_owned(), salt.map(|salt| salt.split(' ').next().unwrap_or_default().to_owned()))
            }
            None => (random(&self.letters, self.length)?, None),
        };
        calls.templar().environment().add_secret(&plain);
        let mut changed = kept.is_none();
        if self.encrypt.is_some() && salt.is_none() {
            let letters: Vec<char> = named_set("ascii_letters").into_iter().chain(named_set("digits")).collect();
            salt = Some(random(&letters, if self.encrypt.as_deref() == Some("bcrypt") { 22 } else { 8 })?);
            changed = true;
        }
        if changed && is_kept {
            let salt = salt.as_ref().map(|salt| format!(" salt={salt}")).unwrap_or_default();
            let ident = self.ident.as_ref().filter(|_| self.encrypt.is_some());
            write(
                &path,
                &format!("{plain}{salt}{}\n", ident.map(|ident| format!(" ident={ident}")).unwrap_or_default()),
            )?;
        }
        let Some(kind) = &self.encrypt else { return Ok(Value::text(plain)) };
        let mut arguments = Arguments { positional: vec![Value::text(kind.as_str())], named: Vec::new() };
        arguments.positional.extend(salt.map(Value::text));
        calls.filter("password_hash", Value::text(plain), arguments)
    }
}

/// Names of sets and letters, between commas; two commas stand for one.
fn split(text: &str) -> Vec<String> {
    let mut sets: Vec<String> = text.replace(",,", ",\u{0}").split(',').map(str::to_owned).collect();
    for set in &mut sets {
        *set = set.replace('\u{0}', ",");
    }
    sets.retain(|set| !set.is_empty());
    sets
}

fn named_set(name: &str) -> Vec<char> {
    let ascii = |keep: fn(&char) -> bool| (' '..='~').filter(keep).collect();
    match name {
        "ascii_letters" | "letters" => ascii(char::is_ascii_alphabetic),
        "ascii_lowercase" | "lowercase" => ascii(char::is_ascii_lowercase),
        "ascii_uppercase" | "uppercase" => ascii(char::is_ascii_uppercase),
        "digits" => ascii(char::is_ascii_digit),
        "hexdigits" => ascii(char::is_ascii_hexdigit),
        "octdigits" => ('0'..='7').collect(),
        "punctuation" => ascii(char::is_ascii_punctuation),
        other => other.chars().collect(),
    }
}

/// A text of random letters, each as likely as the others.
fn random(letters: &[char], length: usize) -> Result<String, TemplateError> {
    if letters.is_empty() {
        return Err(TemplateError::value("a password needs letters to be made of"));
    }
    let mut text = String::with_capacity(length);
    while text.chars().count() < length {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map_err(|_| local("the system has no source of randomness".to_owned()))?;
        let drawn = u32::from_le_bytes(bytes) as usize;
        // The last, incomplete round through the letters would favour the first of them.
        if drawn < u32::MAX as usize / letters.len() * letters.len() {
            text.push(letters[drawn % letters.len()]);
        }
    }
    Ok(text)
}

/// The file, relative to the playbook.
fn place(calls: &dyn Calls, name: &str) -> PathBuf {
    calls.templar().search().playbook.join(expand_home(name))
}

fn read(path: &Path) -> Result<Option<String>, TemplateError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim_end_matches('\n').to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(local(format!("lookup `password` cannot read {}: {error}", path.display()))),
    }
}

fn write(path: &Path, text: &str) -> Result<(), TemplateError> {
    let write = || {
        if let Some(parent) = path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())
    };
    write().map_err(|error| local(format!("lookup `password` cannot write {}: {error}", path.display())))
}

fn local(message: String) -> TemplateError {
    TemplateError::new(TemplateErrorKind::Local, message)
}

#[cfg(test)]
mod tests {
    use super::{named_set, random, split};

    #[test]
    fn letters_are_named_or_given() {
        assert_eq!(split("digits,.,,,x"), ["digits", ".", ",", "x"]);
        assert_eq!(named_set("octdigits").len(), 8);
        assert_eq!(named_set("punctuation").len(), 32);
        let text = random(&named_set("ab"), 50).unwrap();
        assert!(text.len() == 50 && text.contains('a') && text.contains('b'), "{text}");
        assert!(random(&[], 1).is_err());
    }
}
