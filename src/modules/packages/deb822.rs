//! Sources of apt in the format of Debian's control files: their text, and what stands on the host.

use crate::modules::files::look::Fields;
use crate::modules::{Args, ModuleError};
use crate::template::Value;

/// The arguments that become fields, in the order of the text.
const FIELDS: [(&str, &str); 20] = [
    ("allow_downgrade_to_insecure", "Allow-Downgrade-To-Insecure"),
    ("allow_insecure", "Allow-Insecure"),
    ("allow_weak", "Allow-Weak"),
    ("architectures", "Architectures"),
    ("by_hash", "By-Hash"),
    ("check_date", "Check-Date"),
    ("check_valid_until", "Check-Valid-Until"),
    ("components", "Components"),
    ("date_max_future", "Date-Max-Future"),
    ("enabled", "Enabled"),
    ("inrelease_path", "Inrelease-Path"),
    ("languages", "Languages"),
    ("name", "X-Repolib-Name"),
    ("pdiffs", "Pdiffs"),
    ("signed_by", "Signed-By"),
    ("suites", "Suites"),
    ("targets", "Targets"),
    ("trusted", "Trusted"),
    ("types", "Types"),
    ("uris", "URIs"),
];

/// The text of a source.
#[must_use]
pub fn text(args: &Args, signed_by: Option<&str>) -> String {
    let mut text = String::new();
    for (argument, field) in FIELDS {
        let value = match (argument, args.value(argument)) {
            (_, None) => continue,
            ("signed_by", Some(_)) => signed_by.unwrap_or_default().to_owned(),
            (_, Some(Value::Bool(value))) => if *value { "yes" } else { "no" }.to_owned(),
            (_, Some(Value::List(items))) => items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            (_, Some(value)) => value.to_string(),
        };
        let value = if value.contains('\n') { indented(&value) } else { value };
        let blank = if value.is_empty() || value.starts_with('\n') { "" } else { " " };
        text.extend([field, ":", blank, &value, "\n"]);
    }
    text
}

/// Lines as a control file takes them: indented, a full stop for an empty one.
fn indented(value: &str) -> String {
    let lines = value.trim().lines().map(|line| match line.trim() {
        "" => "\n    .".to_owned(),
        line => format!("\n    {line}"),
    });
    lines.collect()
}

/// The name of the files, from that of the source.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.to_lowercase().chars() {
        match letter {
            letter if letter == '_' || letter.is_whitespace() => {
                if !slug.ends_with('\0') {
                    slug.push('\0');
                }
            }
            letter => slug.push(letter),
        }
    }
    let slug = slug.replace('\0', "-");
    slug.chars().filter(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || *letter == '-').collect()
}

/// What stands on the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Modes of the source, of `KEY.asc`, of `KEY.gpg`; none where nothing is.
    pub modes: [Option<u32>; 3],
    /// Mode of the directory of keys.
    pub folder: Option<u32>,
    /// Whether the argument `signed_by` is a file of the host.
    pub is_file: bool,
    /// The source.
    pub source: Option<Vec<u8>>,
    /// The key that stands there.
    pub key: Option<Vec<u8>>,
    /// The key that was fetched.
    pub fetched: Option<Vec<u8>>,
}

impl Standing {
    /// Reads the answer of the probe `deb822`.
    ///
    /// # Errors
    /// When it is not complete.
    pub fn parse(bytes: &[u8]) -> Result<Self, ModuleError> {
        let mut fields = Fields::new(bytes);
        let mut mode =
            || -> Result<Option<u32>, ModuleError> { Ok(u32::from_str_radix(fields.text()?.trim(), 8).ok()) };
        let modes = [mode()?, mode()?, mode()?];
        let folder = mode()?;
        let kind = fields.text()?;
        let (source, rest) = part(fields.rest())?;
        let mut standing = Self { modes, folder, is_file: kind == "file", source, ..Self::default() };
        if kind == "url" {
            let (key, rest) = part(rest)?;
            let (fetched, _) = part(rest)?;
            standing.key = key;
            standing.fetched = fetched;
        }
        Ok(standing)
    }
}

/// A part with its size before it; `-` for none.
fn part(bytes: &[u8]) -> Result<(Option<Vec<u8>>, &[u8]), ModuleError> {
    let mut fields = Fields::new(bytes);
    let size = fields.text()?;
    let rest = fields.rest();
    let Ok(size) = size.trim().parse::<usize>() else { return Ok((None, rest)) };
    let part = rest.get(..size).ok_or_else(|| ModuleError::new("the host's answer is not complete"))?;
    Ok((Some(part.to_vec()), &rest[size..]))
}

/// Whether a key is text.
#[must_use]
pub fn is_armored(key: &[u8]) -> bool {
    memchr::memmem::find(key, b"-----BEGIN PGP PUBLIC KEY BLOCK-----").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_names_of_files() {
        assert_eq!(slug("Docker CE_ stable (x)"), "docker-ce-stable-x");
        assert_eq!(slug("a/../b"), "ab");
    }

    #[test]
    fn keys_are_indented() {
        assert_eq!(indented("-----BEGIN\n\n  abc\n-----END\n"), "\n    -----BEGIN\n    .\n    abc\n    -----END");
    }

    #[test]
    fn answers_that_are_cut_are_refused() {
        let answer = |fields: &[&str]| fields.join("\0").into_bytes();
        let head = ["644\n", "", "600\n", "755\n", "url", "5"];
        let cut = answer(&[&head[..], &["Types3", "KE"]].concat());
        assert!(Standing::parse(&cut).is_err());
        let whole = answer(&[&head[..], &["Type:-", "3", "KEY"]].concat());
        let standing = Standing::parse(&whole).unwrap();
        assert_eq!((standing.modes, standing.folder), ([Some(0o644), None, Some(0o600)], Some(0o755)));
        assert_eq!((standing.key, standing.fetched), (None, Some(b"KEY".to_vec())));
    }
}
