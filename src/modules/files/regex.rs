//! Python's regular expressions over the contents of files.

use fancy_regex::Regex;

use crate::modules::ModuleError;
use crate::template::python::{self, Flags};
pub use crate::template::python::{expand, substitute};

/// A file's content as text: UTF-8, or where it is not, a character for each byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileText {
    /// UTF-8.
    Utf8(String),
    /// Bytes.
    Bytes(String),
}

impl FileText {
    /// Reads bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Utf8(text.to_owned()),
            Err(_) => Self::Bytes(bytes.iter().copied().map(char::from).collect()),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let (Self::Utf8(text) | Self::Bytes(text)) = self;
        text
    }

    /// Another text, such as an argument, as it stands in this one.
    #[must_use]
    pub fn native(&self, text: &str) -> String {
        match self {
            Self::Utf8(_) => text.to_owned(),
            Self::Bytes(_) => text.bytes().map(char::from).collect(),
        }
    }

    /// A text made from this one as bytes.
    #[must_use]
    pub fn bytes(&self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8(_) => text.as_bytes().to_vec(),
            Self::Bytes(_) => {
                text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect()
            }
        }
    }
}

/// Compiles a Python pattern; `flags` stand in front of it: `(?m)`, or `(?a)` for classes that are ASCII's, as those of
/// Ansible's modules about lines are.
///
/// # Errors
/// When it is no pattern.
pub fn compile(pattern: &str, flags: &str) -> Result<Regex, ModuleError> {
    let regex = python::compile(&format!("{flags}{pattern}"), Flags::default(), python::Anchor::None)?;
    Ok(Regex::clone(&regex))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expectations from Python's `re`.
    #[test]
    fn patterns_match_as_in_python() {
        for (pattern, text, matches) in [
            ("^foo$", "foo\n", true),
            ("^foo$", "foo\nbar", false),
            (r"foo\Z", "foo\n", false),
            (r"^\s*#?\s*Port\s", "#Port 22\n", true),
            (r"[]a]b$", "]b\n", true),
            (r"[$]x", "$x", true),
            ("^(?!#)x=\\\"1\\\"", "x=\"1\"", true),
            (r"a[[:b]", "a[", true),
            (r"^\w+$", "caf\u{e9}", false),
        ] {
            let regex = compile(pattern, "(?a)").unwrap();
            assert_eq!(regex.is_match(text).unwrap(), matches, "{pattern} in {text:?}");
        }
        assert!(compile(r"^\w+$", "").unwrap().is_match("caf\u{e9}").unwrap());
        assert!(compile("(?m)^b$", "").unwrap().is_match("a\nb\nc").unwrap());
        assert!(compile("^b$", "(?m)").unwrap().is_match("a\nb\nc").unwrap());
        assert!(compile("(", "").is_err());
    }

    #[test]
    fn templates_expand_as_in_python() {
        let regex = compile(r"(?P<key>\w+)=(\d+)(x)?", "").unwrap();
        let captures = regex.captures("port=22").unwrap().unwrap();
        assert_eq!(expand(&regex, &captures, r"\1: \g<2>\3\t\g<key>!").unwrap(), "port: 22\tport!");
        assert!(expand(&regex, &captures, r"\4").is_err());
        assert!(expand(&regex, &captures, r"\q").is_err());
    }
}
