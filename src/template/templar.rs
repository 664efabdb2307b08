//! What the rest of the project asks of templates.

use std::collections::HashMap;
use std::sync::Arc;

use super::eval::{Constants, Evaluator, Source, Undefined, is_tag};
use super::parse::{Escapes, Mode};
use super::{Origin, Templar, TemplateError, TemplateErrorKind, Text, TextOptions, Trust, Value, header};

impl Templar {
    /// The value with everything in it templated: nothing in it is ever templated again. What is omitted is left out of
    /// lists and dictionaries; `Omit` alone stays.
    ///
    /// # Errors
    /// When a template fails, or anything in the value is undefined.
    pub fn render(&self, value: &Value) -> Result<Value, TemplateError> {
        let mut evaluator = Evaluator::new(self);
        match value {
            Value::String(text) if !text.is_active() => Ok(Value::text(Arc::clone(text.shared()))),
            _ => evaluator.finished(value.clone()),
        }
    }

    /// The text of a template file. `origin` is where it begins; options in its `#jinja2:` header come before `options`.
    ///
    /// # Errors
    /// When the template fails.
    pub fn render_text(&self, text: &str, origin: &Origin, options: &TextOptions) -> Result<String, TemplateError> {
        self.render_text_with(text, origin, options, HashMap::new())
    }

    /// The same with variables besides: `template_path` and the like.
    ///
    /// # Errors
    /// When the template fails.
    pub fn render_text_with(
        &self,
        text: &str,
        origin: &Origin,
        options: &TextOptions,
        variables: HashMap<Arc<str>, Value>,
    ) -> Result<String, TemplateError> {
        let (text, options, skipped) = header::split(text, options).map_err(|error| error.at(origin))?;
        let mut origin = origin.clone();
        if origin.line > 0 {
            origin.line += skipped;
        }
        let wanted = if options.keep_trailing_newline { newlines(text) } else { 0 };
        let newline = options.newline.clone();
        // As Ansible does: the newline is taken away, and those that are missing at the end are put back, so that one
        // after a block stays, and one after a text that ends in a newline is not doubled.
        let options = TextOptions { keep_trailing_newline: false, ..options };
        let source = Source { text: Arc::from(text), origin: Some(origin), exact: true };
        let mut rendered = Evaluator::new(self).render_file(source, &Mode::File(options), variables)?;
        let missing = wanted.saturating_sub(newlines(&rendered));
        rendered.push_str(&newline.repeat(missing));
        Ok(rendered)
    }

    /// The items of a `with_X` loop over the terms in `value`.
    ///
    /// # Errors
    /// When a term is undefined or the lookup fails.
    pub fn loop_items(&self, kind: &str, value: &Value) -> Result<Vec<Value>, TemplateError> {
        let mut evaluator = Evaluator::new(self);
        let terms = evaluator.finished(value.clone())?;
        super::lookups::loop_items(&mut evaluator, kind, terms)
    }

    /// The value of a bare expression, such as `debug: var=` has; a text that holds a template is rendered instead.
    ///
    /// # Errors
    /// When the expression fails, is undefined, or may not be templated.
    pub fn evaluate(&self, expression: &Text) -> Result<Value, TemplateError> {
        let Trust::Template(origin) = expression.trust() else {
            return Err(refused(expression.origin()));
        };
        let mut evaluator = Evaluator::new(self);
        if is_tag(expression.as_str()) {
            return evaluator.finished(Value::String(expression.clone()));
        }
        let mode = Mode::Expression(Escapes::Doubled);
        let value = evaluator.compute(expression.shared(), Some(origin), &mode, Constants::Kept)?;
        evaluator.finished(value).map_err(|error| error.at(origin))
    }

