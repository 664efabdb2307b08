//! Looks at templates without computing them, when a playbook is loaded.

use std::sync::Arc;

use super::ast::{Argument, Body, Expression, Kind, Program, Statement, Step, StepKind};
use super::eval::{Source, functions, is_tag};
use super::parse::{self, Escapes, Mode, SyntaxError};
use super::{Origin, TemplateError, TextOptions, Trust, Value, filters, header, lookups, tests};

/// What is wrong with a value of a playbook: syntax, and names of filters, tests and lookups that are not here.
#[must_use]
pub fn check_template(text: &str, origin: &Origin) -> Vec<TemplateError> {
    check(text, Some(origin), false, &Mode::Value)
}

/// What is wrong with a bare expression: a condition.
#[must_use]
pub fn check_expression(text: &str, origin: &Origin) -> Vec<TemplateError> {
    if is_tag(text) {
        return check(text.trim(), Some(origin), false, &Mode::Value);
    }
    if text.contains("{{") {
        return Vec::new();
    }
    check(text, Some(origin), false, &Mode::Expression(Escapes::Python))
}

/// What is wrong with the text of a template file.
#[must_use]
pub fn check_text(text: &str, origin: &Origin, options: &TextOptions) -> Vec<TemplateError> {
    let (text, options, skipped) = match header::split(text, options) {
        Ok(split) => split,
        Err(error) => return vec![error.at(origin)],
    };
    let origin = Origin { line: origin.line + skipped, ..origin.clone() };
    check(text, Some(&origin), true, &Mode::File(options))
}

/// What is wrong with the texts of a variable. What is vaulted is passed over.
#[must_use]
pub fn check_value(value: &Value) -> Vec<TemplateError> {
    match value {
        Value::String(text) => match text.trust() {
            Trust::Template(origin) if text.is_active() => check_template(text.as_str(), origin),
            _ => Vec::new(),
        },
        Value::List(items) => items.iter().flat_map(check_value).collect(),
        Value::Dict(dict) => dict.values().flat_map(check_value).collect(),
        _ => Vec::new(),
    }
}

fn check(text: &str, origin: Option<&Origin>, exact: bool, mode: &Mode) -> Vec<TemplateError> {
    let source = Source { text: Arc::from(text), origin: origin.cloned(), exact };
    match parse::parse(text, mode) {
        Err(SyntaxError { error, at }) => vec![source.locate(error, at)],
        Ok(program) => {
            let mut names = Names { source: &source, found: Vec::new() };
            names.program(&program);
            names.found
        }
    }
}

struct Names<'s> {
    source: &'s Source,
    found: Vec<TemplateError>,
}

impl Names<'_> {
    fn program(&mut self, program: &Program) {
        self.body(&program.body);
        for body in program.blocks.values() {
            self.body(body);
        }
    }

    fn body(&mut self, body: &Body) {
        for statement in body {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Text(_) | Statement::Block(_) | Statement::Break | Statement::Continue => {}
            Statement::Print(value) | Statement::Extends(value) | Statement::Do(value) | Statement::Set(_, value) => {
                self.expression(value);
            }
            Statement::Include { name, .. } | Statement::Import { name, .. } | Statement::FromImport { name, .. } => {
                self.expression(name);
            }
            Statement::If(branches, otherwise) => {
                for (condition, body) in branches {
                    self.expression(condition);
                    self.body(body);
                }
                self.body(otherwise);
            }
            Statement::For(node) => {
                self.expression(&node.items);
                node.filter.iter().for_each(|filter| self.expression(filter));
                self.body(&node.body);
                self.body(&node.otherwise);
            }
            Statement::SetBlock(_, filters, body) | Statement::Filter(filters, body) => {
                self.steps(filters);
                self.body(body);
            }
            Statement::With(assignments, body) => {
                for (_, value) in assignments {
                    self.expression(value);
                }
                self.body(body);
            }
            Statement::Macro(node) => {
                node.parameters
                    .iter()
                    .filter_map(|(_, default)| default.as_ref())
                    .for_each(|value| self.expression(value));
                self.body(&node.body);
            }
            Statement::Call(call, caller) => {
                self.expression(call);
                self.body(&caller.body);
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            Kind::Constant(_) | Kind::Name(_) => {}
            Kind::List(items, _) | Kind::And(items) | Kind::Or(items) => {
                for item in items {
                    self.expression(item);
                }
            }
            Kind::Dict(entries) => {
                for (key, value) in entries {
                    self.expression(key);
                    self.expression(value);
                }
            }
            Kind::Path(base, steps) => {
                self.expression(base);
                self.lookup(base, steps);
                self.steps(steps);
            }
            Kind::Negate(operand) | Kind::Not(operand) => self.expression(operand),
            Kind::Arithmetic(first, rest) => {
                self.expression(first);
                for (_, operand) in rest {
                    self.expression(operand);
                }
            }
            Kind::Compare(first, rest) => {
                self.expression(first);
                for (_, operand) in rest {
                    self.expression(operand);
                }
            }
            Kind::If(condition, value, otherwise) => {
                self.expression(condition);
                self.expression(value);
                if let Some(otherwise) = otherwise {
                    self.expression(otherwise);
                }
            }
        }
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.kind {
                StepKind::Attribute(_) => {}
                StepKind::Item(key) => self.expression(key),
                StepKind::Slice(bounds) => bounds.iter().flatten().for_each(|bound| self.expression(bound)),
                StepKind::Call(arguments) => self.arguments(arguments),
                StepKind::Filter(name, arguments) => {
                    if filters::find(name).is_none() && !functions::was_filter(name) {
                        self.unknown("filter", name, &filters::names(), step.at);
                    }
                    self.arguments(arguments);
                }
                StepKind::Test(name, arguments) => {
                    if tests::find(name).is_none() {
                        self.unknown("test", name, &tests::names(), step.at);
                    }
                    self.arguments(arguments);
                }
            }
        }
    }

    fn arguments(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            let (Argument::Positional(value)
            | Argument::Named(_, value)
            | Argument::Items(value)
            | Argument::Entries(value)) = argument;
            self.expression(value);
        }
    }

    /// `lookup('name', …)` with a name that is written out.
    fn lookup(&mut self, base: &Expression, steps: &[Step]) {
        let Kind::Name(function) = &base.kind else { return };
        if !matches!(&**function, "lookup" | "query" | "q") {
            return;
        }
        let Some(Step { kind: StepKind::Call(arguments), at }) = steps.first() else { return };
        let Some(Argument::Positional(Expression { kind: Kind::Constant(Value::String(name)), .. })) =
            arguments.first()
        else {
            return;
        };
        if lookups::find(name.as_str()).is_none() {
            self.unknown("lookup", name.as_str(), &lookups::names(), *at);
        }
    }

    fn unknown(&mut self, kind: &str, name: &str, known: &[&'static str], at: u32) {
        self.found.push(self.source.locate(functions::unknown(kind, name, known), at));
    }
}
