//! Macros, call blocks and the blocks of templates.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::ast::{self, Expression, Kind, StepKind};
use super::super::{Arguments, Dict, Key, TemplateError, TemplateErrorKind, Value};
use super::objects::{Macro, known};
use super::place::Place;
use super::{Evaluator, Output, Result};

impl Evaluator<'_> {
    /// A macro with the variables around it.
    pub fn macro_value(&self, node: &Arc<ast::Macro>) -> Value {
        Value::Object(Arc::new(Macro {
            node: Arc::clone(node),
            source: self.place.source.clone(),
            root: self.place.root,
            captured: self.place.frames.clone(),
        }))
    }

    /// Calls a macro; gives what it prints.
    pub fn call_macro(&mut self, called: &Macro, arguments: Arguments) -> Result<Value> {
        self.enter()?;
        if self.place.nested >= super::NESTED || called.root >= self.roots.len() {
            return Err(self.too_deep());
        }
        let mut place = Place::new(called.root, called.source.clone());
        place.frames.clone_from(&called.captured);
        place.frames.push(HashMap::new());
        place.nested = self.place.nested + 1;
        let outer = std::mem::replace(&mut self.place, place);
        let bound = self.bind(&called.node, arguments);
        let printed = bound.and_then(|()| self.capture(&called.node.body));
        self.place = outer;
        printed.map(|(value, _)| value)
    }

    fn bind(&mut self, node: &ast::Macro, arguments: Arguments) -> Result<()> {
        let mut positional = arguments.positional.into_iter();
        let mut named = arguments.named;
        for (name, default) in &node.parameters {
            let by_name = named.iter().position(|(known, _)| known == name);
            let given = match (positional.next(), by_name) {
                (Some(_), Some(_)) => {
                    let message = format!("macro '{}' got multiple values for argument '{name}'", node.name);
                    return Err(TemplateError::value(message));
                }
                (Some(value), None) => Some(value),
                (None, Some(place)) => Some(named.remove(place).1),
                (None, None) => None,
            };
            let value = match (given, default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.value(default)?,
                (None, None) => Value::undefined(format!("parameter '{name}' was not provided")),
            };
            self.set(name, value);
        }
        if let Some(place) = named.iter().position(|(name, _)| &**name == "caller") {
            let (name, caller) = named.remove(place);
            self.set(&name, caller);
        }
        let rest: Dict = named.into_iter().map(|(name, value)| (Key::Text(name), value)).collect();
        self.set(&Arc::from("varargs"), Value::list(positional.collect()));
        self.set(&Arc::from("kwargs"), Value::dict(rest));
        Ok(())
    }

    /// `{% call(…) m(…) %}`: calls `m` with the block as its `caller`.
    pub fn call_block(&mut self, call: &Expression, caller: &Arc<ast::Macro>) -> Result<Value> {
        let caller = self.macro_value(caller);
        let Kind::Path(base, steps) = &call.kind else {
            return Err(TemplateError::value("a call block needs a call"));
        };
        let Some((last, before)) = steps.split_last() else {
            return Err(TemplateError::value("a call block needs a call"));
        };
        let mut target = self.value(base)?;
        for step in before {
            target = self.plain_step(target, step)?;
        }
        let StepKind::Call(arguments) = &last.kind else {
            return Err(TemplateError::value("a call block needs a call"));
        };
        let target = self.used(target).map_err(|error| self.place.source.locate(error, call.at))?;
        let Some(target) = known::<Macro>(&target) else {
            return Err(TemplateError::value(format!("'{}' object is not a macro", target.type_name())));
        };
        let mut arguments = self.arguments_of(arguments, super::call::Evaluated::Lazily)?;
        arguments.named.push((Arc::from("caller"), caller));
        self.call_macro(target, arguments)
    }

    /// Prints the block of a name, unless the template extends another: then that one prints it.
    pub fn block(&mut self, name: &Arc<str>) -> Result<()> {
        if self.place.parent.is_some() {
            return Ok(());
        }
        let value = self.block_at(name, 0)?;
        if let Some(output) = self.outputs.last_mut() {
            output.push(value);
        }
        Ok(())
    }

    /// What the block of a name prints, at a level of inheritance.
    pub fn block_at(&mut self, name: &Arc<str>, level: usize) -> Result<Value> {
        self.enter()?;
        let found = self.place.blocks.get(name).and_then(|bodies| bodies.get(level)).cloned();
        let Some((body, source)) = found else {
            let message = if level == 0 {
                format!("block '{name}' is not defined")
            } else {
                format!("there is no parent block called '{name}'")
            };
            return Err(TemplateError::new(TemplateErrorKind::Undefined, message));
        };
        let outer_source = std::mem::replace(&mut self.place.source, source);
        let outer_block = self.place.block.replace((Arc::clone(name), level));
        let frames = self.place.frames.len();
        self.place.frames.push(HashMap::new());
        self.outputs.push(Output::default());
        let ran = self.run(&body);
        let output = self.outputs.pop().unwrap_or_default();
        self.place.frames.truncate(frames);
        self.place.block = outer_block;
        self.place.source = outer_source;
        ran.map(|_| output.into_value())
    }

    /// `super()`.
    pub fn super_block(&mut self) -> Result<Value> {
        let Some((name, level)) = self.place.block.clone() else {
            return Err(TemplateError::new(TemplateErrorKind::Undefined, "'super' is undefined"));
        };
        self.block_at(&name, level + 1)
    }
}
