//! Writes YAML as `libyaml` does for Ansible.

use super::node::{Node, represent};
use super::scalar::{Analysis, analyse, is_break, is_printable, is_resolved};
use crate::template::Value;
use crate::template::filters::bind::Answer;

/// How YAML is written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns of a level.
    pub indent: usize,
    /// The column after which lines are folded.
    pub width: usize,
    /// Whether collections are written within brackets; none: those that hold scalars alone.
    pub flow: Option<bool>,
    /// Sorts keys.
    pub sort_keys: bool,
    /// Starts with `---`.
    pub explicit_start: bool,
    /// Ends with `...`.
    pub explicit_end: bool,
    /// The quotes of all scalars, if any.
    pub quotes: Option<char>,
}

/// Writes a document.
///
/// # Errors
/// When something in it is undefined.
pub fn dump(value: &Value, style: &Style) -> Answer<String> {
    let node = represent(value, style, 0)?;
    let mut emitter = Emitter::new(style);
    if style.explicit_start {
        emitter.indicator("---", true, false, false);
    }
    emitter.node(&node, Place::Root);
    emitter.write_indent();
    if style.explicit_end {
        emitter.out.push_str("...\n");
    }
    Ok(emitter.out)
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Item,
    Key,
    Value,
}

/// The state of `libyaml`'s emitter.
struct Emitter<'a> {
    out: String,
    style: &'a Style,
    column: usize,
    indent: Option<usize>,
    flow_level: usize,
    whitespace: bool,
    indention: bool,
}

impl<'a> Emitter<'a> {
    fn new(style: &'a Style) -> Self {
        Self { out: String::new(), style, column: 0, indent: None, flow_level: 0, whitespace: true, indention: true }
    }

    fn put(&mut self, letter: char) {
        self.out.push(letter);
        if letter == '\n' {
            self.column = 0;
        } else {
            self.column += 1;
        }
    }

    fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put('\n');
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn indicator(&mut self, text: &str, needs_space: bool, is_space: bool, is_indention: bool) {
        if needs_space && !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|letter| self.put(letter));
        self.whitespace = is_space;
        self.indention = self.indention && is_indention;
    }

    fn increase_indent(&mut self, flow: bool, indentless: bool) -> Option<usize> {
        let before = self.indent;
        self.indent = Some(match before {
            None if flow => self.style.indent,
            None => 0,
            Some(indent) if indentless => indent,
            Some(indent) => indent + self.style.indent,
        });
        before
    }

    fn node(&mut self, node: &Node, place: Place) {
        match node {
            Node::Scalar { text, is_text } => self.scalar(text, *is_text, place),
            Node::Sequence(items, flow) if *flow || self.flow_level > 0 || items.is_empty() => {
                self.flow_sequence(items);
            }
            Node::Mapping(pairs, flow) if *flow || self.flow_level > 0 || pairs.is_empty() => self.flow_mapping(pairs),
            Node::Sequence(items, _) => self.block_sequence(items, place),
            Node::Mapping(pairs, _) => self.block_mapping(pairs),
        }
    }

    fn block_sequence(&mut self, items: &[Node], place: Place) {
        let before = self.increase_indent(false, place == Place::Value && !self.indention);
        for item in items {
            self.write_indent();
            self.indicator("-", true, false, true);
            self.node(item, Place::Item);
        }
        self.indent = before;
    }

    fn block_mapping(&mut self, pairs: &[(Node, Node)]) {
        let before = self.increase_indent(false, false);
        for (key, value) in pairs {
            self.write_indent();
            if key.is_simple_key() {
                self.node(key, Place::Key);
                self.indicator(":", false, false, false);
            } else {
                self.indicator("?", true, false, true);
                self.node(key, Place::Value);
                self.write_indent();
                self.indicator(":", true, false, true);
            }
            self.node(value, Place::Value);
        }
        self.indent = before;
    }

    fn flow_sequence(&mut self, items: &[Node]) {
        self.indicator("[", true, true, false);
        let before = self.increase_indent(true, false);
        self.flow_level += 1;
        for (number, item) in items.iter().enumerate() {
            self.flow_separator(number);
            self.node(item, Place::Item);
        }
        self.flow_level -= 1;
        self.indent = before;
        self.indicator("]", false, false, false);
    }

    fn flow_mapping(&mut self, pairs: &[(Node, Node)]) {
        self.indicator("{", true, true, false);
        let before = self.increase_indent(true, false);
        self.flow_level += 1;
        for (number, (key, value)) in pairs.iter().enumerate() {
            self.flow_separator(number);
            if key.is_simple_key() {
                self.node(key, Place::Key);
                self.indicator(":", false, false, false);
            } else {
                self.indicator("?", true, false, false);
                self.node(key, Place::Value);
                if self.column > self.style.width {
                    self.write_indent();
                }
                self.indicator(":", true, false, false);
            }
            self.node(value, Place::Value);
        }
        self.flow_level -= 1;
        self.indent = before;
        self.indicator("}", false, false, false);
    }

    fn flow_separator(&mut self, number: usize) {
        if number > 0 {
            self.indicator(",", false, false, false);
        }
        if self.column > self.style.width {
            self.write_indent();
        }
    }

    fn is_plain(&self, text: &str, is_text: bool, place: Place) -> bool {
        let analysis = analyse(text);
        let allowed = if self.flow_level > 0 { analysis.flow_plain } else { analysis.block_plain };
        let empty = text.is_empty() && (self.flow_level > 0 || place == Place::Key);
        if empty || self.style.quotes.is_some() || (place == Place::Key && analysis.multiline) {
            return false;
        }
        allowed && (!is_text || !is_resolved(text))
    }

    fn scalar(&mut self, text: &str, is_text: bool, place: Place) {
        // The longest text that stands plain goes on one line where it is a key.
        let before = self.increase_indent(true, false);
        let folds = place != Place::Key;
        let Analysis { multiline, single_quoted, .. } = analyse(text);
        let double = self.style.quotes == Some('"') || !single_quoted || (place == Place::Key && multiline);
        if self.style.quotes.is_some() && !is_text {
            self.indicator("!", true, false, false);
        }
        if self.is_plain(text, is_text, place) {
            self.plain(text, folds);
        } else if double {
            self.double_quoted(text, folds);
        } else {
            self.single_quoted(text, folds);
        }
        self.indent = before;
    }

    fn plain(&mut self, text: &str, folds: bool) {
        if !self.whitespace && (!text.is_empty() || self.flow_level > 0) {
            self.put(' ');
        }
        let mut letters = text.chars().peekable();
        let mut spaces = false;
        while let Some(letter) = letters.next() {
            let is_space = letter == ' ';
            if is_space && folds && !spaces && self.column > self.style.width && letters.peek() != Some(&' ') {
                self.write_indent();
            } else {
                self.put(letter);
            }
            spaces = is_space;
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn single_quoted(&mut self, text: &str, folds: bool) {
        self.indicator("'", true, false, false);
        let letters: Vec<char> = text.chars().collect();
        let (mut spaces, mut breaks) = (false, false);
        for (place, letter) in letters.iter().enumerate() {
            if *letter == ' ' {
                let inner = place > 0 && place + 1 < letters.len() && letters[place + 1] != ' ';
                if folds && !spaces && self.column > self.style.width && inner {
                    self.write_indent();
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else if is_break(*letter) {
                if !breaks && *letter == '\n' {
                    self.put('\n');
                }
                self.put(*letter);
                self.column = 0;
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if *letter == '\'' {
                    self.put('\'');
                }
                self.put(*letter);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
        }
        if breaks {
            self.write_indent();
        }
        self.indicator("'", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn double_quoted(&mut self, text: &str, folds: bool) {
        self.indicator("\"", true, false, false);
        let letters: Vec<char> = text.chars().collect();
        let mut spaces = false;
        for (place, letter) in letters.iter().enumerate() {
            if !is_printable(*letter) || is_break(*letter) || matches!(letter, '"' | '\\') {
                escape(*letter).chars().for_each(|letter| self.put(letter));
                spaces = false;
            } else if *letter == ' ' {
                let inner = place > 0 && place + 1 < letters.len();
                if folds && !spaces && self.column > self.style.width && inner {
                    self.write_indent();
                    if letters[place + 1] == ' ' {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else {
                self.put(*letter);
                spaces = false;
            }
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }
}

fn escape(letter: char) -> String {
    let code = u32::from(letter);
    let short = match letter {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ if code <= 0xff => return format!("\\x{code:02X}"),
        _ if code <= 0xffff => return format!("\\u{code:04X}"),
        _ => return format!("\\U{code:08X}"),
    };
    format!("\\{short}")
}
