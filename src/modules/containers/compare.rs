//! What a container is to be against what it is, option by option.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use crate::modules::{Args, ModuleError};

/// A value that is compared as its kind asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Equal or not.
    Value(Json),
    /// Items in order.
    List(Vec<String>),
    /// Items in no order.
    Set(BTreeSet<String>),
    /// Entries.
    Map(BTreeMap<String, Json>),
    /// Dictionaries in no order; each may have more entries than asked for.
    Maps(Vec<Map<String, Json>>),
}

/// How strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Not at all.
    Ignore,
    /// All must be equal.
    Strict,
    /// What is there may be more.
    AllowMore,
}

/// An option of a container: what was asked for and what is.
#[derive(Clone, Debug, PartialEq)]
pub struct Facet {
    /// The argument.
    pub name: &'static str,
    /// What was asked for.
    pub wanted: Shape,
    /// What is.
    pub actual: Shape,
    /// Whether a running container can be given another value.
    pub updatable: bool,
}

impl Shape {
    fn matches(&self, actual: &Self, strictness: Strictness) -> bool {
        let strict = strictness == Strictness::Strict;
        match (self, actual) {
            (Self::List(wanted), Self::List(actual)) if !strict => {
                let mut rest = actual.iter();
                wanted.iter().all(|item| rest.any(|other| other == item))
            }
            (Self::Set(wanted), Self::Set(actual)) if !strict => wanted.is_subset(actual),
            (Self::Map(wanted), Self::Map(actual)) if !strict => {
                wanted.iter().all(|(name, value)| actual.get(name) == Some(value))
            }
            (Self::Maps(wanted), Self::Maps(actual)) => {
                let has = |item: &Map<String, Json>, other: &Map<String, Json>| {
                    item.iter().all(|(name, value)| other.get(name) == Some(value))
                };
                wanted.iter().all(|item| actual.iter().any(|other| has(item, other)))
                    && (!strict || wanted.len() == actual.len())
            }
            _ => self == actual,
        }
    }

    /// The same as JSON, for the difference that is shown.
    #[must_use]
    pub fn json(&self) -> Json {
        match self {
            Self::Value(value) => value.clone(),
            Self::List(items) => json!(items),
            Self::Set(items) => json!(items),
            Self::Map(entries) => json!(entries),
            Self::Maps(items) => json!(items),
        }
    }

    fn is_loose(&self) -> bool {
        matches!(self, Self::Set(_) | Self::Map(_) | Self::Maps(_))
    }
}

/// How strictly each option is compared.
#[derive(Clone, Debug, Default)]
pub struct Comparisons {
    wildcard: Option<Strictness>,
    named: BTreeMap<String, Strictness>,
}

impl Comparisons {
    /// Reads the argument `comparisons`; `known` are the options that may be named.
    ///
    /// # Errors
    /// When it names an option or a way that there is not.
    pub fn of(args: &Args, known: impl Fn(&str) -> Option<&'static str>) -> Result<Self, ModuleError> {
        let mut comparisons = Self::default();
        for (name, way) in args.dict("comparisons").into_iter().flatten() {
            let (name, way) = (name.to_string(), way.to_string());
            let strictness = match way.as_str() {
                "strict" => Strictness::Strict,
                "ignore" => Strictness::Ignore,
                "allow_more_present" if name != "*" => Strictness::AllowMore,
                _ => return Err(ModuleError::new(format!("Unknown comparison mode '{way}'!"))),
            };
            if name == "*" {
                comparisons.wildcard = Some(strictness);
                continue;
            }
            let Some(name) = known(&name) else {
                return Err(ModuleError::new(format!("Unknown module option '{name}' in comparisons dict!")));
            };
            comparisons.named.insert(name.to_owned(), strictness);
        }
        Ok(comparisons)
    }

    /// How strictly an option is compared.
    #[must_use]
    pub fn strictness(&self, name: &str, loose: bool) -> Strictness {
        let usual = match name {
            "stop_timeout" => Strictness::Ignore,
            _ if loose => Strictness::AllowMore,
            _ => Strictness::Strict,
        };
        self.named.get(name).copied().or(self.wildcard).unwrap_or(usual)
    }

    /// The facets that are not as asked for.
    #[must_use]
    pub fn differing(&self, facets: Vec<Facet>) -> Vec<Facet> {
        let differs = |facet: &Facet| {
            let strictness = self.strictness(facet.name, facet.wanted.is_loose());
            strictness != Strictness::Ignore && !facet.wanted.matches(&facet.actual, strictness)
        };
        facets.into_iter().filter(differs).collect()
    }
}

/// Texts of a JSON list, or the keys of a JSON dictionary.
#[must_use]
pub fn texts(value: Option<&Json>) -> Vec<String> {
    match value {
        Some(Json::Array(items)) => {
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
        }
        Some(Json::Object(entries)) => entries.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// Entries of a JSON dictionary.
#[must_use]
pub fn entries(value: Option<&Json>) -> BTreeMap<String, Json> {
    let entries = value.and_then(Json::as_object).into_iter().flatten();
    entries.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(items: &[&str]) -> Shape {
        Shape::Set(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn more_may_be_there_unless_strict() {
        let (one, two) = (set(&["a"]), set(&["a", "b"]));
        assert!(one.matches(&two, Strictness::AllowMore) && !one.matches(&two, Strictness::Strict));
        assert!(!two.matches(&one, Strictness::AllowMore));
        let list = |items: &[&str]| Shape::List(items.iter().map(|item| (*item).to_owned()).collect());
        assert!(list(&["a", "c"]).matches(&list(&["a", "b", "c"]), Strictness::AllowMore));
        assert!(!list(&["c", "a"]).matches(&list(&["a", "b", "c"]), Strictness::AllowMore));
    }
}
