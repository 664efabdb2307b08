//! Python's regular expressions in the syntax of `fancy-regex`.
//!
//! What differs: `$` also matches before a newline at the end, `\Z` is the very end, braces that quantify nothing are
//! literal, sets know no operators, and flags that stand anywhere count for the whole pattern.

use std::iter::Peekable;
use std::str::Chars;

/// Flags of a whole pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Flags {
    /// `re.I`.
    pub ignore_case: bool,
    /// `re.M`.
    pub multi_line: bool,
    /// `re.S`.
    pub dot_all: bool,
    /// `re.X`.
    pub verbose: bool,
    /// `re.A`.
    pub ascii: bool,
}

/// Translates a pattern; the error is a reason.
pub fn translate(pattern: &str, flags: Flags) -> Result<String, String> {
    let mut flags = flags;
    let body = global_flags(pattern, &mut flags);
    let mut translator = Translator { letters: body.chars().peekable(), out: String::new(), flags };
    while let Some(letter) = translator.letters.next() {
        translator.step(letter)?;
    }
    let names = [(flags.ignore_case, 'i'), (flags.multi_line, 'm'), (flags.dot_all, 's'), (flags.verbose, 'x')];
    let names: String = names.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
    let newline = if flags.verbose { "\n" } else { "" };
    Ok(if names.is_empty() { translator.out } else { format!("(?{names}:{}{newline})", translator.out) })
}

/// Takes `(?im)` at the start away and notes the flags.
fn global_flags<'a>(pattern: &'a str, flags: &mut Flags) -> &'a str {
    let mut rest = pattern;
    while let Some(inner) = rest.strip_prefix("(?") {
        let Some(end) = inner.find(')').filter(|end| *end > 0) else { break };
        if !inner[..end].chars().all(|letter| "aiLmsux".contains(letter)) {
            break;
        }
        for letter in inner[..end].chars() {
            match letter {
                'i' => flags.ignore_case = true,
                'm' => flags.multi_line = true,
                's' => flags.dot_all = true,
                'x' => flags.verbose = true,
                'a' => flags.ascii = true,
                _ => {}
            }
        }
        rest = &inner[end + 1..];
    }
    rest
}

struct Translator<'a> {
    letters: Peekable<Chars<'a>>,
    out: String,
    flags: Flags,
}

