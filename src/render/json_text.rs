//! JSON that is harmless to a terminal: what [`sanitize`](super::sanitize) makes visible stands escaped in its strings.
//!
//! A reader of JSON gets the same values.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::sanitize::is_harmful;

/// `value` as one line.
///
/// # Panics
/// Panics when a map in `value` has keys that are no strings.
#[must_use]
pub fn json_line(value: &impl Serialize) -> String {
    let mut text = Vec::new();
    write_json(&mut text, value).expect("a Vec takes every write");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// Writes `value` as one line, without its end.
///
/// # Errors
/// Fails when `out` does.
pub fn write_json(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, Harmless(CompactFormatter)))?)
}

/// Writes `value` on many lines, each level indented by `indent`, without the end of the last.
///
/// # Errors
/// Fails when `out` does.
pub fn write_json_pretty(out: &mut dyn Write, value: &impl Serialize, indent: &str) -> io::Result<()> {
    let formatter = Harmless(PrettyFormatter::with_indent(indent.as_bytes()));
    Ok(value.serialize(&mut Serializer::with_formatter(out, formatter))?)
}

/// Lays values out as the inner formatter does.
struct Harmless<F>(F);

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut written = 0;
        for (place, character) in fragment.char_indices().filter(|(_, character)| is_harmful(*character)) {
            writer.write_all(&fragment.as_bytes()[written..place])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            written = place + character.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[written..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_would_harm_a_terminal_is_escaped_and_means_the_same() {
        let value = json!({"k\u{9b}": "a\u{7f}b\u{9b}31m\u{202e}\u{e0001}ü\n", "list": [1, {}]});
        let line = json_line(&value);
        assert_eq!(line, r#"{"k\u009b":"a\u007fb\u009b31m\u202e\udb40\udc01ü\n","list":[1,{}]}"#);
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
        let mut pretty = Vec::new();
        write_json_pretty(&mut pretty, &value, "  ").unwrap();
        assert!(pretty.starts_with(b"{\n  \"k\\u009b\": "));
        assert_eq!(serde_json::from_slice::<Value>(&pretty).unwrap(), value);
    }
}
