//! What a text may be written as in YAML, as `libyaml` decides.

use std::sync::LazyLock;

use fancy_regex::Regex;

/// Texts that YAML 1.1 reads as something else when they stand plain.
static RESOLVED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\A(?:",
        r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
        r"|~|null|Null|NULL||<<|=|!|&|\*",
        r"|[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+",
        r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+",
        r"|[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?",
        r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        r"|[0-9]{4}-[0-9]{2}-[0-9]{2}",
        r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?",
        r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?",
        r")\z"
    ))
    .expect("the pattern is fixed")
});

/// Whether a plain text would be read as something else than text.
pub fn is_resolved(text: &str) -> bool {
    RESOLVED.is_match(text).unwrap_or(true)
}

/// What a text allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of its own")]
pub struct Analysis {
    /// It has line breaks.
    pub multiline: bool,
    /// Plain within `[…]` and `{…}`.
    pub flow_plain: bool,
    /// Plain elsewhere.
    pub block_plain: bool,
    /// In single quotes.
    pub single_quoted: bool,
}

/// Whether `libyaml` takes the character for printable.
pub fn is_printable(letter: char) -> bool {
    matches!(letter, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && letter != '\u{feff}'
}

/// Whether the character breaks a line.
pub fn is_break(letter: char) -> bool {
    matches!(letter, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Looks at a text once, character by character.
pub fn analyse(text: &str) -> Analysis {
    if text.is_empty() {
        return Analysis { multiline: false, flow_plain: false, block_plain: true, single_quoted: true };
    }
    let letters: Vec<char> = text.chars().collect();
    let (flow_indicators, block_indicators) = indicators(text, &letters);
    let is_blank = |place: usize| letters.get(place).is_some_and(|letter| *letter == ' ');
    let breaks = |place: usize| letters.get(place).is_some_and(|letter| is_break(*letter));
    let last = letters.len() - 1;
    let edges = is_blank(0) || breaks(0) || is_blank(last) || breaks(last);
    let break_space = (0..last).any(|place| breaks(place) && is_blank(place + 1));
    let space_break = (0..last).any(|place| is_blank(place) && breaks(place + 1));
    let special = letters.iter().any(|letter| !is_printable(*letter));
    let multiline = letters.iter().any(|letter| is_break(*letter));
    let plain = !(edges || break_space || space_break || special || multiline);
    Analysis {
        multiline,
        flow_plain: plain && !flow_indicators,
        block_plain: plain && !block_indicators,
        single_quoted: !(break_space || space_break || special),
    }
}

/// Whether characters stand where they mean something, within flow and elsewhere.
fn indicators(text: &str, letters: &[char]) -> (bool, bool) {
    let dashes = text.starts_with("---") || text.starts_with("...");
    let (mut flow, mut block) = (dashes, dashes);
    let is_blankz =
        |letter: Option<&char>| letter.is_none_or(|letter| matches!(letter, ' ' | '\t') || is_break(*letter));
    for (place, letter) in letters.iter().enumerate() {
        let followed = is_blankz(letters.get(place + 1));
        let preceded = place == 0 || is_blankz(letters.get(place - 1));
        match letter {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
                if place == 0 =>
            {
                flow = true;
                block = true;
            }
            '-' if place == 0 && followed => {
                flow = true;
                block = true;
            }
            '?' if place == 0 => {
                flow = true;
                block |= followed;
            }
            ':' => {
                flow = true;
                block |= followed;
            }
            ',' | '?' | '[' | ']' | '{' | '}' => flow = true,
            '#' if preceded => {
                flow = true;
                block = true;
            }
            _ => {}
        }
    }
    (flow, block)
}
