//! Why a text is not YAML, in the words of the mistake that was probably made.

use std::sync::Arc;

use granit_parser::{ErrorKind, ScanError};

use super::{Diagnostic, Node, Span};

/// Explains an error of the parser.
pub fn scan_error(path: &Arc<str>, text: &str, error: &ScanError, span: Span) -> Diagnostic {
    if let ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation = error.kind() {
        return tab(path, text, span);
    }
    let line = line_of(text, span.line);
    let before = line_of(text, span.line.saturating_sub(1));
    let near = [span.line, span.line.saturating_sub(1), span.line + 1].map(|at| (at, line_of(text, at)));
    if let Some(tab_line) = near.iter().find(|(_, line)| indented_by_tab(line)) {
        return tab(path, text, Span { line: tab_line.0, column: 1 });
    }
    let message = error.info().to_lowercase();
    if message.starts_with("unclosed bracket") {
        return Diagnostic::at(path, text, span, message).hint("nothing closes what is opened here");
    }
    let diagnostic = Diagnostic::at(path, text, span, message);
    diagnostic.hint(hint(error.kind(), line, before, text, span))
}

/// Explains a mapping or list in the place of a key: nearly always an unquoted template.
pub fn collection_key(path: &Arc<str>, text: &str, key: &Node) -> Diagnostic {
    let line = line_of(text, key.span.line);
    let diagnostic = Diagnostic::at(path, text, key.span, format!("{} cannot be a key", key.type_name()));
    if line.contains("{{") {
        diagnostic.hint(QUOTE_TEMPLATE)
    } else {
        diagnostic.hint("a key is a plain text; quote it")
    }
}

const QUOTE_TEMPLATE: &str = "quote a value that starts with `{{`: key: \"{{ … }}\"";

const QUOTE_IN_FLOW: &str = "between braces or brackets, quote a value with a template in it: {key: \"… {{ … }}\"}";

fn tab(path: &Arc<str>, text: &str, span: Span) -> Diagnostic {
    let line = line_of(text, span.line);
    let column =
        line.chars().position(|c| c == '\t').map_or(span.column, |at| u32::try_from(at + 1).unwrap_or(span.column));
    let span = Span { column, ..span };
    Diagnostic::at(path, text, span, "a tab cannot indent YAML").hint("use spaces")
}

fn indented_by_tab(line: &str) -> bool {
    line[..line.len() - line.trim_start().len()].contains('\t')
}

fn hint(kind: &ErrorKind, line: &str, before: &str, text: &str, span: Span) -> String {
    let value = value_of(line);
    let at = span.column.saturating_sub(1) as usize;
    if line.get(at..).is_some_and(|rest| rest.starts_with("{{")) && line[..at].contains(['{', '[']) {
        return QUOTE_IN_FLOW.to_owned();
    }
    if line.contains("{{") && !value.starts_with(['"', '\'']) && value.starts_with('{') {
        return QUOTE_TEMPLATE.to_owned();
    }
    if unbalanced(line) || unbalanced(before) {
        return "a quote is opened and not closed, or text follows the closing one".to_owned();
    }
    if let Some(found) = [line, before].into_iter().find_map(missing_space) {
        return format!("put a space after the colon: `{found}`");
    }
    if value.contains(": ") && !value.starts_with(['"', '\'', '{', '[']) {
        return "a value that holds `: ` must be quoted".to_owned();
    }
    if span.line as usize > text.lines().count() {
        return "the text ends inside a quote, a bracket or a brace".to_owned();
    }
    if matches!(kind, ErrorKind::UnknownAnchor) {
        return "an anchor (`&name`) must stand before its alias (`*name`); quote a text that starts with `*`"
            .to_owned();
    }
    if value.starts_with(['@', '`', '%', '&', '*', '!', '|', '>']) {
        return "quote a value that starts with this character".to_owned();
    }
    "check the indentation of this line and the one above".to_owned()
}

fn value_of(line: &str) -> &str {
    let line = line.trim_start().trim_start_matches("- ").trim();
    line.split_once(": ").map_or(line, |(_, value)| value.trim())
}

fn unbalanced(line: &str) -> bool {
    let value = value_of(line);
    ['"', '\''].into_iter().any(|quote| value.starts_with(quote) && (value.len() == 1 || !value.ends_with(quote)))
}

fn missing_space(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("- ");
    let (key, value) = line.split_once(':')?;
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c));
    (word(key) && !value.starts_with([' ', '/']) && word(value)).then(|| format!("{key}: {value}"))
}

fn line_of(text: &str, line: u32) -> &str {
    text.lines().nth((line as usize).wrapping_sub(1)).unwrap_or("")
}
