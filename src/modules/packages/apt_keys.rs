//! Keys of apt, as `apt-key` and `gpg` name them.

/// The ways in which one key is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyId {
    /// The last 8 digits.
    pub short: String,
    /// The last 16 digits, or all where it has 8.
    pub fingerprint: String,
    /// All digits.
    pub full: String,
}

impl KeyId {
    /// Reads a key's name: 8, 16 or more hexadecimal digits; `0x` may stand before them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let upper = text.to_uppercase();
        let full = upper.strip_prefix("0X").unwrap_or(&upper);
        let is_hexadecimal = !full.is_empty() && full.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hexadecimal || !(full.len() == 8 || full.len() >= 16) {
            return None;
        }
        let last = |count: usize| full[full.len().saturating_sub(count)..].to_owned();
        Some(Self { short: last(8), fingerprint: last(16), full: full.to_owned() })
    }

    /// Whether it is one of these keys.
    #[must_use]
    pub fn is_among(&self, keys: &[String]) -> bool {
        if self.is_short() { keys.contains(&self.short) } else { keys.contains(&self.fingerprint) }
    }

    /// Whether it has 8 digits.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.full.len() == 8
    }
}

/// The keys that lines after `mark` name: `pub   rsa4096/0123456789ABCDEF 2020-01-01`, or fields with colons.
#[must_use]
pub fn keys(text: &str, mark: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix(mark))
        .filter_map(|line| {
            let spoken = line.split_whitespace().nth(1).and_then(|word| word.split_once('/'));
            spoken.map(|(_, id)| id).or_else(|| line.split(':').nth(4)).map(str::to_owned)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_by_their_last_digits() {
        let id = KeyId::parse("0x9dc858229fc7dd38854ae2d88d81803c0ebfcd88").unwrap();
        assert_eq!((id.short.as_str(), id.fingerprint.as_str()), ("0EBFCD88", "8D81803C0EBFCD88"));
        assert_eq!(KeyId::parse("0EBFCD88").unwrap().fingerprint, "0EBFCD88");
        for wrong in ["", "xyz", "0EBFCD8", "0EBFCD88FF", "ü"] {
            assert_eq!(KeyId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn both_ways_to_tell_keys_are_read() {
        let text = "@has pub   rsa4096/7EA0A9C3F273FCD8 2017-02-22 [SCEA]\n@has sub   rsa4096/8D81803C0EBFCD88 2017\n@key pub:-:4096:1:1111111111111111:1::\nother\n";
        assert_eq!(keys(text, "@has "), ["7EA0A9C3F273FCD8", "8D81803C0EBFCD88"]);
        assert_eq!(keys(text, "@key "), ["1111111111111111"]);
    }
}
