//! `password`: a password that is made once and kept in a file of the controller.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::files::{expand_home, local};
use super::options::{Words, named, only, text, words};
use crate::template::filters::random_text;
use crate::template::{Arguments, Calls, TemplateError, Value};

type Answer<T = Vec<Value>> = Result<T, TemplateError>;

const OPTIONS: &[&str] = &["length", "chars", "encrypt", "seed", "ident"];

/// One password is made at a time: hosts that ask for the same file get the same one.
static MAKING: Mutex<()> = Mutex::new(());

pub fn password(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "password", OPTIONS)?;
    let mut found = Vec::new();
    for term in &arguments.positional {
        let Words { free, named: options } = words("password", &text(term)?, OPTIONS)?;
        let option = |name: &str| {
            let written = options.iter().find(|(known, _)| known == name).map(|(_, value)| match name {
                "chars" => Value::list(inline_sets(value)),
                _ => Value::text(value.as_str()),
            });
            written.or_else(|| named(&arguments, name).cloned()).filter(|value| !matches!(value, Value::Null))
        };
        found.push(one(calls, &free, &option)?);
    }
    Ok(found)
}

/// A password as its file has it.
struct Kept {
    plain: String,
    salt: Option<String>,
    ident: Option<String>,
}

fn one(calls: &mut dyn Calls, name: &str, option: &dyn Fn(&str) -> Option<Value>) -> Answer<Value> {
    let path = calls.templar().search().playbook.join(expand_home(name));
    let encrypt = option("encrypt").map(|value| value.to_string()).filter(|kind| !kind.is_empty());
    let kept = {
        let _making = MAKING.lock().map_err(|_| local("lookup `password`: another one failed".to_owned()))?;
        kept(&path, encrypt.as_deref(), option)?
    };
    let Some(kind) = encrypt else { return Ok(Value::text(kept.plain)) };
    let mut named = vec![("salt".into(), Value::text(kept.salt.unwrap_or_default()))];
    named.extend(kept.ident.map(|ident| ("ident".into(), Value::text(ident))));
    let arguments = Arguments { positional: vec![Value::text(kind)], named };
    calls.filter("password_hash", Value::text(kept.plain), arguments)
}

fn kept(path: &Path, encrypt: Option<&str>, option: &dyn Fn(&str) -> Option<Value>) -> Answer<Kept> {
    let is_kept = path != Path::new("/dev/null");
    let content = match fs::read_to_string(path) {
        Ok(content) if is_kept => Some(content),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(path, &error)),
        _ => None,
    };
    let mut changed = content.is_none();
    let mut kept = match content {
        Some(content) => parsed(content.trim_end()),
        None => Kept { plain: generated(option)?, salt: None, ident: None },
    };
    if let Some(kind) = encrypt.filter(|_| kept.salt.is_none()) {
        kept.salt = Some(random_text(SALT, salt_size(kind), None)?);
        changed = true;
    }
    let ident = option("ident").map(|value| value.to_string());
    match (&kept.ident, ident) {
        (Some(stored), Some(asked)) if *stored != asked => {
            let message = format!("The ident parameter provided ({asked}) does not match the stored one ({stored}).");
            return Err(TemplateError::value(message));
        }
        (None, asked) => kept.ident = asked,
        _ => {}
    }
    if kept.ident.is_none() && matches!(encrypt, Some("bcrypt" | "blowfish")) {
        kept.ident = Some("2b".to_owned());
        changed = true;
    }
    if changed && is_kept {
        write(path, &kept).map_err(|error| unusable(path, &error))?;
    }
    Ok(kept)
}

fn parsed(content: &str) -> Kept {
    let (plain, rest) = content.rsplit_once(" salt=").map_or((content, None), |(plain, rest)| (plain, Some(rest)));
    let (salt, ident) = match rest.map(|rest| rest.rsplit_once(" ident=").ok_or(rest)) {
        None => (None, None),
        Some(Ok((salt, ident))) => (Some(salt.to_owned()), Some(ident.to_owned())),
        Some(Err(salt)) => (Some(salt.to_owned()), None),
    };
    Kept { plain: plain.to_owned(), salt: salt.filter(|salt| !salt.is_empty()), ident }
}

fn write(path: &Path, kept: &Kept) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let salt = kept.salt.as_ref().map(|salt| format!(" salt={salt}")).unwrap_or_default();
    let ident = kept.ident.as_ref().filter(|_| kept.salt.is_some());
    let ident = ident.map(|ident| format!(" ident={ident}")).unwrap_or_default();
    writeln!(file, "{}{salt}{ident}", kept.plain)?;
    file.sync_all()
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const SALT: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

fn salt_size(kind: &str) -> usize {
    match kind {
        "bcrypt" | "blowfish" => 22,
        "sha256_crypt" | "sha256" | "sha512_crypt" | "sha512" => 16,
        _ => 8,
    }
}

fn generated(option: &dyn Fn(&str) -> Option<Value>) -> Answer<String> {
    let length = match option("length") {
        None => 20,
        Some(value) => {
            let length = value.to_string().trim().parse().ok().filter(|length| *length <= 100_000);
            length.ok_or_else(|| TemplateError::value(format!("lookup `password`: {value} is no length")))?
        }
    };
    let sets = match option("chars") {
        None => vec!["ascii_letters".to_owned(), "digits".to_owned(), ".,:-_".to_owned()],
        Some(Value::List(items)) => items.iter().map(ToString::to_string).collect(),
        Some(written) => written.to_string().split(',').map(|part| part.trim().to_owned()).collect(),
    };
    let chars: String = sets.iter().map(|set| named_set(set)).collect();
    let chars = chars.replace(['"', '\''], "");
    if chars.is_empty() {
        return Err(TemplateError::value("lookup `password`: `chars` names no characters"));
    }
    random_text(&chars, length, option("seed").as_ref())
}

/// Sets as a term names them: two commas stand for a comma.
fn inline_sets(written: &str) -> Vec<Value> {
    let comma = written.contains(",,").then_some(",");
    let rest = written.replace(",,", ",");
    comma.into_iter().chain(rest.split(',').filter(|part| !part.is_empty())).map(Value::text).collect()
}

/// The characters of a set that Python names, or the text itself.
fn named_set(name: &str) -> String {
    match name {
        "ascii_letters" => LETTERS.to_owned(),
        "ascii_lowercase" => LETTERS[..26].to_owned(),
        "ascii_uppercase" => LETTERS[26..].to_owned(),
        "digits" => DIGITS.to_owned(),
        "hexdigits" => format!("{DIGITS}abcdefABCDEF"),
        "octdigits" => DIGITS[..8].to_owned(),
        "punctuation" => PUNCTUATION.to_owned(),
        "whitespace" => " \t\n\r\u{b}\u{c}".to_owned(),
        "printable" => format!("{DIGITS}{LETTERS}{PUNCTUATION} \t\n\r\u{b}\u{c}"),
        other => other.to_owned(),
    }
}

fn unusable(path: &Path, error: &io::Error) -> TemplateError {
    let path: PathBuf = path.to_owned();
    local(format!("lookup `password` cannot use {}: {error}", path.display()))
}
