//! `random_string`: letters by chance, with at least so many of each kind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::options::{flag, named, only};
use crate::template::filters::random_parts;
use crate::template::{Arguments, Calls, TemplateError, Value};

const OPTIONS: &[&str] = &[
    "base64",
    "ignore_similar_chars",
    "length",
    "lower",
    "min_lower",
    "min_numeric",
    "min_special",
    "min_upper",
    "numbers",
    "override_all",
    "override_special",
    "seed",
    "similar_chars",
    "special",
    "upper",
];

/// Most letters of one text.
const LONGEST: usize = 1 << 20;

/// A kind of letters: the option that wants it, the one that says how many there are at least, and the letters.
const KINDS: [(&str, &str, &str); 4] = [
    ("upper", "min_upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("lower", "min_lower", "abcdefghijklmnopqrstuvwxyz"),
    ("numbers", "min_numeric", "0123456789"),
    ("special", "min_special", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
];

pub fn random_string(_: &mut dyn Calls, arguments: Arguments) -> Result<Vec<Value>, TemplateError> {
    only(&arguments, "random_string", OPTIONS)?;
    if !arguments.positional.is_empty() {
        return Err(TemplateError::value("lookup `random_string` takes options only"));
    }
    let seed = named(&arguments, "seed").filter(|seed| !matches!(seed, Value::Null));
    let seed = seed.map(|seed| Value::text(seed.to_string()));
    let text = |name: &str| named(&arguments, name).filter(|value| value.is_true()).map(Value::to_string);
    let excludes = flag(named(&arguments, "ignore_similar_chars"), false);
    let similar = if excludes { text("similar_chars").unwrap_or_else(|| "il1LoO0".to_owned()) } else { String::new() };
    let number = |name: &str, default: usize| match named(&arguments, name) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => {
            value.to_string().trim().parse::<usize>().ok().filter(|number| *number <= LONGEST).ok_or_else(|| {
                TemplateError::value(format!("lookup `random_string`: `{name}` must be a number of letters"))
            })
        }
    };
    let length = number("length", 8)?;
    let mut parts = Vec::new();
    let mut letters = String::new();
    if let Some(all) = text("override_all") {
        letters = all;
    } else {
        for (option, least, all) in KINDS {
            let special = (option == "special").then(|| text("override_special")).flatten();
            let others = || all.chars().filter(|letter| !similar.contains(*letter)).collect();
            let kind: String = special.unwrap_or_else(others);
            if flag(named(&arguments, option), true) {
                letters += &kind;
            }
            parts.push((kind, number(least, 0)?));
        }
        // As the plugin draws them: numbers, lower, upper, special.
        parts.swap(0, 2);
    }
    let sure: usize = parts.iter().map(|(_, count)| count).sum();
    parts.push((letters, length.saturating_sub(sure)));
    let made = random_parts(&parts, seed.as_ref())?;
    let is_encoded = flag(named(&arguments, "base64"), false);
    Ok(vec![Value::text(if is_encoded { STANDARD.encode(made) } else { made })])
}
