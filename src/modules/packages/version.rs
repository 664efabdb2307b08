//! Debian's order of versions (Debian policy, 5.6.12).

use std::cmp::Ordering;

/// The order of two versions: epoch, upstream version, Debian revision.
#[must_use]
pub fn compare(one: &str, two: &str) -> Ordering {
    let (one, two) = (split(one), split(two));
    one.0.cmp(&two.0).then_with(|| order(one.1, two.1)).then_with(|| order(one.2, two.2))
}

fn split(version: &str) -> (u64, &str, &str) {
    let (epoch, rest) = match version.split_once(':') {
        Some((epoch, rest)) => (epoch.parse().unwrap_or(0), rest),
        None => (0, version),
    };
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    (epoch, upstream, revision)
}

/// Compares runs of other characters and runs of digits in turn.
fn order(mut one: &str, mut two: &str) -> Ordering {
    while !one.is_empty() || !two.is_empty() {
        let (text_one, text_two) = (leading(one, false), leading(two, false));
        match order_texts(text_one, text_two) {
            Ordering::Equal => {}
            other => return other,
        }
        (one, two) = (&one[text_one.len()..], &two[text_two.len()..]);
        let (digits_one, digits_two) = (leading(one, true), leading(two, true));
        let (bare_one, bare_two) = (digits_one.trim_start_matches('0'), digits_two.trim_start_matches('0'));
        match bare_one.len().cmp(&bare_two.len()).then_with(|| bare_one.cmp(bare_two)) {
            Ordering::Equal => {}
            other => return other,
        }
        (one, two) = (&one[digits_one.len()..], &two[digits_two.len()..]);
    }
    Ordering::Equal
}

fn leading(text: &str, digits: bool) -> &str {
    &text[..text.find(|character: char| character.is_ascii_digit() != digits).unwrap_or(text.len())]
}

/// `~` sorts before the end, the end before letters, letters before all else.
fn order_texts(one: &str, two: &str) -> Ordering {
    let weight = |character: Option<char>| match character {
        Some('~') => (0, '~'),
        None => (1, ' '),
        Some(letter) if letter.is_ascii_alphabetic() => (2, letter),
        Some(other) => (3, other),
    };
    let (mut left, mut right) = (one.chars(), two.chars());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (one, two) => match weight(one).cmp(&weight(two)) {
                Ordering::Equal => {}
                other => return other,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `dpkg --compare-versions` answers.
    #[test]
    fn versions_are_ordered_as_dpkg_orders_them() {
        let sorted = [
            "1.0~rc1-1",
            "1.0-1",
            "1.0-1+b1",
            "1.0-1.1",
            "1.0-2",
            "1.0a-1",
            "1.0+dfsg-1",
            "1.2-1",
            "1.10-1",
            "1:0.1-1",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(compare("1.0-1", "0:1.00-1"), Ordering::Equal);
    }
}
