//! Makes bytes from hosts harmless to a terminal, without hiding any.
//!
//! Pure. Newlines and tabs are kept and `\r\n` ends a line as `\n` does; every other control character, escape
//! sequence, invalid byte and invisible direction or format mark is written out (`\x1b`, `\xff`, `\u{202e}`). A lone
//! carriage return is written out too: what a terminal would overwrite stays readable.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Makes `bytes` safe to write to a terminal, keeping newlines and tabs.
#[must_use]
pub fn sanitize(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && is_harmless(text)
    {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        escape_text(chunk.valid(), &mut safe);
        for byte in chunk.invalid() {
            escape_byte(*byte, &mut safe);
        }
    }
    Cow::Owned(safe)
}

/// Makes `text` safe to write on one line: newlines and tabs are written out too.
#[must_use]
pub fn sanitize_line(text: &str) -> Cow<'_, str> {
    let safe = sanitize(text.as_bytes());
    if !safe.contains(['\n', '\t']) {
        return safe;
    }
    Cow::Owned(safe.replace('\n', "\\n").replace('\t', "\\t"))
}

fn is_harmless(text: &str) -> bool {
    let plain = |byte: &u8| (b' '..=b'~').contains(byte) || matches!(byte, b'\n' | b'\t');
    text.as_bytes().iter().all(plain) || text.chars().all(|c| matches!(c, '\n' | '\t') || !is_harmful(c))
}

fn escape_text(text: &str, safe: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => safe.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => safe.push_str("\\r"),
            c if c.is_ascii() && is_harmful(c) => escape_byte(c as u8, safe),
            // Writing to a String cannot fail.
            c if is_harmful(c) => _ = write!(safe, "\\u{{{:x}}}", u32::from(c)),
            c => safe.push(c),
        }
    }
}

fn escape_byte(byte: u8, safe: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(safe, "\\x{byte:02x}");
}

/// Control characters, and the marks that reorder, hide or break text without showing.
pub(super) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_is_borrowed_unaltered() {
        assert!(matches!(sanitize("größe\tok\n日本".as_bytes()), Cow::Borrowed("größe\tok\n日本")));
    }

    #[test]
    fn escape_sequences_nul_and_invalid_bytes_become_visible() {
        assert_eq!(sanitize(b"\x1b[31mred\x07\0\x7f\xff\xc3"), "\\x1b[31mred\\x07\\x00\\x7f\\xff\\xc3");
        assert_eq!(sanitize("a\u{9b}31m\u{202e}b".as_bytes()), "a\\u{9b}31m\\u{202e}b");
    }

    #[test]
    fn crlf_ends_a_line_and_a_lone_return_hides_nothing() {
        assert_eq!(sanitize(b"a\r\nb\rc\r"), "a\nb\\rc\\r");
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(sanitize_line("a\nb\tc"), "a\\nb\\tc");
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left(bytes: Vec<u8>) {
            prop_assert!(sanitize(&bytes).chars().all(|c| matches!(c, '\n' | '\t') || !is_harmful(c)));
        }
    }
}
