//! Expressions.

use std::sync::Arc;

use super::super::ast::{Comparison, Expression, Kind, Sequence, Step, StepKind};
use super::super::{Dict, TemplateError, TemplateErrorKind, Value};
use super::call::Trail;
use super::undefined::{is_nothing, nothing};
use super::{Constants, Evaluator, Result, resolve};

impl Evaluator<'_> {
    /// Computes an expression. The value itself is rendered; what is inside of it may not be, and it may be undefined.
    pub fn value(&mut self, expression: &Expression) -> Result<Value> {
        self.enter()?;
        let computed = match &expression.kind {
            Kind::Constant(value) => self.constant(value),
            Kind::Name(name) => self.lookup(name),
            Kind::Path(base, steps) => return self.path(base, steps),
            Kind::List(items, kind) => self.list(items, *kind),
            Kind::Dict(entries) => self.dict(entries),
            Kind::Negate(operand) => self.negated(operand),
            Kind::Not(operand) => self.condition(operand).map(|holds| Value::Bool(!holds)),
            Kind::Arithmetic(first, rest) => {
                let mut left = self.value(first)?;
                for (operator, operand) in rest {
                    let right = self.value(operand)?;
                    let tuple = matches!(operand.kind, Kind::List(_, Sequence::Tuple));
                    let computed = self.arithmetic(*operator, left, right, tuple);
                    left = computed.map_err(|error| self.place.source.locate(error, operand.at))?;
                }
                Ok(left)
            }
            Kind::And(operands) => self.first_where(operands, false),
            Kind::Or(operands) => self.first_where(operands, true),
            Kind::Compare(first, rest) => self.comparisons(first, rest),
            Kind::If(condition, value, otherwise) => {
                if self.condition(condition)? {
                    return self.value(value);
                }
                match otherwise {
                    Some(otherwise) => return self.value(otherwise),
                    None => Ok(nothing()),
                }
            }
        };
        computed.map_err(|error| self.place.source.locate(error, expression.at))
    }

    fn constant(&mut self, value: &Value) -> Result<Value> {
        match value {
            Value::String(text) if self.constants == Constants::Rendered && looks_like_template(text.as_str()) => {
                self.embedded(text.shared())
            }
            other => Ok(other.clone()),
        }
    }

    /// Renders a quoted text that is a template, as conditions and lookups did.
    pub fn embedded(&mut self, text: &Arc<str>) -> Result<Value> {
        let environment = &self.templar.environment;
        environment.warn(format!("quoted texts should not contain templates; use the variable itself: {text}"));
        let origin = self.place.source.origin.clone().unwrap_or_default();
        match self.render(text, &origin) {
            Err(error) if error.kind == TemplateErrorKind::Undefined => Ok(super::undefined::of_error(error)),
            rendered => rendered,
        }
    }

    /// The first operand that is true, or that is not; the last if there is none.
    fn first_where(&mut self, operands: &[Expression], wanted: bool) -> Result<Value> {
        let mut value = Value::Null;
        for (place, operand) in operands.iter().enumerate() {
            value = self.value(operand)?;
            if place + 1 == operands.len() {
                break;
            }
            let holds = self.truth(&value).map_err(|error| self.place.source.locate(error, operand.at))?;
            if holds == wanted {
                break;
            }
        }
        Ok(value)
    }

    fn list(&mut self, items: &[Expression], _: Sequence) -> Result<Value> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.value(item)?);
        }
        Ok(Value::list(values))
    }

    fn dict(&mut self, entries: &[(Expression, Expression)]) -> Result<Value> {
        let mut dict = Dict::with_capacity(entries.len());
        for (key, value) in entries {
            let key = self.value(key)?;
            let key = resolve::key(&self.used(key)?)?;
            let value = self.value(value)?;
            dict.insert(key, value);
        }
        Ok(Value::dict(dict))
    }

    fn negated(&mut self, operand: &Expression) -> Result<Value> {
        let value = self.value(operand)?;
        super::arithmetic::negate(&self.used(value)?)
    }

    fn comparisons(&mut self, first: &Expression, rest: &[(Comparison, Expression)]) -> Result<Value> {
        let left = self.value(first)?;
        let mut left = self.compared(left).map_err(|error| self.place.source.locate(error, first.at))?;
        for (comparison, operand) in rest {
            let right = self.value(operand)?;
            let right = self.compared(right).map_err(|error| self.place.source.locate(error, operand.at))?;
            let holds = super::compare::holds(*comparison, &left, &right);
            if !holds.map_err(|error| self.place.source.locate(error, operand.at))? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    fn compared(&mut self, value: Value) -> Result<Value> {
        self.whole(value)
    }

    /// Computes a value and what is done with it.
    fn path(&mut self, base: &Expression, steps: &[Step]) -> Result<Value> {
        let calls = steps.iter().any(|step| matches!(step.kind, StepKind::Call(_)));
        let mut trail = match &base.kind {
            Kind::Name(name) if calls => Some(Trail::new(name)),
            _ => None,
        };
        let mut value = self.value(base)?;
        let mut place = 0;
        while let Some(step) = steps.get(place) {
            self.enter()?;
            let next = steps.get(place + 1).map(|next| &next.kind);
            let at = step.at;
            let done = match (&step.kind, next) {
                (StepKind::Attribute(name), Some(StepKind::Call(arguments))) => {
                    place += 1;
                    let called =
                        self.call_method(std::mem::replace(&mut value, Value::Null), name, arguments, trail.as_ref());
                    trail = None;
                    called
                }
                (StepKind::Attribute(name), _) => {
                    if let Some(trail) = &mut trail {
                        trail.keys.push(Value::text(Arc::clone(name)));
                    }
                    self.attribute(&value, name)
                }
                (StepKind::Item(key), _) => {
                    let key = self.value(key)?;
                    let key = self.argument(key).map_err(|error| self.place.source.locate(error, at))?;
                    if let Some(trail) = &mut trail {
                        trail.keys.push(key.clone());
                    }
                    self.item_of(&value, &key)
                }
                _ => {
                    trail = None;
                    self.plain_step(value, step)
                }
            };
            value = done.map_err(|error| self.place.source.locate(error, at))?;
            place += 1;
        }
        Ok(value)
    }

    /// Does one thing with a value, without regard to where it came from.
    pub fn plain_step(&mut self, value: Value, step: &Step) -> Result<Value> {
        let done = match &step.kind {
            StepKind::Attribute(name) => self.attribute(&value, name),
            StepKind::Item(key) => {
                let key = self.value(key)?;
                let key = self.argument(key)?;
                self.item_of(&value, &key)
            }
            StepKind::Slice(bounds) => self.slice(value, bounds),
            StepKind::Call(arguments) => self.call_value(&value, arguments),
            StepKind::Filter(name, arguments) => self.filter_step(name, value, arguments),
            StepKind::Test(name, arguments) => self.test_step(name, value, arguments).map(Value::Bool),
        };
        done.map_err(|error| self.place.source.locate(error, step.at))
    }

    fn slice(&mut self, value: Value, bounds: &[Option<Expression>; 3]) -> Result<Value> {
        let value = self.used(value)?;
        if is_nothing(&value) {
            return Err(TemplateError::value("cannot slice an undefined value"));
        }
        let mut computed = [None, None, None];
        for (bound, computed) in bounds.iter().zip(&mut computed) {
            if let Some(bound) = bound {
                let bound = self.value(bound)?;
                *computed = super::item::bound(&self.argument(bound)?)?;
            }
        }
        super::item::slice(&value, computed)
    }
}

/// Whether a quoted text looks like a template.
pub fn looks_like_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}
