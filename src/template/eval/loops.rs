//! Loops.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::ast::For;
use super::super::{TemplateError, Value};
use super::objects::Loop;
use super::{Evaluator, Flow, Output, Result};

impl Evaluator<'_> {
    /// Runs a loop.
    pub fn for_loop(&mut self, node: &Arc<For>) -> Result<Flow> {
        let items = self.value(&node.items)?;
        let items = self.items(items).map_err(|error| self.place.source.locate(error, node.items.at))?;
        self.iterate(node, items, 0)
    }

    /// `loop(items)`: the loop again, for other items, one level deeper; gives what it prints.
    pub fn recurse(&mut self, node: &Arc<For>, items: Value, depth: i64) -> Result<Value> {
        let items = self.items(items)?;
        self.outputs.push(Output::default());
        let ran = self.iterate(node, items, depth);
        let output = self.outputs.pop().unwrap_or_default();
        ran.map(|_| output.into_value())
    }

    fn iterate(&mut self, node: &Arc<For>, items: Vec<Value>, depth: i64) -> Result<Flow> {
        self.enter()?;
        let level = self.place.frames.len();
        let ran = self.iterate_within(node, items, depth);
        self.place.frames.truncate(level);
        ran
    }

    fn iterate_within(&mut self, node: &Arc<For>, items: Vec<Value>, depth: i64) -> Result<Flow> {
        let items: Arc<[Value]> = self.chosen(node, items)?.into();
        if items.is_empty() {
            return self.run(&node.otherwise);
        }
        let state = Arc::default();
        for index in 0..items.len() {
            let info = Loop {
                items: Arc::clone(&items),
                index,
                depth,
                node: node.recursive.then(|| Arc::clone(node)),
                changed: Arc::clone(&state),
            };
            let name: Arc<str> = Arc::from("loop");
            self.place.frames.push(HashMap::from([(name, Value::Object(Arc::new(info)))]));
            let assigned = self.assign(&node.target, items[index].clone());
            assigned.map_err(|error| self.place.source.locate(error, node.items.at))?;
            let flow = self.run(&node.body)?;
            self.place.frames.pop();
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }

    /// The items that the condition of a loop lets through.
    fn chosen(&mut self, node: &For, items: Vec<Value>) -> Result<Vec<Value>> {
        let Some(filter) = &node.filter else { return Ok(items) };
        let mut chosen = Vec::new();
        for item in items {
            self.place.frames.push(HashMap::new());
            let kept = self.assign(&node.target, item.clone()).and_then(|()| self.condition(filter));
            self.place.frames.pop();
            if kept? {
                chosen.push(item);
            }
        }
        Ok(chosen)
    }

    /// What Python iterates over.
    pub fn items(&mut self, value: Value) -> Result<Vec<Value>> {
        let value = self.access(value)?;
        let items: Vec<Value> = match self.used(value)? {
            Value::Undefined(_) => Vec::new(),
            Value::List(items) => Arc::unwrap_or_clone(items),
            Value::Dict(dict) => dict.keys().map(super::super::Key::to_value).collect(),
            Value::String(text) => text.as_str().chars().map(|letter| Value::from(letter.to_string())).collect(),
            Value::Object(object) if object.text().is_none() => {
                object.keys().iter().map(super::super::Key::to_value).collect()
            }
            other => {
                return Err(TemplateError::value(format!("'{}' object is not iterable", other.type_name())));
            }
        };
        self.sized(items.len())?;
        Ok(items)
    }
}
