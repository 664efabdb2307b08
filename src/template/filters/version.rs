//! Versions and how they compare: loose, strict, semantic (2.0.0) and PEP 440.

use std::cmp::Ordering;
use std::sync::LazyLock;

use fancy_regex::Regex;

use super::bind::Answer;
use crate::template::{TemplateError, Value};

/// How a version is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers and words in turn, as `distutils` called it.
    Loose,
    /// `1.2`, `1.2.3`, `1.2a1`.
    Strict,
    /// Semantic versions.
    Semantic,
    /// Python's PEP 440.
    Pep440,
}

/// Compares two versions.
///
/// # Errors
/// When one is none of its kind, or loose parts of different types meet.
pub fn compare(one: &str, two: &str, kind: Kind) -> Answer<Ordering> {
    let failed = |reason: String| TemplateError::value(format!("Version comparison failed: {reason}"));
    match kind {
        Kind::Loose => loose_order(&loose(one), &loose(two)).map_err(failed),
        Kind::Strict => {
            let order =
                |version: &str| strict(version).ok_or_else(|| failed(format!("invalid version number '{version}'")));
            Ok(order(one)?.cmp(&order(two)?))
        }
        Kind::Semantic => {
            let order = |version: &str| {
                semantic(version).ok_or_else(|| failed(format!("invalid semantic version '{version}'")))
            };
            let (one, two) = (order(one)?, order(two)?);
            Ok(one.cmp(&two))
        }
        Kind::Pep440 => {
            let order = |version: &str| pep440(version).ok_or_else(|| failed(format!("Invalid version: '{version}'")));
            Ok(order(one)?.cmp(&order(two)?))
        }
    }
}

/// A part of a loose version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A number, without leading zeros.
    Number(String),
    /// Anything else.
    Word(String),
}

/// Cuts a version into numbers, words and what stands between, without the dots.
pub fn loose(version: &str) -> Vec<Part> {
    let mut parts: Vec<(u8, String)> = Vec::new();
    for letter in version.chars() {
        let class = match letter {
            '0'..='9' => 0,
            'a'..='z' => 1,
            '.' => 2,
            _ => 3,
        };
        match parts.last_mut() {
            Some((last, text)) if *last == class && class != 2 => text.push(letter),
            _ => parts.push((class, letter.to_string())),
        }
    }
    let part = |(class, text): (u8, String)| match class {
        0 => Some(Part::Number(text.trim_start_matches('0').to_owned())),
        2 => None,
        _ => Some(Part::Word(text)),
    };
    parts.into_iter().filter_map(part).collect()
}

fn loose_order(one: &[Part], two: &[Part]) -> Result<Ordering, String> {
    for pair in one.iter().zip(two) {
        let order = match pair {
            (Part::Number(one), Part::Number(two)) => (one.len(), one).cmp(&(two.len(), two)),
            (Part::Word(one), Part::Word(two)) => one.cmp(two),
            (Part::Number(_), Part::Word(_)) => {
                return Err("'<' not supported between instances of 'int' and 'str'".to_owned());
            }
            (Part::Word(_), Part::Number(_)) => {
                return Err("'<' not supported between instances of 'str' and 'int'".to_owned());
            }
        };
        if order != Ordering::Equal {
            return Ok(order);
        }
    }
    Ok(one.len().cmp(&two.len()))
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

/// The order of strict versions: the numbers, then a release after its pre-releases.
type Strict = (u64, u64, u64, bool, Option<(char, u64)>);

fn strict(version: &str) -> Option<Strict> {
    static FORM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\A(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?\z").expect("the pattern is fixed"));
    let found = FORM.captures(version).ok()??;
    let group = |place: usize| found.get(place).map(|group| group.as_str());
    let prerelease = match (group(4), group(5)) {
        (Some(letter), Some(digits)) => Some((letter.chars().next()?, number(digits)?)),
        _ => None,
    };
    let patch = group(3).map_or(Some(0), number)?;
    Some((number(group(1)?)?, number(group(2)?)?, patch, prerelease.is_none(), prerelease))
}

/// The order of semantic versions: the numbers, then a release after its pre-releases.
type Semantic = (u64, u64, u64, bool, Vec<Identifier>);

/// A part of a pre-release; numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

fn semantic(version: &str) -> Option<Semantic> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"\A(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)",
            r"(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?",
            r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?\z"
        ))
        .expect("the pattern is fixed")
    });
    let found = FORM.captures(version).ok()??;
    let group = |place: usize| found.get(place).map(|group| group.as_str());
    let identifiers = group(4).map(|text| text.split('.').map(identifier).collect::<Vec<_>>());
    Some((
        number(group(1)?)?,
        number(group(2)?)?,
        number(group(3)?)?,
        identifiers.is_none(),
        identifiers.unwrap_or_default(),
    ))
}

