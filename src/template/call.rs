//! What filters, tests and lookups are given, and what they may ask for.

use std::sync::Arc;

use super::{Templar, TemplateError, Value};

/// The arguments of a call, besides the value that it is about.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// By position.
    pub positional: Vec<Value>,
    /// By name.
    pub named: Vec<(Arc<str>, Value)>,
}

/// What a filter, test or lookup may ask for while it is computed.
pub trait Calls {
    /// Applies a filter by name, as `map('upper')` does.
    ///
    /// # Errors
    /// When there is none of that name, or it fails.
    fn filter(&mut self, name: &str, value: Value, arguments: Arguments) -> Result<Value, TemplateError>;

    /// Applies a test by name, as `select('defined')` does.
    ///
    /// # Errors
    /// When there is none of that name, or it fails.
    fn test(&mut self, name: &str, value: Value, arguments: Arguments) -> Result<bool, TemplateError>;

    /// The attribute or item of a value, as `value.name` and `value[key]` have it; undefined when there is none.
    ///
    /// # Errors
    /// When it is a template that fails.
    fn item(&mut self, value: &Value, key: &Value) -> Result<Value, TemplateError>;

    /// Templates whatever is still a template in a value.
    ///
    /// # Errors
    /// When a template fails.
    fn resolve(&mut self, value: Value) -> Result<Value, TemplateError>;

    /// The templar, with its variables and search path.
    fn templar(&self) -> &Templar;
}

/// A filter. The value and all arguments are templated; they hold undefined values only inside of lists and
/// dictionaries, unless the filter is listed as one that takes them (`default`).
pub type Filter = fn(&mut dyn Calls, Value, Arguments) -> Result<Value, TemplateError>;

/// A test; what is said of filters holds.
pub type Test = fn(&mut dyn Calls, Value, Arguments) -> Result<bool, TemplateError>;

/// A lookup: its terms are the positional arguments. `lookup` joins the results with commas, `query` returns the list.
pub type Lookup = fn(&mut dyn Calls, Arguments) -> Result<Vec<Value>, TemplateError>;
