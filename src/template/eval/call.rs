//! Calls: of functions, macros and methods.

use std::sync::Arc;

use super::super::ast::{Argument, Expression, Kind};
use super::super::{Arguments, Key, TemplateError, Value};
use super::methods;
use super::objects::{Cycler, Function, Joiner, Loop, Macro, Module, Namespace, known};
use super::resolve::{Undefined, is_too_deep};
use super::undefined::no_attribute;
use super::{Evaluator, Result, expression};

/// The variable that a value was reached through, and the keys from there.
#[derive(Debug)]
pub struct Trail {
    name: Arc<str>,
    /// Attributes and items, outermost first.
    pub keys: Vec<Value>,
}

impl Trail {
    /// A trail that starts at a variable.
    pub fn new(name: &Arc<str>) -> Self {
        Self { name: Arc::clone(name), keys: Vec::new() }
    }
}

/// How arguments are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evaluated {
    /// They may be undefined and hold templates: for macros.
    Lazily,
    /// Rendered; they may be undefined.
    Rendered,
    /// Rendered and defined.
    Fully,
    /// As fully, and quoted texts that are templates are rendered: for lookups.
    Terms,
}

impl Evaluator<'_> {
    /// Computes the arguments of a call.
    pub fn arguments_of(&mut self, given: &[Argument], how: Evaluated) -> Result<Arguments> {
        let mut arguments = Arguments::default();
        for argument in given {
            match argument {
                Argument::Positional(value) => arguments.positional.push(self.one_argument(value, how)?),
                Argument::Named(name, value) => {
                    let value = self.one_argument(value, how)?;
                    arguments.named.push((Arc::clone(name), value));
                }
                Argument::Items(value) => {
                    let value = self.one_argument(value, how)?;
                    arguments.positional.extend(self.items(value)?);
                }
                Argument::Entries(value) => {
                    let value = self.one_argument(value, how)?;
                    let value = self.used(value)?;
                    let Value::Dict(dict) = &value else {
                        return Err(TemplateError::value("argument after ** must be a mapping"));
                    };
                    let entries = dict.iter().map(|(key, value)| (key.to_string().into(), value.clone()));
                    arguments.named.extend(entries);
                }
            }
        }
        Ok(arguments)
    }

    fn one_argument(&mut self, argument: &Expression, how: Evaluated) -> Result<Value> {
        let value = match &argument.kind {
            Kind::Constant(Value::String(text))
                if how == Evaluated::Terms && expression::looks_like_template(text.as_str()) =>
            {
                self.embedded(text.shared())?
            }
            _ => self.value(argument)?,
        };
        let value = match how {
            Evaluated::Lazily => return Ok(value),
            Evaluated::Rendered => return self.resolve_with(value, Undefined::Stays),
            Evaluated::Fully | Evaluated::Terms => self.argument(value),
        };
        value.map_err(|error| self.place.source.locate(error, argument.at))
    }

    /// `value(…)`.
    pub fn call_value(&mut self, value: &Value, arguments: &[Argument]) -> Result<Value> {
        if let Value::Undefined(missing) = value {
            return Err(self.missing(missing));
        }
        if let Some(function) = known::<Function>(value) {
            return self.call_function(function.0, arguments);
        }
        if let Some(called) = known::<Macro>(value) {
            let arguments = self.arguments_of(arguments, Evaluated::Lazily)?;
            return self.call_macro(called, arguments);
        }
        if let Some(joiner) = known::<Joiner>(value) {
            let mut called = joiner.called.lock().expect("nothing panics while it holds the lock");
            let before = std::mem::replace(&mut *called, true);
            return Ok(if before { joiner.separator.clone() } else { Value::from("") });
        }
        if let Some(Loop { node: Some(node), depth, .. }) = known::<Loop>(value) {
            let mut arguments = self.arguments_of(arguments, Evaluated::Lazily)?;
            let items = arguments.positional.pop().unwrap_or(Value::Null);
            return self.recurse(node, items, depth + 1);
        }
        let message = match known::<Loop>(value) {
            Some(_) => "the loop must have the 'recursive' marker to be called recursively".to_owned(),
            None => format!("'{}' object is not callable", value.type_name()),
        };
        Err(TemplateError::value(message))
    }

    /// `value.name(…)`; `trail` says which variable changes when the method changes the value.
    pub fn call_method(
        &mut self,
        value: Value,
        name: &Arc<str>,
        arguments: &[Argument],
        trail: Option<&Trail>,
    ) -> Result<Value> {
        let value = self.access(value)?;
        let value = self.used(value)?;
        match &value {
            Value::Object(_) => return self.call_object(&value, name, arguments),
            Value::Dict(dict) if !methods::is_of_dict(name) => {
                let Some(member) = dict.get(&**name).cloned() else {
                    return Ok(super::item::unsafe_or_missing(&value, &Value::from(&**name)));
                };
                let member = self.access(member)?;
                return self.call_value(&member, arguments);
            }
            Value::Undefined(missing) => return Err(self.missing(missing)),
            _ => {}
        }
        if !methods::changes(&value, name) {
            let how =
                if matches!(value, Value::Dict(_) | Value::List(_)) { Evaluated::Rendered } else { Evaluated::Fully };
            let arguments = self.arguments_of(arguments, how)?;
            let value = self.method_value(value, name)?;
            let result = methods::call(&value, name, &arguments)?;
            let Some(result) = result else { return Ok(super::item::unsafe_or_missing(&value, &Value::from(&**name))) };
            self.sized(methods::size(&result))?;
            return self.access(result);
        }
        let arguments = self.arguments_of(arguments, Evaluated::Lazily)?;
        let mut change = |value: &mut Value| methods::change(value, name, arguments.clone());
        match trail {
            Some(trail) => {
                drop(value);
                self.change_variable(trail, &mut change)
            }
            None => change(&mut value.clone()),
        }
    }

    /// Methods that compare items need them rendered.
    fn method_value(&mut self, value: Value, name: &str) -> Result<Value> {
        match (&value, name) {
            (Value::List(_), "index" | "count") => self.resolve_with(value, Undefined::Stays),
            _ => Ok(value),
        }
    }

    /// Changes what a trail leads to; a variable of the host is changed for this template alone.
    fn change_variable(&mut self, trail: &Trail, change: &mut dyn FnMut(&mut Value) -> Result<Value>) -> Result<Value> {
        let frame = self.place.frames.iter().rposition(|frame| frame.contains_key(&trail.name));
        let taken = match frame {
            Some(frame) => self.place.frames[frame].insert(Arc::clone(&trail.name), Value::Null),
            None => self.roots[self.place.root].variables.insert(Arc::clone(&trail.name), Value::Null),
        };
        let mut value = match taken {
            Some(value) => value,
            None => self.templar.scope.get(&trail.name).unwrap_or(Value::Null),
        };
        let changed = self.change_within(&mut value, &trail.keys, change);
        let too_deep = is_too_deep(&value);
        let variables = match frame {
            Some(frame) => &mut self.place.frames[frame],
            None => &mut self.roots[self.place.root].variables,
        };
        variables.insert(Arc::clone(&trail.name), if too_deep { Value::Null } else { value });
        if too_deep { Err(self.too_deep()) } else { changed }
    }

    fn change_within(
        &mut self,
        slot: &mut Value,
        keys: &[Value],
        change: &mut dyn FnMut(&mut Value) -> Result<Value>,
    ) -> Result<Value> {
        if matches!(slot, Value::String(text) if text.is_active()) {
            *slot = self.access(slot.clone())?;
        }
        let Some((key, rest)) = keys.split_first() else { return change(slot) };
        let within = match slot {
            Value::Dict(dict) => Arc::make_mut(dict).get_mut(&super::resolve::key(key)?),
            Value::List(items) => super::item::index(key, items.len()).map(|place| &mut Arc::make_mut(items)[place]),
            Value::Object(_) => return self.change_attribute(slot, key, rest, change),
            _ => None,
        };
        match within {
            Some(within) => self.change_within(within, rest, change),
            None => Err(TemplateError::value("the value that is to change is not there any more")),
        }
    }

    fn change_attribute(
        &mut self,
        slot: &Value,
        key: &Value,
        rest: &[Value],
        change: &mut dyn FnMut(&mut Value) -> Result<Value>,
    ) -> Result<Value> {
        let name = Key::of(key).and_then(|key| key.as_str().map(Arc::<str>::from));
        let (Value::Object(object), Some(name)) = (slot, name) else {
            return Err(TemplateError::value("the value that is to change is not there any more"));
        };
        let mut value = object.get(&Key::Text(Arc::clone(&name)))?.unwrap_or(Value::Null);
        let Some(namespace) = Namespace::of(slot) else {
            // What is computed cannot be changed: the copy is.
            return self.change_within(&mut value, rest, change);
        };
        namespace.set(Arc::clone(&name), Value::Null);
        let changed = self.change_within(&mut value, rest, change);
        let too_deep = is_too_deep(&value);
        namespace.set(name, if too_deep { Value::Null } else { value });
        if too_deep { Err(self.too_deep()) } else { changed }
    }

    fn call_object(&mut self, value: &Value, name: &Arc<str>, arguments: &[Argument]) -> Result<Value> {
        if let Some(function) = known::<Function>(value) {
            if function.0 == "self" {
                return self.block_at(name, 0);
            }
            return Ok(no_attribute(value, &Value::from(&**name)));
        }
        if let Some(info) = known::<Loop>(value) {
            let arguments = self.arguments_of(arguments, Evaluated::Fully)?;
            return call_loop(info, name, arguments.positional);
        }
        if let Some(cycler) = known::<Cycler>(value) {
            return Ok(call_cycler(cycler, name));
        }
        let is_object = known::<Module>(value).is_some() || known::<Namespace>(value).is_some();
        if is_object || !methods::is_of_dict(name) {
            if let Some(moment) = super::super::datetime::of(value) {
                let arguments = self.arguments_of(arguments, Evaluated::Fully)?;
                return moment.call(name, &arguments);
            }
            let member = self.attribute(value, name)?;
            return self.call_value(&member, arguments);
        }
        let arguments = self.arguments_of(arguments, Evaluated::Rendered)?;
        self.call_mapping(value, name, &arguments)
    }

    fn call_mapping(&mut self, value: &Value, name: &str, arguments: &Arguments) -> Result<Value> {
        let Value::Object(object) = value else { return Ok(Value::Null) };
        match name {
            "get" => {
                let key = arguments.positional.first().map(super::resolve::key).transpose()?;
                let found = key.map(|key| object.get(&key)).transpose()?.flatten();
                Ok(found.or_else(|| arguments.positional.get(1).cloned()).unwrap_or(Value::Null))
            }
            "keys" | "iterkeys" => Ok(Value::list(object.keys().iter().map(Key::to_value).collect())),
            _ => {
                let dict = self.materialized(value.clone())?;
                let called = methods::call(&dict, name, arguments)?;
                Ok(called.unwrap_or_else(|| no_attribute(&dict, &Value::from(name))))
            }
        }
    }
}

fn call_loop(info: &Loop, name: &str, arguments: Vec<Value>) -> Result<Value> {
    match name {
        "cycle" if arguments.is_empty() => Err(TemplateError::value("no items for cycling given")),
        "cycle" => Ok(arguments[info.index % arguments.len()].clone()),
        "changed" => {
            let mut before = info.changed.lock().expect("nothing panics while it holds the lock");
            let changed = before.as_ref() != Some(&arguments);
            *before = Some(arguments);
            Ok(Value::Bool(changed))
        }
        _ => Err(TemplateError::value(format!("'LoopContext' object has no attribute '{name}'"))),
    }
}

fn call_cycler(cycler: &Cycler, name: &str) -> Value {
    let mut next = cycler.next.lock().expect("nothing panics while it holds the lock");
    match name {
        "next" => {
            let value = cycler.items[*next].clone();
            *next = (*next + 1) % cycler.items.len();
            value
        }
        "reset" => {
            *next = 0;
            Value::Null
        }
        _ => Value::undefined(format!("object of type 'Cycler' has no attribute '{name}'")),
    }
}
