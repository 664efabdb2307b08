//! Reads a value of an INI inventory as Python's `ast.literal_eval` does; what it cannot read stays text.

use serde_json::{Map, Number, Value, json};

use super::python_string::{self, StringKind};

/// Deepest nesting that is read.
const DEPTH_LIMIT: usize = 100;

/// The value that `text` stands for.
pub fn value(text: &str) -> Value {
    literal(text).unwrap_or_else(|| Value::from(text))
}

fn literal(text: &str) -> Option<Value> {
    let mut parser = Parser { rest: text.trim_start_matches([' ', '\t']), depth: 0 };
    let value = parser.tuple(None)?;
    parser.skip(Blank::Line);
    parser.rest.is_empty().then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

/// What may stand between tokens: inside brackets line ends too.
#[derive(Clone, Copy)]
enum Blank {
    Line,
    Any,
}

impl Parser<'_> {
    /// One value, or several with commas between them, which make a list.
    fn tuple(&mut self, closing: Option<char>) -> Option<Value> {
        let blank = if closing.is_some() { Blank::Any } else { Blank::Line };
        let first = self.item()?;
        self.skip(blank);
        if !self.take(',') {
            return Some(first);
        }
        let mut items = vec![first];
        self.skip(blank);
        while !self.rest.is_empty() && closing.is_none_or(|closing| !self.rest.starts_with(closing)) {
            items.push(self.item()?);
            self.skip(blank);
            if !self.take(',') {
                break;
            }
            self.skip(blank);
        }
        Some(Value::Array(items))
    }

    fn item(&mut self) -> Option<Value> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return None;
        }
        self.skip(Blank::Line);
        let value = match self.rest.chars().next()? {
            '[' => self.list(),
            '(' => self.parenthesis(),
            '{' => self.braces(),
            '+' | '-' | '.' | '0'..='9' => self.number(),
            '\'' | '"' => self.strings(),
            _ => self.word().or_else(|| self.strings()),
        };
        self.depth -= 1;
        value
    }

    fn list(&mut self) -> Option<Value> {
        self.take('[').then_some(())?;
        let mut items = Vec::new();
        loop {
            self.skip(Blank::Any);
            if self.take(']') {
                return Some(Value::Array(items));
            }
            items.push(self.item()?);
            self.skip(Blank::Any);
            if !self.take(',') {
                return self.take(']').then_some(Value::Array(items));
            }
        }
    }

    fn parenthesis(&mut self) -> Option<Value> {
        self.take('(').then_some(())?;
        self.skip(Blank::Any);
        if self.take(')') {
            return Some(Value::Array(Vec::new()));
        }
        let value = self.tuple(Some(')'))?;
        self.skip(Blank::Any);
        self.take(')').then_some(value)
    }

    /// A dict, or a set, which becomes a list.
    fn braces(&mut self) -> Option<Value> {
        self.take('{').then_some(())?;
        self.skip(Blank::Any);
        if self.take('}') {
            return Some(Value::Object(Map::new()));
        }
        let first = self.item()?;
        self.skip(Blank::Any);
        if self.rest.starts_with(':') { self.dict(first) } else { self.set(first) }
    }

    fn dict(&mut self, first: Value) -> Option<Value> {
        let mut map = Map::new();
        let mut key = first;
        loop {
            self.skip(Blank::Any);
            self.take(':').then_some(())?;
            self.skip(Blank::Any);
            let value = self.item()?;
            map.insert(key_text(&key)?, value);
            self.skip(Blank::Any);
            let more = self.take(',');
            self.skip(Blank::Any);
            if self.take('}') {
                return Some(Value::Object(map));
            }
            more.then_some(())?;
            key = self.item()?;
        }
    }

    fn set(&mut self, first: Value) -> Option<Value> {
        let mut items = vec![first];
        loop {
            self.skip(Blank::Any);
            let more = self.take(',');
            self.skip(Blank::Any);
            if self.take('}') {
                // A list or dict cannot be in a Python set.
                return items.iter().all(|item| key_text(item).is_some()).then_some(Value::Array(items));
            }
            more.then_some(())?;
            let item = self.item()?;
            if !items.contains(&item) {
                items.push(item);
            }
        }
    }

    fn word(&mut self) -> Option<Value> {
        let length = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let value = match &self.rest[..length] {
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            "None" => Value::Null,
            "set" if self.rest[length..].starts_with("()") => {
                self.rest = &self.rest[length + 2..];
                return Some(Value::Array(Vec::new()));
            }
            _ => return None,
        };
        self.rest = &self.rest[length..];
        Some(value)
    }

    fn number(&mut self) -> Option<Value> {
        // One sign is part of a literal, a second one would be arithmetic.
        let negative = self.rest.starts_with('-');
        let unsigned = self.rest.strip_prefix(['+', '-']);
        let signed = unsigned.is_some();
        self.rest = unsigned.unwrap_or(self.rest).trim_start_matches([' ', '\t']);
        if let Some(rest) = self.rest.strip_prefix("...").filter(|_| !signed) {
            self.rest = rest;
            return Some(Value::from("..."));
        }
        let length = number_length(self.rest);
        let (token, rest) = self.rest.split_at(length);
        if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.') {
            return None;
        }
        let value = number(token, negative)?;
        self.rest = rest;
        Some(value)
    }

    /// String literals; several of one kind in a row are one.
    fn strings(&mut self) -> Option<Value> {
        let (mut literal, mut rest) = python_string::read(self.rest)?;
        while let Some((more, after)) = python_string::read(rest.trim_start_matches([' ', '\t'])) {
            if more.kind != literal.kind {
                return None;
            }
            literal.text.push_str(&more.text);
            rest = after;
        }
        self.rest = rest;
        Some(match literal.kind {
            StringKind::Text => Value::from(literal.text),
            // Ansible trusts no bytes to be templates.
            StringKind::Bytes => json!({ "__ansible_unsafe": literal.text }),
        })
    }

    fn take(&mut self, expected: char) -> bool {
        let rest = self.rest.strip_prefix(expected);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip(&mut self, blank: Blank) {
        loop {
            self.rest = match blank {
                Blank::Line => self.rest.trim_start_matches([' ', '\t']),
                Blank::Any => self.rest.trim_start(),
            };
            if !self.rest.starts_with('#') {
                return;
            }
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }
}

fn number_length(text: &str) -> usize {
    let mut before = ' ';
    let is_hex = text.starts_with("0x") || text.starts_with("0X");
    text.find(|c: char| {
        let sign = matches!(c, '+' | '-') && !is_hex && matches!(before, 'e' | 'E');
        before = c;
        !(c.is_ascii_alphanumeric() || c == '_' || c == '.' || sign)
    })
    .unwrap_or(text.len())
}

fn number(token: &str, negative: bool) -> Option<Value> {
    // An underscore stands between two digits.
    if token.ends_with('_') || ["__", "._", "_."].iter().any(|odd| token.contains(odd)) {
        return None;
    }
    let clean = token.replace('_', "").to_ascii_lowercase();
    if let Some(digits) = clean.strip_suffix('j').filter(|digits| digits.parse::<f64>().is_ok()) {
        // A complex number becomes text.
        return Some(Value::from(format!("{}{digits}j", if negative { "-" } else { "" })));
    }
    let radix = |prefix: &str, radix| clean.strip_prefix(prefix).map(|digits| i128::from_str_radix(digits, radix).ok());
    let integer = radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| radix("0b", 2));
    let integer = match integer {
        Some(value) => Some(value?),
        None if clean.bytes().all(|byte| byte.is_ascii_digit()) => Some(decimal(&clean)?),
        None => None,
    };
    if let Some(value) = integer {
        return Some(integer_value(if negative { -value } else { value }));
    }
    let is_float = |byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'+' | b'-');
    let value: f64 = clean.parse().ok().filter(|_| clean.contains(['.', 'e']) && clean.bytes().all(is_float))?;
    Number::from_f64(if negative { -value } else { value }).map(Value::Number)
}

