//! The values that playbooks, hosts and templates are made of.
//!
//! As Python has them, since that is what templates compute with. Each text knows whether it may be templated: what
//! the user's files say may, what a host or a template says never is.

mod compare;
mod convert;
mod key;
mod show;
mod text;

pub use compare::Number;
pub use key::Key;
pub use text::{Origin, Text, Trust};

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use super::TemplateError;

/// Keys and values in their order.
pub type Dict = IndexMap<Key, Value>;

/// A value. Collections are shared and copied when changed, so that a clone costs nothing.
#[derive(Clone, Debug)]
pub enum Value {
    /// Names what is missing; every use but `is defined` and `default` is an error.
    Undefined(Arc<Missing>),
    /// `omit`: takes the argument or list item it stands for away.
    Omit,
    /// `None`.
    Null,
    /// `True` or `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text.
    String(Text),
    /// A list; also what Python calls a tuple, a set or a generator.
    List(Arc<Vec<Value>>),
    /// A dictionary.
    Dict(Arc<Dict>),
    /// A mapping whose values are computed when asked for: `hostvars`, `vars`.
    Object(Arc<dyn Object>),
}

/// Why there is no value.
#[derive(Clone, Debug)]
pub struct Missing {
    /// `'nmae' is undefined`, or what else to say when it is used.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The dictionary that was asked, for a hint of its nearest key.
    pub among: Option<Value>,
    /// The template that is missing something, when it is not the one that uses it.
    pub origin: Option<Origin>,
}

/// A mapping whose values are computed when asked for, or a value that templates alone know: a date, a macro.
pub trait Object: fmt::Debug + Send + Sync {
    /// The value of `key`, ready for use: it is not templated again.
    ///
    /// # Errors
    /// When the value is a template that fails.
    fn get(&self, key: &Key) -> Result<Option<Value>, TemplateError>;

    /// The keys, in order.
    fn keys(&self) -> Vec<Key>;

    /// Python's `str()` of it; none for a mapping.
    fn text(&self) -> Option<String> {
        None
    }

    /// Python's name of its type.
    fn type_name(&self) -> &'static str {
        "dict"
    }

    /// The object itself, for those who know what it may be; none for a mapping.
    fn as_any(&self) -> Option<&dyn Any> {
        None
    }
}

impl Value {
    /// Text that is never templated.
    #[must_use]
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::String(Text::plain(text))
    }

    /// Text of the user's own files, templated when used.
    #[must_use]
    pub fn template(text: impl Into<Arc<str>>, origin: Origin) -> Self {
        Self::String(Text::template(text, origin))
    }

    /// A list.
    #[must_use]
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Arc::new(items))
    }

    /// A dictionary.
    #[must_use]
    pub fn dict(dict: Dict) -> Self {
        Self::Dict(Arc::new(dict))
    }

    /// What stands for something missing.
    #[must_use]
    pub fn undefined(message: impl Into<String>) -> Self {
        Self::Undefined(Arc::new(Missing { message: message.into(), hint: None, among: None, origin: None }))
    }

    /// Whether it stands for something missing.
    #[must_use]
    pub fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined(_))
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The items of a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a dictionary.
    #[must_use]
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// The value of a text key in a dictionary.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_dict().and_then(|dict| dict.get(key))
    }

    /// Whether Python calls it true.
    #[must_use]
    pub fn is_true(&self) -> bool {
        match self {
            Self::Undefined(_) | Self::Null => false,
            Self::Omit => true,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::String(text) => !text.as_str().is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Dict(dict) => !dict.is_empty(),
            Self::Object(object) => object.text().is_some() || !object.keys().is_empty(),
        }
    }

    /// Python's name of its type: `str`, `list`, …
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined(_) => "AnsibleUndefined",
            Self::Omit => "Omit",
            Self::Null => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::String(_) => "str",
            Self::List(_) => "list",
            Self::Dict(_) => "dict",
            Self::Object(object) => object.type_name(),
        }
    }

    /// The same value with no text in it that would be templated.
    #[must_use]
    pub fn distrusted(&self) -> Self {
        match self {
            Self::String(text) => Self::text(Arc::clone(text.shared())),
            Self::List(items) => Self::list(items.iter().map(Self::distrusted).collect()),
            Self::Dict(dict) => Self::dict(dict.iter().map(|(key, value)| (key.clone(), value.distrusted())).collect()),
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
