//! Quoted texts as Python reads them.

/// The text of one or more quoted texts that stand side by side.
pub fn unquote(source: &str) -> Option<String> {
    let mut out = String::with_capacity(source.len());
    let mut rest = source.trim_start();
    while let Some(quote @ ('\'' | '"')) = rest.chars().next() {
        let end = end_of(rest, quote)?;
        unescape(&rest[1..end], &mut out)?;
        rest = rest[end + 1..].trim_start();
    }
    rest.is_empty().then_some(out)
}

fn end_of(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return Some(at),
            _ => {}
        }
    }
    None
}

fn unescape(text: &str, out: &mut String) -> Option<()> {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next()? {
            '\n' => {}
            'a' => out.push('\x07'),
            'b' => out.push('\x08'),
            'f' => out.push('\x0c'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\x0b'),
            'x' => out.push(hexadecimal(&mut letters, 2)?),
            'u' => out.push(hexadecimal(&mut letters, 4)?),
            'U' => out.push(hexadecimal(&mut letters, 8)?),
            letter @ '0'..='7' => out.push(octal(letter, &mut letters)?),
            letter @ ('\\' | '\'' | '"') => out.push(letter),
            other => out.extend(['\\', other]),
        }
    }
    Some(())
}

fn hexadecimal(letters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let text = letters.as_str().get(..digits)?;
    let value = u32::from_str_radix(text, 16).ok()?;
    *letters = letters.as_str()[digits..].chars();
    // Half of a surrogate pair has no place in UTF-8.
    Some(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn octal(first: char, letters: &mut std::str::Chars<'_>) -> Option<char> {
    let mut value = first.to_digit(8)?;
    for _ in 0..2 {
        let Some(digit) = letters.as_str().chars().next().and_then(|letter| letter.to_digit(8)) else { break };
        value = value * 8 + digit;
        letters.next();
    }
    char::from_u32(value)
}
