//! The tree of a template.
//!
//! Owns its texts, so that it can be kept; knows nothing of how it was parsed. Chains of operators and of attributes,
//! items, calls and filters are flat lists, so that computing them does not go deep.

use std::collections::HashMap;
use std::sync::Arc;

use super::Value;

/// A parsed template.
#[derive(Debug, Default)]
pub struct Program {
    /// The statements.
    pub body: Body,
    /// The bodies of its blocks.
    pub blocks: HashMap<Arc<str>, Arc<Body>>,
}

/// Statements, in order.
pub type Body = Vec<Statement>;

/// What a template does.
#[derive(Debug)]
pub enum Statement {
    /// Prints text.
    Text(Arc<str>),
    /// `{{ … }}`.
    Print(Expression),
    /// Conditions with their bodies, and the body of `else`.
    If(Vec<(Expression, Body)>, Body),
    /// A loop.
    For(Arc<For>),
    /// `{% set target = … %}`.
    Set(Target, Expression),
    /// `{% set target | filter %} … {% endset %}`.
    SetBlock(Target, Vec<Step>, Body),
    /// `{% with a = … %}`.
    With(Vec<(Target, Expression)>, Body),
    /// `{% filter … %}`.
    Filter(Vec<Step>, Body),
    /// A block; the body is the program's.
    Block(Arc<str>),
    /// `{% extends … %}`.
    Extends(Expression),
    /// `{% include … %}`.
    Include {
        /// Name or names.
        name: Expression,
        /// Whether a missing file is skipped.
        ignore_missing: bool,
        /// Whether it sees the variables here.
        context: bool,
    },
    /// `{% import … as target %}`.
    Import {
        /// The file.
        name: Expression,
        /// The name it gets.
        target: Arc<str>,
        /// Whether it sees the variables here.
        context: bool,
    },
    /// `{% from … import a as b %}`.
    FromImport {
        /// The file.
        name: Expression,
        /// Names there and here.
        names: Vec<(Arc<str>, Arc<str>)>,
        /// Whether it sees the variables here.
        context: bool,
    },
    /// A macro.
    Macro(Arc<Macro>),
    /// `{% call(…) m() %}`: the call and its `caller`.
    Call(Expression, Arc<Macro>),
    /// `{% do … %}`.
    Do(Expression),
    /// `{% break %}`.
    Break,
    /// `{% continue %}`.
    Continue,
}

/// A loop.
#[derive(Debug)]
pub struct For {
    /// What each item is bound to.
    pub target: Target,
    /// The items.
    pub items: Expression,
    /// `if …`.
    pub filter: Option<Expression>,
    /// Whether `loop(…)` may be called.
    pub recursive: bool,
    /// The body.
    pub body: Body,
    /// The body when there are no items.
    pub otherwise: Body,
}

/// A macro or the body of a call block.
#[derive(Debug)]
pub struct Macro {
    /// The name; `caller` for a call block.
    pub name: Arc<str>,
    /// Parameters with their defaults.
    pub parameters: Vec<(Arc<str>, Option<Expression>)>,
    /// The body.
    pub body: Body,
}

/// What is assigned to.
#[derive(Clone, Debug)]
pub enum Target {
    /// A variable.
    Name(Arc<str>),
    /// An attribute of a namespace.
    Attribute(Arc<str>, Arc<str>),
    /// Several, from the items of the value.
    Unpack(Vec<Target>),
}

/// An expression and its offset in the text.
#[derive(Debug)]
pub struct Expression {
    /// Offset in bytes.
    pub at: u32,
    /// What it is.
    pub kind: Kind,
}

/// What an expression is.
#[derive(Debug)]
pub enum Kind {
    /// A literal.
    Constant(Value),
    /// A variable.
    Name(Arc<str>),
    /// A list, or a tuple.
    List(Vec<Expression>, Sequence),
    /// A dictionary.
    Dict(Vec<(Expression, Expression)>),
    /// A value and what is done with it, one after the other.
    Path(Box<Expression>, Vec<Step>),
    /// `-x`.
    Negate(Box<Expression>),
    /// `not x`.
    Not(Box<Expression>),
    /// Operators of one rank, from left to right.
    Arithmetic(Box<Expression>, Vec<(Operator, Expression)>),
    /// `a and b and c`.
    And(Vec<Expression>),
    /// `a or b or c`.
    Or(Vec<Expression>),
    /// `a < b < c`.
    Compare(Box<Expression>, Vec<(Comparison, Expression)>),
    /// `a if condition else b`.
    If(Box<Expression>, Box<Expression>, Option<Box<Expression>>),
}

/// Whether a literal has brackets or parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequence {
    /// `[a, b]`.
    List,
    /// `(a, b)`.
    Tuple,
}

/// What is done with a value.
#[derive(Debug)]
pub struct Step {
    /// Offset in bytes.
    pub at: u32,
    /// What it is.
    pub kind: StepKind,
}

/// What is done with a value.
#[derive(Debug)]
pub enum StepKind {
    /// `.name`.
    Attribute(Arc<str>),
    /// `[key]`.
    Item(Expression),
    /// `[start:stop:step]`.
    Slice([Option<Expression>; 3]),
    /// `(…)`.
    Call(Vec<Argument>),
    /// `| name(…)`.
    Filter(Arc<str>, Vec<Argument>),
    /// `is name(…)`.
    Test(Arc<str>, Vec<Argument>),
}

/// An argument of a call.
#[derive(Debug)]
pub enum Argument {
    /// By position.
    Positional(Expression),
    /// By name.
    Named(Arc<str>, Expression),
    /// `*items`.
    Items(Expression),
    /// `**entries`.
    Entries(Expression),
}

/// Operators of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `//`.
    FloorDivide,
    /// `%`.
    Modulo,
    /// `**`.
    Power,
    /// `~`.
    Concatenate,
}

/// Operators of comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `in`.
    In,
    /// `not in`.
    NotIn,
}
