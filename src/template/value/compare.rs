//! Equality and order, as Python has them.

use std::cmp::Ordering;

use super::Value;

impl PartialEq for Value {
    /// Python's `==`: `1`, `1.0` and `True` are equal; what cannot be compared differs.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) | (Self::Omit, Self::Omit) => true,
            (Self::String(one), Self::String(two)) => one.as_str() == two.as_str(),
            (Self::List(one), Self::List(two)) => one == two,
            (Self::Dict(one), Self::Dict(two)) => {
                one.len() == two.len() && one.iter().all(|(key, value)| two.get(key) == Some(value))
            }
            _ => match (self.as_number(), other.as_number()) {
                (Some(one), Some(two)) => one.equals(two),
                _ => false,
            },
        }
    }
}

/// A number, for arithmetic.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// An integer or a boolean.
    Int(i64),
    /// A float.
    Float(f64),
}

impl Number {
    /// The number as a float.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "as Python does in mixed arithmetic")]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    #[expect(clippy::float_cmp, reason = "Python's `==` compares exactly")]
    fn equals(self, other: Self) -> bool {
        match (self, other) {
            (Self::Int(one), Self::Int(two)) => one == two,
            (one, two) => one.as_f64() == two.as_f64(),
        }
    }
}

impl Value {
    /// The number that it is to Python's arithmetic; booleans count as 0 and 1.
    #[must_use]
    pub fn as_number(&self) -> Option<Number> {
        match self {
            Self::Bool(value) => Some(Number::Int(i64::from(*value))),
            Self::Int(value) => Some(Number::Int(*value)),
            Self::Float(value) => Some(Number::Float(*value)),
            _ => None,
        }
    }

    /// Python's order; none where Python raises a `TypeError`.
    #[must_use]
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::String(one), Self::String(two)) => Some(one.as_str().cmp(two.as_str())),
            (Self::List(one), Self::List(two)) => order_lists(one, two),
            _ => match (self.as_number()?, other.as_number()?) {
                (Number::Int(one), Number::Int(two)) => Some(one.cmp(&two)),
                (one, two) => one.as_f64().partial_cmp(&two.as_f64()),
            },
        }
    }
}

fn order_lists(one: &[Value], two: &[Value]) -> Option<Ordering> {
    match one.iter().zip(two).find(|(one, two)| one != two) {
        Some((one, two)) => one.order(two),
        None => Some(one.len().cmp(&two.len())),
    }
}
