//! Which parts of what came out of a vault must be kept out of sight.

/// Shortest text that is masked: a shorter one would mask half of every output.
const SHORTEST: usize = 4;

/// Shortest line of a longer text, such as a key, that is masked by itself.
const SHORTEST_LINE: usize = 12;

/// Words that say nothing.
const COMMON: [&str; 10] =
    ["true", "false", "none", "null", "root", "present", "absent", "default", "latest", "localhost"];

/// The texts to mask for one value: the value, and the lines of a longer one, since output shows lines.
#[must_use]
pub fn secret_texts(value: &str) -> Vec<String> {
    let whole = value.trim();
    let is_reference = whole.starts_with("{{") && whole.ends_with("}}");
    if whole.chars().count() < SHORTEST || is_reference || COMMON.contains(&whole.to_lowercase().as_str()) {
        return Vec::new();
    }
    let mut texts = vec![whole.to_owned()];
    if whole.contains('\n') {
        let lines = whole.lines().map(str::trim).filter(|line| line.chars().count() >= SHORTEST_LINE);
        // The first and last lines of a PEM file are the same in all of them.
        texts.extend(lines.filter(|line| !line.starts_with("-----")).map(str::to_owned));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_whole_and_by_its_lines() {
        assert_eq!(secret_texts("hunter2\n"), ["hunter2"]);
        let key = "-----BEGIN KEY-----\nMIIEvgIBADANBg\n=\n-----END KEY-----\n";
        assert_eq!(secret_texts(key), [key.trim(), "MIIEvgIBADANBg"]);
    }

    #[test]
    fn what_says_nothing_is_not_masked() {
        for text in ["", "abc", "True", "root", "{{ other_variable }}"] {
            assert!(secret_texts(text).is_empty(), "{text}");
        }
    }
}
