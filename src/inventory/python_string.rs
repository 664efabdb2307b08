//! Reads one string literal of Python: its prefix, its quotes and its escapes.

/// A string literal.
pub struct StringLiteral {
    /// What it stands for.
    pub text: String,
    /// Text or bytes, which do not mix.
    pub kind: StringKind,
}

/// Text or bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringKind {
    /// `'…'`, `u'…'`, `r'…'`.
    Text,
    /// `b'…'`, `br'…'`.
    Bytes,
}

/// Reads the literal that `source` begins with; gives what follows it too.
pub fn read(source: &str) -> Option<(StringLiteral, &str)> {
    let (prefix, body) = source.split_at(source.find(['\'', '"'])?);
    let (kind, raw) = match prefix.to_ascii_lowercase().as_str() {
        "" | "u" => (StringKind::Text, false),
        "r" => (StringKind::Text, true),
        "b" => (StringKind::Bytes, false),
        "rb" | "br" => (StringKind::Bytes, true),
        _ => return None,
    };
    let quote = if body.starts_with("'''") || body.starts_with("\"\"\"") { &body[..3] } else { &body[..1] };
    let (content, rest) = until_quote(&body[quote.len()..], quote)?;
    if kind == StringKind::Bytes && !content.is_ascii() {
        return None;
    }
    let text = if raw { content.to_owned() } else { unescape(content, kind)? };
    Some((StringLiteral { text, kind }, rest))
}

fn until_quote<'a>(text: &'a str, quote: &str) -> Option<(&'a str, &'a str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if text[at..].starts_with(quote) {
            return Some((&text[..at], &text[at + quote.len()..]));
        } else if c == '\n' && quote.len() == 1 {
            return None;
        }
    }
    None
}

fn unescape(text: &str, kind: StringKind) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let escape = after.chars().next()?;
        rest = &after[escape.len_utf8()..];
        match escape {
            '\n' => {}
            '\\' | '\'' | '"' => plain.push(escape),
            'a' => plain.push('\u{7}'),
            'b' => plain.push('\u{8}'),
            'f' => plain.push('\u{c}'),
            'n' => plain.push('\n'),
            'r' => plain.push('\r'),
            't' => plain.push('\t'),
            'v' => plain.push('\u{b}'),
            'x' => rest = push_code(&mut plain, rest, 16, 2..=2)?,
            'u' if kind == StringKind::Text => rest = push_code(&mut plain, rest, 16, 4..=4)?,
            'U' if kind == StringKind::Text => rest = push_code(&mut plain, rest, 16, 8..=8)?,
            '0'..='7' => rest = push_code(&mut plain, after, 8, 1..=3)?,
            'N' if kind == StringKind::Text => return None,
            other => plain.extend(['\\', other]),
        }
    }
    plain.push_str(rest);
    Some(plain)
}

fn push_code<'a>(
    plain: &mut String,
    text: &'a str,
    radix: u32,
    digits: std::ops::RangeInclusive<usize>,
) -> Option<&'a str> {
    let length = text.chars().take(*digits.end()).take_while(|c| c.is_digit(radix)).count();
    let (code, rest) = text.split_at(length);
    (length >= *digits.start()).then_some(())?;
    plain.push(u32::from_str_radix(code, radix).ok().and_then(char::from_u32)?);
    Some(rest)
}
