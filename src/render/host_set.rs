//! Many host names in few words: `web[01-18,20],db1`, a pattern that selects exactly these hosts again.
//!
//! Pure. Folds one number of each name, the one that saves most; zero padding is kept.

use std::collections::{BTreeMap, HashMap};

/// What comes before and after the folded number.
type Frame<'a> = (&'a str, &'a str);

/// Writes `names` in range notation, in order of name, each host once.
#[must_use]
pub fn host_set<S: AsRef<str>>(names: &[S]) -> String {
    let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    names.dedup();
    let mut members: HashMap<Frame<'_>, usize> = HashMap::new();
    for (frame, _) in names.iter().flat_map(|name| splits(name)) {
        *members.entry(frame).or_default() += 1;
    }
    let mut folded: BTreeMap<Frame<'_>, Vec<&str>> = BTreeMap::new();
    let mut items = Vec::new();
    for name in names {
        let best = splits(name).max_by_key(|(frame, _)| members[frame]).filter(|(frame, _)| members[frame] > 1);
        match best {
            Some((frame, number)) => folded.entry(frame).or_default().push(number),
            None => items.push(name.to_owned()),
        }
    }
    items.extend(folded.into_iter().map(|(frame, numbers)| item(frame, numbers)));
    items.sort();
    items.join(",")
}

/// Every way to see `name` as text, number, text.
fn splits(name: &str) -> impl Iterator<Item = (Frame<'_>, &str)> {
    // A name with a pattern's own signs in it cannot be put into a range; neither can one that begins with `[`.
    let foldable = !name.contains(|c: char| c.is_whitespace() || "[]{}(),:;!&~@*?'\"\\".contains(c));
    let bytes = name.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(u8::is_ascii_digit)?;
        let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        at = start + length;
        Some(((&name[..start], &name[start + length..]), &name[start..start + length]))
    })
    .filter(move |((before, _), number)| foldable && !before.is_empty() && number.len() <= 18)
}

fn item((before, after): Frame<'_>, mut numbers: Vec<&str>) -> String {
    if let [only] = numbers[..] {
        return format!("{before}{only}{after}");
    }
    numbers.sort_unstable_by_key(|number| (number.len(), value(number)));
    let mut ranges: Vec<(&str, &str)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((first, last)) if continues(first, last, number) => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let text = |(first, last): &(&str, &str)| {
        if first == last { (*first).to_owned() } else { format!("{first}-{last}") }
    };
    let ranges: Vec<String> = ranges.iter().map(text).collect();
    format!("{before}[{}]{after}", ranges.join(","))
}

/// Whether a range that starts with `first` and now ends with `last` goes on with `number`.
fn continues(first: &str, last: &str, number: &str) -> bool {
    let padded = |number: &str| number.len() > 1 && number.starts_with('0');
    let same_form = if padded(first) { number.len() == first.len() } else { !padded(number) };
    same_form && value(number) == value(last) + 1
}

fn value(number: &str) -> u64 {
    number.parse().expect("at most 18 digits")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The names that a range notation stands for, as pdsh and clush read it.
    fn expand(set: &str) -> Vec<String> {
        let mut names = Vec::new();
        let (mut depth, mut start) = (0, 0);
        for (index, c) in set.char_indices().chain([(set.len(), ',')]) {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                ',' if depth == 0 => {
                    names.extend(expand_item(&set[start..index]));
                    start = index + 1;
                }
                _ => {}
            }
        }
        names.sort();
        names
    }

    fn expand_item(item: &str) -> Vec<String> {
        let Some((before, rest)) = item.split_once('[') else { return vec![item.to_owned()] };
        let (ranges, after) = rest.split_once(']').unwrap();
        let numbers = ranges.split(',').flat_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let width = if first.starts_with('0') { first.len() } else { 0 };
            (value(first)..=value(last)).map(move |number| format!("{number:0width$}"))
        });
        numbers.map(|number| format!("{before}{number}{after}")).collect()
    }

    #[test]
    fn ranges_keep_padding_gaps_and_suffixes() {
        let web: Vec<String> = (1..=18).chain([20]).map(|n| format!("web{n:02}")).chain(["db1".into()]).collect();
        assert_eq!(host_set(&web), "db1,web[01-18,20]");
        assert_eq!(host_set(&["w1.example.com", "w2.example.com", "w10.example.com"]), "w[1-2,10].example.com");
        assert_eq!(host_set(&["n8", "n9", "n10", "n08", "n09"]), "n[8-9,08-10]");
        assert_eq!(host_set(&["n98", "n99", "n100", "m099", "m100"]), "m[099-100],n[98-100]");
    }

    #[test]
    fn of_several_numbers_the_one_that_saves_most_is_folded() {
        assert_eq!(host_set(&["r1n1", "r1n2", "r1n3", "r2n1"]), "r1n[1-3],r2n1");
        assert_eq!(host_set(&["r1-a1", "r2-a1", "r3-a1"]), "r[1-3]-a1");
        assert_eq!(host_set(&["10.0.0.1", "10.0.0.2", "10.0.1.9"]), "10.0.0.[1-2],10.0.1.9");
    }

    #[test]
    fn names_that_cannot_stand_in_a_range_stay_whole() {
        assert_eq!(host_set(&["fe80::1", "fe80::2"]), "fe80::1,fe80::2");
        assert_eq!(host_set(&["1", "2"]), "1,2");
        assert_eq!(host_set(&["a", "a", "b"]), "a,b");
        assert_eq!(host_set::<&str>(&[]), "");
    }

    proptest! {
        #[test]
        fn expanding_gives_the_same_hosts(names in prop::collection::btree_set("[a-c]{0,2}[0-9]{0,3}(-[a-b][0-9]{0,2}){0,2}", 0..60)) {
            let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
            let expanded = if names.is_empty() { Vec::new() } else { expand(&host_set(&names)) };
            prop_assert_eq!(expanded, names);
        }
    }
}
