//! Statements.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::ast::{Expression, Statement, Step, Target};
use super::super::{TemplateError, TemplateErrorKind, Value};
use super::objects::Namespace;
use super::resolve::{Undefined, is_too_deep};
use super::{Evaluator, Flow, Output, Result};

impl Evaluator<'_> {
    /// Runs statements in order.
    pub fn run(&mut self, body: &[Statement]) -> Result<Flow> {
        for statement in body {
            self.enter()?;
            let flow = self.statement(statement)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn statement(&mut self, statement: &Statement) -> Result<Flow> {
        match statement {
            Statement::Text(text) => self.print_text(text)?,
            Statement::Print(expression) => {
                let value = self.value(expression)?;
                let value = self.printable(value).map_err(|error| self.place.source.locate(error, expression.at))?;
                self.print(value)?;
            }
            Statement::If(branches, otherwise) => {
                for (condition, body) in branches {
                    if self.condition(condition)? {
                        return self.run(body);
                    }
                }
                return self.run(otherwise);
            }
            Statement::For(node) => return self.for_loop(node),
            Statement::Set(target, value) => {
                let value = self.value(value)?;
                self.assign(target, value)?;
            }
            Statement::SetBlock(target, filters, body) => {
                let (value, flow) = self.capture(body)?;
                let value = self.filtered(value, filters)?;
                self.assign(target, value)?;
                return Ok(flow);
            }
            Statement::With(assignments, body) => return self.with(assignments, body),
            Statement::Filter(filters, body) => {
                let (value, flow) = self.capture(body)?;
                let value = self.filtered(value, filters)?;
                self.print(value)?;
                return Ok(flow);
            }
            Statement::Block(name) => self.block(name)?,
            Statement::Extends(name) => self.extends(name)?,
            Statement::Include { name, ignore_missing, context } => self.include(name, *ignore_missing, *context)?,
            Statement::Import { name, target, context } => {
                let module = self.import(name, *context)?;
                self.set(target, module);
            }
            Statement::FromImport { name, names, context } => self.import_names(name, names, *context)?,
            Statement::Macro(node) => {
                let value = self.macro_value(node);
                self.set(&node.name, value);
            }
            Statement::Call(call, caller) => {
                let value = self.call_block(call, caller)?;
                self.print(value)?;
            }
            Statement::Do(expression) => {
                let value = self.value(expression)?;
                self.used(value).map_err(|error| self.place.source.locate(error, expression.at))?;
            }
            Statement::Break => return Ok(Flow::Break),
            Statement::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn print_text(&mut self, text: &str) -> Result<()> {
        if let Some(output) = self.outputs.last_mut() {
            output.push_text(text);
        }
        self.check_output()
    }

    /// Prints a value. Among other things all of it must be defined; alone it may hold what is not.
    fn print(&mut self, value: Value) -> Result<()> {
        let alone = matches!(self.outputs.last(), Some(Output::Empty));
        let value = if alone { value } else { self.whole(value)? };
        if let Some(Output::Single(first)) = self.outputs.last() {
            let first = first.clone();
            let first = self.whole(first)?;
            if let Some(output) = self.outputs.last_mut() {
                *output = Output::Single(first);
            }
        }
        if let Some(output) = self.outputs.last_mut() {
            output.push(value);
        }
        self.check_output()
    }

    fn check_output(&mut self) -> Result<()> {
        let size = self.outputs.last().map_or(0, Output::len);
        if size > super::SIZE_LIMIT { self.sized(size) } else { Ok(()) }
    }

    fn printable(&mut self, value: Value) -> Result<Value> {
        let value = self.used(value)?;
        let value = self.materialized(value)?;
        self.resolve_with(value, Undefined::Stays)
    }

    /// Whether a condition holds.
    pub fn condition(&mut self, condition: &Expression) -> Result<bool> {
        let value = self.value(condition)?;
        self.truth(&value).map_err(|error| self.place.source.locate(error, condition.at))
    }

    /// Whether a value is true; an error if it is undefined.
    pub fn truth(&self, value: &Value) -> Result<bool> {
        match value {
            Value::Undefined(missing) if !missing.message.is_empty() => Err(self.missing(missing)),
            other => Ok(other.is_true()),
        }
    }

    fn filtered(&mut self, value: Value, filters: &[Step]) -> Result<Value> {
        filters.iter().try_fold(value, |value, step| self.plain_step(value, step))
    }

    fn with(&mut self, assignments: &[(Target, Expression)], body: &[Statement]) -> Result<Flow> {
        let mut values = Vec::with_capacity(assignments.len());
        for (target, value) in assignments {
            values.push((target, self.value(value)?));
        }
        self.place.frames.push(HashMap::new());
        let assigned = values.into_iter().try_for_each(|(target, value)| self.assign(target, value));
        let ran = assigned.and_then(|()| self.run(body));
        self.place.frames.pop();
        ran
    }

    /// Sets a variable of the innermost frame.
    pub fn set(&mut self, name: &Arc<str>, value: Value) {
        let variables = match self.place.frames.last_mut() {
            Some(frame) => frame,
            None => &mut self.roots[self.place.root].variables,
        };
        variables.insert(Arc::clone(name), value);
    }

    /// Assigns to a variable, an attribute of a namespace, or several of them.
    pub fn assign(&mut self, target: &Target, value: Value) -> Result<()> {
        if is_too_deep(&value) {
            return Err(TemplateError::new(TemplateErrorKind::Limit, "the value is nested too deeply"));
        }
        match target {
            Target::Name(name) => self.set(name, value),
            Target::Attribute(name, attribute) => {
                let namespace = self.variable(name);
                let known = namespace.as_ref().and_then(Namespace::of);
                let Some(namespace) = known else {
                    return Err(TemplateError::value("cannot assign attribute on non-namespace object"));
                };
                namespace.set(Arc::clone(attribute), value);
            }
            Target::Unpack(targets) => {
                let items = self.items(value)?;
                let (wanted, got) = (targets.len(), items.len());
                if got < wanted {
                    let message = format!("not enough values to unpack (expected {wanted}, got {got})");
                    return Err(TemplateError::value(message));
                }
                if got > wanted {
                    return Err(TemplateError::value(format!("too many values to unpack (expected {wanted})")));
                }
                for (target, item) in targets.iter().zip(items) {
                    self.assign(target, item)?;
                }
            }
        }
        Ok(())
    }
}