fn identifier(text: &str) -> Identifier {
    number(text).map_or_else(|| Identifier::Word(text.to_owned()), Identifier::Number)
}

/// The order of PEP 440: epoch, release, pre-release, post-release, development release, local version.
type Pep440 = (u64, Vec<u64>, (i8, u8, u64), (i8, u64), (i8, u64), (i8, Vec<Local>));

/// A part of a local version; words come before numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Word(String),
    Number(u64),
}

fn pep440(version: &str) -> Option<Pep440> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i)\A\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)",
            r"(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d+)?)?",
            r"((?:-(\d+))|(?:[-_.]?(?:post|rev|r)[-_.]?(\d+)?))?",
            r"([-_.]?dev[-_.]?(\d+)?)?",
            r"(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*\z"
        ))
        .expect("the pattern is fixed")
    });
    let found = FORM.captures(version).ok()??;
    let group = |place: usize| found.get(place).map(|group| group.as_str());
    let or_zero = |place: usize| group(place).map_or(Some(0), number);
    let mut release: Vec<u64> = group(2)?.split('.').map(number).collect::<Option<_>>()?;
    while release.len() > 1 && release.last() == Some(&0) {
        release.pop();
    }
    let is_post = group(5).is_some();
    let is_dev = group(8).is_some();
    let pre = match group(3).map(str::to_lowercase).as_deref() {
        Some("a" | "alpha") => (0, 0, or_zero(4)?),
        Some("b" | "beta") => (0, 1, or_zero(4)?),
        Some(_) => (0, 2, or_zero(4)?),
        None if !is_post && is_dev => (-1, 0, 0),
        None => (1, 0, 0),
    };
    let post = if is_post { (1, group(6).or(group(7)).map_or(Some(0), number)?) } else { (-1, 0) };
    let dev = if is_dev { (0, or_zero(9)?) } else { (1, 0) };
    let local = group(10).map(|local| local.to_lowercase().split(['-', '_', '.']).map(local_part).collect::<Vec<_>>());
    let local = local.map_or((-1, Vec::new()), |local| (0, local));
    Some((or_zero(1)?, release, pre, post, dev, local))
}

fn local_part(text: &str) -> Local {
    number(text).map_or_else(|| Local::Word(text.to_owned()), Local::Number)
}

/// Sorts texts as loose versions.
pub fn version_sort(_: &mut dyn crate::template::Calls, value: Value, arguments: crate::template::Arguments) -> Answer {
    let [reverse] = super::bind::bind(arguments, "version_sort", ["reverse"], 0)?;
    let reverse = super::python::flag(reverse.as_ref())?;
    let mut sorted: Vec<(Vec<Part>, Value)> = Vec::new();
    for item in super::python::iterate(&value)? {
        let parts = loose(&super::python::text(&item)?);
        let mut place = sorted.len();
        while place > 0 {
            let order = loose_order(&sorted[place - 1].0, &parts).map_err(TemplateError::value)?;
            if (!reverse && order.is_gt()) || (reverse && order.is_lt()) {
                place -= 1;
            } else {
                break;
            }
        }
        sorted.insert(place, (parts, item));
    }
    Ok(Value::list(sorted.into_iter().map(|(_, item)| item).collect()))
}
