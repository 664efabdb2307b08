//! Text to tree: minijinja parses, the result is lowered into a tree that owns its texts.
//!
//! Pure. What Jinja2 takes and minijinja does not is rewritten first: signs `+x`, `{% do %}` of anything, backslashes
//! that stand for themselves.

mod lower;
mod lower_expression;
mod python_text;
mod rewrite;
mod scan;

use std::sync::Arc;

use minijinja::machinery;
use minijinja::syntax::SyntaxConfig;

use super::ast::{Expression, Program, Statement};
use super::{TemplateError, TemplateErrorKind, TextOptions};
use lower::Lowering;
use rewrite::Rewritten;

/// What a text is, which decides how it is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A value in a playbook or inventory: `{{ x }}/etc`.
    Value,
    /// A template file, or the `template` lookup.
    File(TextOptions),
    /// A bare expression.
    Expression(Escapes),
}

/// What backslashes mean in the quoted texts of `{{ … }}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Escapes {
    /// Themselves.
    Doubled,
    /// What they mean in Python.
    Python,
}

/// A syntax error and where in the text it is.
#[derive(Debug)]
pub struct SyntaxError {
    /// The error, without a place.
    pub error: TemplateError,
    /// Offset in bytes.
    pub at: u32,
}

/// Operators on the way to the deepest place of one expression.
const DEPTH: usize = 500;

/// Branches of one `if`.
const BRANCHES: usize = 200;

/// Parses a text.
pub fn parse(text: &str, mode: &Mode) -> Result<Program, SyntaxError> {
    let text = normalized(text);
    let default = TextOptions::default();
    match mode {
        Mode::Expression(escapes) => parse_expression(&text, *escapes),
        Mode::Value => parse_template(&text, &default, Escapes::Doubled, false),
        Mode::File(options) => parse_template(&text, options, Escapes::Python, options.keep_trailing_newline),
    }
}

fn parse_template(text: &str, options: &TextOptions, escapes: Escapes, keep: bool) -> Result<Program, SyntaxError> {
    let tags = scan::tags(text, options);
    check_bounds(text, &tags)?;
    let rewritten = rewrite::rewrite(text, &tags, escapes);
    let syntax = syntax(options, keep).map_err(|error| SyntaxError { error: converted(&error), at: 0 })?;
    let tree = machinery::parse(&rewritten.text, "template", syntax).map_err(|error| located(&error, &rewritten))?;
    Lowering::new(&rewritten, &options.newline).program(&tree)
}

fn parse_expression(text: &str, escapes: Escapes) -> Result<Program, SyntaxError> {
    let tag = scan::expression(text);
    check_bounds(text, std::slice::from_ref(&tag))?;
    let rewritten = rewrite::rewrite(text, &[tag], escapes);
    let tree = machinery::parse_expr(&rewritten.text).map_err(|error| located(&error, &rewritten))?;
    let mut lowering = Lowering::new(&rewritten, "\n");
    let expression = lowering.expression(&tree)?;
    Ok(Program { body: vec![Statement::Print(expression)], ..Program::default() })
}

/// Whether a text is one `{{ … }}` and nothing else.
pub fn is_one_tag(text: &str) -> bool {
    let tags = scan::tags(text, &TextOptions::default());
    matches!(tags.as_slice(), [tag] if tag.kind == scan::TagKind::Variable)
}

/// The expression of a program made from one.
pub fn sole_expression(program: &Program) -> Option<&Expression> {
    match program.body.as_slice() {
        [Statement::Print(expression)] => Some(expression),
        _ => None,
    }
}

fn normalized(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}

fn syntax(options: &TextOptions, keep_trailing_newline: bool) -> Result<SyntaxConfig, minijinja::Error> {
    SyntaxConfig::builder()
        .variable_delimiters(options.variable.0.clone(), options.variable.1.clone())
        .block_delimiters(options.block.0.clone(), options.block.1.clone())
        .comment_delimiters(options.comment.0.clone(), options.comment.1.clone())
        .trim_blocks(options.trim_blocks)
        .lstrip_blocks(options.lstrip_blocks)
        .keep_trailing_newline(keep_trailing_newline)
        .build()
}

/// The parser goes as deep as the text does, and so does the tree when it is dropped: refuses what nobody writes.
fn check_bounds(text: &str, tags: &[scan::Tag]) -> Result<(), SyntaxError> {
    let limit = |what: &str, at: usize| SyntaxError {
        error: TemplateError::new(TemplateErrorKind::Limit, what),
        at: u32::try_from(at).unwrap_or(u32::MAX),
    };
    let mut branches = Vec::new();
    for tag in tags {
        if tag.inner.len() > DEPTH && scan::depth(text, tag) > DEPTH {
            return Err(limit("the expression is nested too deeply", tag.inner.start));
        }
        if tag.kind != scan::TagKind::Block {
            continue;
        }
        match text[tag.inner.clone()].split_whitespace().next() {
            Some("if") => branches.push(0),
            Some("elif") => {
                if let Some(count) = branches.last_mut() {
                    *count += 1;
                    if *count > BRANCHES {
                        return Err(limit("`if` has too many branches", tag.inner.start));
                    }
                }
            }
            Some("endif") => drop(branches.pop()),
            _ => {}
        }
    }
    Ok(())
}

fn located(error: &minijinja::Error, rewritten: &Rewritten) -> SyntaxError {
    let at = error.range().map_or(0, |range| range.start);
    SyntaxError { error: converted(error), at: rewritten.original(u32::try_from(at).unwrap_or(u32::MAX)) }
}

fn converted(error: &minijinja::Error) -> TemplateError {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let message = match detail.strip_prefix("unknown statement ") {
        Some(name) => format!("encountered unknown tag '{name}'"),
        None => detail,
    };
    TemplateError::new(TemplateErrorKind::Syntax, message)
}

/// The line and column, both from one, of an offset.
pub fn place(text: &str, at: u32) -> (u32, u32) {
    let mut at = (at as usize).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// A shared text.
fn shared(text: &str) -> Arc<str> {
    Arc::from(text)
}
