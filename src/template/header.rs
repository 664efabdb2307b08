//! The first line of a template file that says how it is read: `#jinja2: trim_blocks:False, lstrip_blocks:True`.

use super::{TemplateError, TemplateErrorKind, TextOptions};

/// The text after the header, the options with what the header says, and the lines skipped.
///
/// # Errors
/// When the header names something unknown.
pub fn split<'t>(text: &'t str, options: &TextOptions) -> Result<(&'t str, TextOptions, u32), TemplateError> {
    let Some(header) = text.strip_prefix("#jinja2:") else { return Ok((text, options.clone(), 0)) };
    let (header, rest, skipped) = match header.split_once('\n') {
        Some((header, rest)) => (header, rest, 1),
        None => (header, "", 0),
    };
    let mut options = options.clone();
    for entry in header.trim().split(',').filter(|entry| !entry.trim().is_empty()) {
        let Some((name, value)) = entry.split_once(':') else {
            return Err(refused(format!("the header of the template needs `name:value`, not `{}`", entry.trim())));
        };
        set(&mut options, name.trim(), value.trim())?;
    }
    Ok((rest, options, skipped))
}

impl TextOptions {
    /// Sets an option by the name that headers and the arguments of `template` have for it.
    ///
    /// # Errors
    /// When there is no such option, or the value does not fit.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), TemplateError> {
        set(self, name, value)
    }
}

fn set(options: &mut TextOptions, name: &str, value: &str) -> Result<(), TemplateError> {
    match name {
        "trim_blocks" => options.trim_blocks = boolean(name, value)?,
        "lstrip_blocks" => options.lstrip_blocks = boolean(name, value)?,
        "keep_trailing_newline" => options.keep_trailing_newline = boolean(name, value)?,
        "newline_sequence" => options.newline = text(value).replace("\\r", "\r").replace("\\n", "\n"),
        "variable_start_string" => options.variable.0 = text(value),
        "variable_end_string" => options.variable.1 = text(value),
        "block_start_string" => options.block.0 = text(value),
        "block_end_string" => options.block.1 = text(value),
        "comment_start_string" => options.comment.0 = text(value),
        "comment_end_string" => options.comment.1 = text(value),
        _ => return Err(refused(format!("unknown option `{name}` in the header of the template"))),
    }
    Ok(())
}

fn boolean(name: &str, value: &str) -> Result<bool, TemplateError> {
    match text(value).to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(refused(format!("`{name}` in the header of the template is True or False, not `{value}`"))),
    }
}

/// The value without its quotes.
fn text(value: &str) -> String {
    let quoted = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    quoted('\'').or_else(|| quoted('"')).unwrap_or(value).to_owned()
}

fn refused(message: String) -> TemplateError {
    TemplateError::new(TemplateErrorKind::Syntax, message)
}
