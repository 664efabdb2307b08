//! Permission bits as hosts write them.

use std::ffi::OsString;

/// As `chmod` takes it.
pub(super) fn octal(mode: u32) -> OsString {
    format!("{mode:o}").into()
}

/// A file's permission bits in the form of `ls -l`.
pub(super) fn listed_mode(mode: u32) -> String {
    let bits = (0..9).rev().map(|bit| if mode & (1 << bit) == 0 { '-' } else { ['x', 'w', 'r'][bit % 3] });
    std::iter::once('-').chain(bits).collect()
}

/// Reads the mode in the form of `ls -l`, such as `-rw-r--r--`; set-user-id and its like are bits above the nine.
pub(super) fn symbolic_mode(text: &str) -> Option<u32> {
    let letters = text.get(1..10)?.as_bytes();
    let mut mode = 0;
    for (place, letter) in letters.iter().enumerate() {
        let bit = 0o400 >> place;
        let special = 0o4000 >> (place / 3);
        mode |= match letter {
            b'-' => 0,
            b'r' | b'w' | b'x' => bit,
            b's' | b't' => bit | special,
            b'S' | b'T' => special,
            _ => return None,
        };
    }
    Some(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_ls_writes_them() {
        for (text, mode) in [
            ("-rw-r--r--", 0o644),
            ("-rwsr-xr-x.", 0o4755),
            ("drwxrwsrwt+", 0o3777),
            ("-rwSr-Sr-T", 0o7644),
            ("----------", 0),
        ] {
            assert_eq!(symbolic_mode(text), Some(mode), "{text}");
        }
        assert_eq!(symbolic_mode("nonsense?!"), None);
        for mode in 0..=0o777 {
            assert_eq!(symbolic_mode(&listed_mode(mode)), Some(mode));
        }
    }
}