/// Leading zeros are an error in Python, unless all digits are zero.
fn decimal(digits: &str) -> Option<i128> {
    let padded = digits.len() > 1 && digits.starts_with('0') && digits.bytes().any(|byte| byte != b'0');
    digits.parse().ok().filter(|_| !padded)
}

fn integer_value(value: i128) -> Value {
    match (i64::try_from(value), u64::try_from(value)) {
        (Ok(value), _) => Value::from(value),
        (_, Ok(value)) => Value::from(value),
        _ => Value::from(value.to_string()),
    }
}

fn key_text(key: &Value) -> Option<String> {
    match key {
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_in_python() {
        let cases = [
            ("5", json!(5)),
            ("-5", json!(-5)),
            ("--5", json!("--5")),
            ("0644", json!("0644")),
            ("00", json!(0)),
            ("1_000", json!(1000)),
            ("._12", json!("._12")),
            ("0x1f", json!(31)),
            ("1.5", json!(1.5)),
            ("1e3", json!(1000.0)),
            (".5", json!(0.5)),
            ("1.2.3", json!("1.2.3")),
            ("10.0.0.1", json!("10.0.0.1")),
            ("1-2", json!("1-2")),
            ("True", json!(true)),
            ("true", json!("true")),
            ("None", json!(null)),
            ("'a b'", json!("a b")),
            ("\"a\" 'b'", json!("ab")),
            ("'a' # c", json!("a")),
            ("5 # c", json!(5)),
            ("abc # c", json!("abc # c")),
            ("1,2", json!([1, 2])),
            ("a,b", json!("a,b")),
            ("[1, 'a', [True,],]", json!([1, "a", [true]])),
            ("(1)", json!(1)),
            ("()", json!([])),
            ("{'a': 1, 2: 'b'}", json!({"a": 1, "2": "b"})),
            ("{1, 2}", json!([1, 2])),
            ("{{ x }}", json!("{{ x }}")),
            ("{'a': [1, {'b': None}]}", json!({"a": [1, {"b": null}]})),
            ("[a, b]", json!("[a, b]")),
            ("{\"a\": true}", json!("{\"a\": true}")),
            ("'it''s'", json!("its")),
            (r"'a\tb\x41\q'", json!("a\tbA\\q")),
            (r"r'a\t'", json!("a\\t")),
            ("b'x'", json!({"__ansible_unsafe": "x"})),
            ("b'x' 'y'", json!("b'x' 'y'")),
            ("f'x'", json!("f'x'")),
            ("2j", json!("2j")),
            ("...", json!("...")),
            ("'open", json!("'open")),
            ("", json!("")),
            ("99999999999999999999", json!("99999999999999999999")),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\](){}'\"a-f0-9,:.\\\\ _+-]{0,40}") {
            let _ = value(&text);
        }
    }
}