    /// Whether a condition holds: a boolean, an expression without braces, or a list of them.
    ///
    /// # Errors
    /// When an expression fails or is undefined.
    pub fn holds(&self, condition: &Value) -> Result<bool, TemplateError> {
        match condition {
            Value::Bool(value) => Ok(*value),
            Value::List(conditions) => {
                for condition in conditions.iter() {
                    if !self.holds(condition)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Value::String(text) => self.text_holds(text),
            Value::Null => Ok(true),
            other => Ok(self.loosely(other, None)),
        }
    }

    fn text_holds(&self, condition: &Text) -> Result<bool, TemplateError> {
        let Trust::Template(origin) = condition.trust() else {
            return Err(refused(condition.origin()));
        };
        let text = condition.as_str().trim();
        if text.is_empty() {
            self.environment.warn("an empty condition counts as true");
            return Ok(true);
        }
        let mut evaluator = Evaluator::new(self);
        if is_tag(text) {
            self.environment.warn(format!("conditions are templates already; write them without braces: {text}"));
            let value = evaluator.render(&Arc::from(text), origin)?;
            return self.rendered_holds(&mut evaluator, value, origin);
        }
        let expression = if text.contains("{{") { without_braces(text) } else { text.to_owned() };
        if expression != text {
            self.environment.warn(format!("conditions are templates already; write them without braces: {text}"));
        }
        let value = Self::condition_value(&mut evaluator, &Arc::from(expression), origin)?;
        Ok(self.loosely(&value, Some(origin)))
    }

    fn condition_value(
        evaluator: &mut Evaluator<'_>,
        text: &Arc<str>,
        origin: &Origin,
    ) -> Result<Value, TemplateError> {
        let mode = Mode::Expression(Escapes::Python);
        let value = evaluator.compute(text, Some(origin), &mode, Constants::Rendered)?;
        evaluator.used(value).map_err(|error| error.at(origin))
    }

    /// A condition in braces may name a variable that holds a condition; what a template computes is none.
    fn rendered_holds(
        &self,
        evaluator: &mut Evaluator<'_>,
        value: Value,
        origin: &Origin,
    ) -> Result<bool, TemplateError> {
        let Value::String(text) = &value else {
            let value = evaluator.used(value).map_err(|error| error.at(origin))?;
            return Ok(self.loosely(&value, Some(origin)));
        };
        if let Trust::Template(origin) = text.trust() {
            let value = Self::condition_value(evaluator, text.shared(), origin)?;
            return Ok(self.loosely(&value, Some(origin)));
        }
        match text.as_str().trim() {
            "True" | "true" => Ok(true),
            "False" | "false" | "None" => Ok(false),
            _ => Ok(self.loosely(&value, Some(origin))),
        }
    }

    /// Whether a value counts as true; says so when it is no boolean.
    fn loosely(&self, value: &Value, origin: Option<&Origin>) -> bool {
        if let Value::Bool(value) = value {
            return *value;
        }
        let place = origin.map(|origin| format!(" at {origin}")).unwrap_or_default();
        let holds = value.is_true();
        let kind = value.type_name();
        self.environment.warn(format!("the condition{place} is no boolean but of type '{kind}'; it counts as {holds}"));
        holds
    }
}

/// `a == {{ b }}` as `a == (b)`, which is what it means for values; the text of a value never becomes an expression.
/// What stands in quotes is left as it is: it is rendered when it is used.
/// Newlines at the end of a text.
fn newlines(text: &str) -> usize {
    text.len() - text.trim_end_matches('\n').len()
}

fn without_braces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let replaced = match (quote, rest.get(..2)) {
            (None, Some("{{")) => Some('('),
            (None, Some("}}")) => Some(')'),
            _ => None,
        };
        if let Some(bracket) = replaced {
            out.push(bracket);
            rest = &rest[2..];
            continue;
        }
        match (quote, letter) {
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
        out.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    out
}

fn refused(origin: Option<&Origin>) -> TemplateError {
    let error = TemplateError::new(
        TemplateErrorKind::Value,
        "Encountered untrusted template or expression: a text that came from a host or a template is no expression",
    );
    match origin {
        Some(origin) => error.at(origin),
        None => error,
    }
}

impl Evaluator<'_> {
    /// The value with everything rendered and defined.
    fn finished(&mut self, value: Value) -> Result<Value, TemplateError> {
        let value = self.access(value)?;
        let value = self.materialized(value)?;
        let value = self.resolve_with(value, Undefined::Fails)?;
        match &value {
            Value::Undefined(missing) => Err(self.missing(missing)),
            _ => Ok(value),
        }
    }
}