impl Translator<'_> {
    fn step(&mut self, letter: char) -> Result<(), String> {
        match letter {
            '\\' => self.escape(),
            '[' => self.set(),
            '$' if !self.flags.multi_line => {
                self.out.push_str(r"(?=\n?\z)");
                Ok(())
            }
            '(' => {
                self.group();
                Ok(())
            }
            '{' => {
                self.braces();
                Ok(())
            }
            '}' => {
                self.out.push_str(r"\}");
                Ok(())
            }
            '#' if self.flags.verbose => {
                self.letters.by_ref().find(|letter| *letter == '\n');
                Ok(())
            }
            other => {
                self.out.push(other);
                Ok(())
            }
        }
    }

    /// A group: comments are dropped, Python's names kept.
    fn group(&mut self) {
        let rest: String = self.letters.clone().take(2).collect();
        if rest == "?#" {
            self.letters.by_ref().find(|letter| *letter == ')');
            return;
        }
        self.out.push('(');
    }

    /// A quantifier, or literal braces.
    fn braces(&mut self) {
        let inner: String = self.letters.clone().take_while(|letter| *letter != '}').collect();
        let is_closed = self.letters.clone().nth(inner.chars().count()) == Some('}');
        let (low, high) = inner.split_once(',').unwrap_or((&inner, "0"));
        let is_number = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
        let is_quantifier = is_closed && !inner.is_empty() && is_number(low) && is_number(high);
        if !is_quantifier || (low.is_empty() && !inner.contains(',')) {
            self.out.push_str(r"\{");
            return;
        }
        self.out.push('{');
        self.out.push_str(if low.is_empty() { "0" } else { "" });
        self.out.push_str(&inner);
        self.out.push('}');
        for _ in 0..=inner.chars().count() {
            self.letters.next();
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        let Some(letter) = self.letters.next() else { return Err("bad escape (end of pattern)".to_owned()) };
        match letter {
            'Z' => self.out.push_str(r"\z"),
            'A' | 'b' | 'B' => self.out.extend(['\\', letter]),
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
                let class = class(letter, self.flags.ascii);
                self.out.push_str(class);
            }
            '1'..='9' => self.reference(letter),
            _ => {
                let literal = self.literal(letter)?;
                self.push_literal(literal);
            }
        }
        Ok(())
    }

    /// A reference to a group, closed off so that digits after it stay digits.
    fn reference(&mut self, first: char) {
        let mut number = String::from(first);
        while let Some(digit) = self.letters.peek().filter(|digit| digit.is_ascii_digit() && number.len() < 2) {
            number.push(*digit);
            self.letters.next();
        }
        self.out.push_str("(?:\\");
        self.out.push_str(&number);
        self.out.push(')');
    }

    /// The character that an escape stands for.
    fn literal(&mut self, letter: char) -> Result<char, String> {
        Ok(match letter {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\u{c}',
            'v' => '\u{b}',
            'a' => '\u{7}',
            'x' => self.code(2, 16)?,
            'u' => self.code(4, 16)?,
            'U' => self.code(8, 16)?,
            '0' => self.octal(),
            other if other.is_ascii_alphanumeric() => return Err(format!("bad escape \\{other}")),
            other => other,
        })
    }

    fn code(&mut self, digits: usize, base: u32) -> Result<char, String> {
        let text: String = self.letters.by_ref().take(digits).collect();
        let code = u32::from_str_radix(&text, base).ok().filter(|_| text.len() == digits);
        code.and_then(char::from_u32).ok_or_else(|| format!("incomplete escape \\{text}"))
    }

    fn octal(&mut self) -> char {
        let mut code = 0;
        for _ in 0..2 {
            let Some(digit) = self.letters.peek().and_then(|digit| digit.to_digit(8)) else { break };
            code = code * 8 + digit;
            self.letters.next();
        }
        char::from_u32(code).unwrap_or('\0')
    }

    fn push_literal(&mut self, letter: char) {
        if letter.is_ascii() && !letter.is_ascii_alphanumeric() && letter != '_' {
            push_code(&mut self.out, letter);
        } else {
            self.out.push(letter);
        }
    }

    /// A set in brackets; each literal is written as a code so that it means nothing else.
    fn set(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.letters.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut is_first = true;
        let mut after_item = false;
        loop {
            let Some(letter) = self.letters.next() else { return Err("unterminated character set".to_owned()) };
            match letter {
                ']' if !is_first => break,
                '\\' => {
                    after_item = self.set_escape()?;
                }
                '-' if after_item && self.letters.peek().is_some_and(|next| *next != ']') => {
                    let mut ahead = self.letters.clone();
                    let class_follows =
                        ahead.next() == Some('\\') && ahead.next().is_some_and(|c| "dDsSwW".contains(c));
                    if class_follows {
                        push_code(&mut self.out, '-');
                    } else {
                        self.out.push('-');
                    }
                    after_item = false;
                }
                other => {
                    self.push_set_literal(other);
                    after_item = true;
                }
            }
            is_first = false;
        }
        self.out.push(']');
        Ok(())
    }

    /// An escape within a set; says whether it may start a range.
    fn set_escape(&mut self) -> Result<bool, String> {
        let Some(letter) = self.letters.next() else { return Err("unterminated character set".to_owned()) };
        match letter {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
                self.out.push_str(class(letter, self.flags.ascii));
                return Ok(false);
            }
            'b' => push_code(&mut self.out, '\u{8}'),
            '1'..='7' => {
                let octal = letter.to_digit(8).unwrap_or(0);
                push_code(&mut self.out, char::from_u32(octal).unwrap_or('\0'));
            }
            _ => {
                let literal = self.literal(letter)?;
                self.push_set_literal(literal);
            }
        }
        Ok(true)
    }

    fn push_set_literal(&mut self, letter: char) {
        if letter.is_alphanumeric() { self.out.push(letter) } else { push_code(&mut self.out, letter) }
    }
}

fn push_code(out: &mut String, letter: char) {
    use std::fmt::Write as _;
    write!(out, "\\x{{{:x}}}", u32::from(letter)).expect("a String takes every write");
}

fn class(letter: char, ascii: bool) -> &'static str {
    match (letter, ascii) {
        ('d', false) => r"\d",
        ('D', false) => r"\D",
        ('s', false) => r"[\s\x1c-\x1f]",
        ('S', false) => r"[^\s\x1c-\x1f]",
        ('w', false) => r"\w",
        ('W', false) => r"\W",
        ('d', true) => "[0-9]",
        ('D', true) => "[^0-9]",
        ('s', true) => r"[ \t\n\r\x0b\x0c]",
        ('S', true) => r"[^ \t\n\r\x0b\x0c]",
        ('w', true) => "[a-zA-Z0-9_]",
        (_, _) => "[^a-zA-Z0-9_]",
    }
}
