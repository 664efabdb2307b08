//! Words and bytes as printable ASCII that any POSIX shell reads back exactly.

use std::fmt::Write as _;

/// Quotes `word` for a POSIX shell (and for csh, as long as it holds no newline and no `!`).
#[must_use]
pub fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The assignment that leaves exactly `bytes` in the shell variable `name`; NUL cannot be held and ends the word.
#[must_use]
pub(super) fn assign(name: &str, bytes: &[u8]) -> String {
    if is_plain_text(bytes) {
        let text = std::str::from_utf8(bytes).expect("plain bytes are ASCII");
        return format!("{name}={}", quote(text));
    }
    // Command substitution drops trailing newlines; the full stop keeps them.
    format!("{name}=$(printf %b '{}.');{name}=${{{name}%.}}", escape(bytes))
}

/// Escapes `bytes` for `printf %b` inside single quotes.
#[must_use]
pub(super) fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 4);
    for byte in bytes {
        if is_plain(*byte) {
            text.push(char::from(*byte));
        } else {
            write!(text, "\\0{byte:03o}").expect("a String takes every write");
        }
    }
    text
}

/// Whether `bytes` can stand between single quotes as they are.
#[must_use]
pub(super) fn is_plain_word(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| is_plain(*byte) || *byte == b'\\')
}

/// Whether `bytes` can stand in a frame as they are, but for single quotes: no line ends the frame.
pub(super) fn is_plain_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n'))
        && bytes.split(|byte| *byte == b'\n').all(|line| line != b".")
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'\'' && byte != b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_back(shell: &[&str], bytes: &[u8]) -> Vec<u8> {
        let script = format!("{}\nprintf %s \"$w\"", assign("w", bytes));
        let output = std::process::Command::new(shell[0]).args(&shell[1..]).arg("-c").arg(script).output().unwrap();
        output.stdout
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_but_nul_survive_sh(bytes in proptest::collection::vec(1u8.., 0..200)) {
            prop_assert_eq!(read_back(&["sh"], &bytes), bytes);
        }

        #[test]
        fn frames_are_printable_ascii(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(assign("w", &bytes).bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')));
        }

        #[test]
        fn no_text_ends_its_frame(text in "[.\n' ]{0,12}") {
            prop_assert!(assign("w", text.as_bytes()).lines().all(|line| line != "."));
            prop_assert_eq!(read_back(&["sh"], text.as_bytes()), text.as_bytes());
        }
    }

    #[test]
    fn bash_in_a_utf8_locale_keeps_trailing_newlines_and_broken_utf8() {
        for bytes in [&b"a\n\n"[..], b"\\0101\\c\\", b"\xe2\x82", b"\\0101 %s $HOME `id` ' \" !", b"-n", b"\xff\n"] {
            assert_eq!(read_back(&["env", "LC_ALL=C.UTF-8", "bash"], bytes), bytes);
        }
    }
}
