//! Values that only templates know: macros, loops, namespaces, functions.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::super::ast;
use super::super::{Dict, Key, Object, TemplateError, Value};
use super::place::Source;

type Got = Result<Option<Value>, TemplateError>;

/// A value that only templates know, by its type.
pub fn known<T: 'static>(value: &Value) -> Option<&T> {
    match value {
        Value::Object(object) => object.as_any()?.downcast_ref(),
        _ => None,
    }
}

/// A function by its name.
#[derive(Debug)]
pub struct Function(pub &'static str);

/// A macro with the variables around it.
#[derive(Clone, Debug)]
pub struct Macro {
    /// Parameters and body.
    pub node: Arc<ast::Macro>,
    /// Where the text stands.
    pub source: Source,
    /// The number of the variables of its template.
    pub root: usize,
    /// The variables of loops and macros around it.
    pub captured: Vec<HashMap<Arc<str>, Value>>,
}

/// What `namespace(…)` makes: its attributes can be assigned from inner frames.
#[derive(Debug, Default)]
pub struct Namespace {
    attributes: Mutex<Dict>,
}

/// What `{% import %}` binds: the variables and macros of the other template.
#[derive(Debug)]
pub struct Module {
    /// The variables and macros.
    pub members: HashMap<Arc<str>, Value>,
    /// What it printed.
    pub printed: String,
}

/// What `cycler(…)` makes.
#[derive(Debug)]
pub struct Cycler {
    /// The values.
    pub items: Vec<Value>,
    /// The place of the next.
    pub next: Mutex<usize>,
}

/// What `joiner(…)` makes: nothing when first called, the separator afterwards.
#[derive(Debug)]
pub struct Joiner {
    /// The separator.
    pub separator: Value,
    /// Whether it was called.
    pub called: Mutex<bool>,
}

/// `loop`.
#[derive(Debug)]
pub struct Loop {
    /// All items.
    pub items: Arc<[Value]>,
    /// The place of this one.
    pub index: usize,
    /// Loops around it that called this one.
    pub depth: i64,
    /// The loop, if it is recursive.
    pub node: Option<Arc<ast::For>>,
    /// What `loop.changed` was last asked with.
    pub changed: Arc<Mutex<Option<Vec<Value>>>>,
}

impl Namespace {
    /// A namespace with attributes.
    pub fn new(attributes: Dict) -> Self {
        Self { attributes: Mutex::new(attributes) }
    }

    /// The namespace that a value is.
    pub fn of(value: &Value) -> Option<&Self> {
        known(value)
    }

    /// Sets an attribute.
    pub fn set(&self, name: Arc<str>, value: Value) {
        self.lock().insert(Key::Text(name), value);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Dict> {
        self.attributes.lock().expect("nothing panics while it holds the lock")
    }
}

macro_rules! opaque {
    ($type:ty, $name:literal) => {
        impl Object for $type {
            fn get(&self, _: &Key) -> Got {
                Ok(None)
            }

            fn keys(&self) -> Vec<Key> {
                Vec::new()
            }

            fn text(&self) -> Option<String> {
                Some(concat!("<", $name, ">").to_owned())
            }

            fn type_name(&self) -> &'static str {
                $name
            }

            fn as_any(&self) -> Option<&dyn Any> {
                Some(self)
            }
        }
    };
}

opaque!(Function, "function");
opaque!(Macro, "Macro");
opaque!(Joiner, "Joiner");

impl Object for Namespace {
    fn get(&self, key: &Key) -> Got {
        Ok(self.lock().get(key).cloned())
    }

    fn keys(&self) -> Vec<Key> {
        self.lock().keys().cloned().collect()
    }

    fn text(&self) -> Option<String> {
        Some(format!("<Namespace {}>", Value::dict(self.lock().clone())))
    }

    fn type_name(&self) -> &'static str {
        "Namespace"
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl Object for Module {
    fn get(&self, key: &Key) -> Got {
        Ok(key.as_str().and_then(|name| self.members.get(name)).cloned())
    }

    fn keys(&self) -> Vec<Key> {
        self.members.keys().map(|name| Key::Text(Arc::clone(name))).collect()
    }

    fn text(&self) -> Option<String> {
        Some(self.printed.clone())
    }

    fn type_name(&self) -> &'static str {
        "TemplateModule"
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl Object for Cycler {
    fn get(&self, key: &Key) -> Got {
        let next = *self.next.lock().expect("nothing panics while it holds the lock");
        Ok((key.as_str() == Some("current")).then(|| self.items[next].clone()))
    }

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn text(&self) -> Option<String> {
        Some("<Cycler>".to_owned())
    }

    fn type_name(&self) -> &'static str {
        "Cycler"
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl Object for Loop {
    fn get(&self, key: &Key) -> Got {
        let length = self.items.len();
        let item = |place: Option<usize>, what: &str| {
            let found = place.and_then(|place| self.items.get(place)).cloned();
            found.unwrap_or_else(|| Value::undefined(format!("there is no {what} item")))
        };
        Ok(Some(match key.as_str() {
            Some("index") => Value::from(self.index + 1),
            Some("index0") => Value::from(self.index),
            Some("revindex") => Value::from(length - self.index),
            Some("revindex0") => Value::from(length - self.index - 1),
            Some("first") => Value::Bool(self.index == 0),
            Some("last") => Value::Bool(self.index + 1 == length),
            Some("length") => Value::from(length),
            Some("depth") => Value::Int(self.depth + 1),
            Some("depth0") => Value::Int(self.depth),
            Some("previtem") => item(self.index.checked_sub(1), "previous"),
            Some("nextitem") => item(self.index.checked_add(1), "next"),
            _ => return Ok(None),
        }))
    }

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn text(&self) -> Option<String> {
        Some(format!("<LoopContext {}/{}>", self.index + 1, self.items.len()))
    }

    fn type_name(&self) -> &'static str {
        "LoopContext"
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
