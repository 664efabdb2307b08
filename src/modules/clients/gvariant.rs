//! Values as dconf writes them: `GVariant`'s text form.

/// A piece of a value.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Number(f64),
    Word(String),
    Sign(char),
}

/// Whether two texts mean the same value. Types that are written out are left aside, for dconf's own text has them.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one == other || matches!((tokens(one), tokens(other)), (Some(one), Some(other)) if one == other)
}

/// The pieces of a value, without types; none when it is no value.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '\'' | '"' => {
                let (text, after) = quoted(&rest[1..], first)?;
                tokens.push(Token::Text(text));
                after
            }
            '@' => rest.split_once(char::is_whitespace)?.1,
            '[' | ']' | '(' | ')' | '{' | '}' | '<' | '>' | ',' | ':' => {
                // A comma before the end says nothing.
                if matches!(first, ')' | ']' | '}') && tokens.last() == Some(&Token::Sign(',')) {
                    tokens.pop();
                }
                tokens.push(Token::Sign(first));
                &rest[1..]
            }
            _ => {
                let is_end = |char: char| char.is_whitespace() || "[](){}<>,:'\"@".contains(char);
                let (word, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
                if !TYPES.contains(&word) {
                    tokens.push(number(word).map_or_else(|| Token::Word(word.to_owned()), Token::Number));
                }
                after
            }
        };
        rest = rest.trim_start();
    }
    Some(tokens)
}

/// The words that say which type follows.
const TYPES: [&str; 12] = [
    "boolean",
    "byte",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "handle",
    "int64",
    "uint64",
    "double",
    "string",
    "objectpath",
];

fn number(word: &str) -> Option<f64> {
    let (sign, digits) = word.strip_prefix('-').map_or((1.0, word), |digits| (-1.0, digits));
    if let Some(hexadecimal) = digits.strip_prefix("0x") {
        return u32::from_str_radix(hexadecimal, 16).ok().map(|number| sign * f64::from(number));
    }
    digits
        .starts_with(|first: char| first.is_ascii_digit() || first == '.')
        .then(|| digits.parse().ok())?
        .map(|number: f64| sign * number)
}

/// A text in quotes and what follows it.
fn quoted(rest: &str, quote: char) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => text.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            }),
            _ if char == quote => return Some((text, &rest[at + 1..])),
            _ => text.push(char),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_the_same_however_they_are_written() {
        for (one, other) in [
            ("'a b'", "\"a b\""),
            ("uint32 5", "5"),
            ("@as []", "[]"),
            ("['a', 'b']", "['a','b',]"),
            ("1.0", "1"),
            ("[('xkb', 'us'), ('xkb', 'de')]", "[('xkb','us'),('xkb','de')]"),
            ("'it\\'s'", "\"it's\""),
            ("<{'a': <uint16 0x10>}>", "<{'a': <16>}>"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [("'a'", "'b'"), ("'5'", "5"), ("true", "false"), ("['a']", "['a', 'b']"), ("'", "''")] {
            assert!(!same(one, other), "{one} {other}");
        }
        assert!(same("not a 'value", "not a 'value"));
    }
}
