//! Python's regular expressions over the contents of files.

use fancy_regex::{Captures, Regex};

use crate::modules::ModuleError;

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

/// Compiles a Python pattern; `flags` stand in front of it: `(?m)`.
///
/// # Errors
/// When it is no pattern.
pub fn compile(pattern: &str, flags: &str) -> Result<Regex, ModuleError> {
    let multiline = flags.contains('m');
    Regex::new(&format!("{flags}{}", translate(pattern, multiline)))
        .map_err(|error| ModuleError::new(format!("the regular expression '{pattern}' is not valid: {error}")))
}

/// Writes a Python pattern as the engine here reads it.
fn translate(pattern: &str, multiline: bool) -> String {
    let mut out = String::new();
    let mut class = false;
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('Z') if !class => out.push_str("\\z"),
                Some(escaped) if "\"'/ #%&,:;<=>@_`~!".contains(escaped) => {
                    if class && "&~".contains(escaped) {
                        out.push('\\');
                    }
                    out.push(escaped);
                }
                Some(escaped) => out.extend(['\\', escaped]),
                None => out.push('\\'),
            },
            '[' if class => out.push_str("\\["),
            '[' => {
                class = true;
                out.push('[');
                if characters.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                if characters.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                }
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            '&' | '~' if class => out.extend(['\\', character]),
            '$' if !class && !multiline => out.push_str("(?=\\n?\\z)"),
            '$' if !class => out.push_str("(?=\\n|\\z)"),
            other => out.push(other),
        }
    }
    out
}

/// Expands `\1`, `\g<1>`, `\g<name>` and escapes, as Python's `Match.expand` does.
///
/// # Errors
/// When a group is named that is not there.
pub fn expand(template: &str, captures: &Captures<'_, str>) -> Result<String, ModuleError> {
    let mut out = String::new();
    let mut characters = template.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('g') if characters.next_if_eq(&'<').is_some() => {
                let name: String = characters.by_ref().take_while(|character| *character != '>').collect();
                out.push_str(group(&name, captures)?);
            }
            Some(digit @ '1'..='9') => {
                let mut name = digit.to_string();
                if let Some(second) = characters.next_if(char::is_ascii_digit) {
                    name.push(second);
                }
                out.push_str(group(&name, captures)?);
            }
            Some('0') => out.push('\0'),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\x0c'),
            Some('v') => out.push('\x0b'),
            Some('a') => out.push('\x07'),
            Some('\\') => out.push('\\'),
            Some(letter) if letter.is_ascii_alphabetic() => {
                return Err(ModuleError::new(format!("bad escape \\{letter} in `{template}`")));
            }
            Some(other) => out.extend(['\\', other]),
            None => return Err(ModuleError::new(format!("bad escape at the end of `{template}`"))),
        }
    }
    Ok(out)
}

fn group<'a>(name: &str, captures: &'a Captures<'_, str>) -> Result<&'a str, ModuleError> {
    let found = match name.parse::<usize>() {
        Ok(number) if number >= captures.len() => {
            return Err(ModuleError::new(format!("invalid group reference {number}")));
        }
        Ok(number) => captures.get(number),
        Err(_) => captures.name(name),
    };
    Ok(found.map_or("", |found| found.as_str()))
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
        ] {
            let regex = compile(pattern, "").unwrap();
            assert_eq!(regex.is_match(text).unwrap(), matches, "{pattern} in {text:?}");
        }
        assert!(compile("(?m)^b$", "").is_ok());
        assert!(compile("^b$", "(?m)").unwrap().is_match("a\nb\nc").unwrap());
        assert!(compile("(", "").is_err());
    }

    #[test]
    fn templates_expand_as_in_python() {
        let regex = compile(r"(?P<key>\w+)=(\d+)(x)?", "").unwrap();
        let captures = regex.captures("port=22").unwrap().unwrap();
        assert_eq!(expand(r"\1: \g<2>\3\t\g<key>!", &captures).unwrap(), "port: 22\tport!");
        assert!(expand(r"\4", &captures).is_err());
        assert!(expand(r"\q", &captures).is_err());
    }
}
