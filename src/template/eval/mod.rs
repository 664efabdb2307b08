//! Computes templates.
//!
//! An [`Evaluator`] lives for one template and those that it uses. Variables stay as they were written until they are
//! used: `access` renders a text, `resolve` everything inside of a value. Every use of an undefined value is an error,
//! made in `used`. Steps, depth and sizes are bounded.

mod arithmetic;
mod call;
mod compare;
mod expression;
mod files;
mod format;
pub mod functions;
mod globals;
mod item;
mod loops;
mod macros;
mod methods;
mod number_text;
mod objects;
mod output;
mod percent;
mod place;
mod resolve;
mod statement;
mod undefined;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{Body, Program};
use super::environment::SIZE_LIMIT;
use super::parse::{self, Mode};
use super::{Origin, Templar, TemplateError, TemplateErrorKind, Value};
use output::Output;
pub use place::Source;
pub use resolve::Undefined;

use place::{Place, Root};

type Result<T> = std::result::Result<T, TemplateError>;

/// Computes one template.
pub struct Evaluator<'t> {
    templar: &'t Templar,
    steps: u64,
    /// The variables of each template, by the number that places and macros know.
    roots: Vec<Root>,
    place: Place,
    outputs: Vec<Output>,
    constants: Constants,
}

/// What quoted texts that look like templates are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constants {
    /// Texts.
    Kept,
    /// Templates: in conditions, as it used to be.
    Rendered,
}

/// Whether a loop goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    On,
    /// `{% continue %}`.
    Continue,
    /// `{% break %}`.
    Break,
}

/// Bytes of stack that templates may take, which is well below what a thread has.
const STACK: usize = 1_200 << 10;

/// Templates within templates.
const NESTED: usize = 150;

thread_local! {
    /// Where the outermost evaluator of this thread began on the stack, and how many there are.
    static BOTTOM: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

fn stack_pointer() -> usize {
    let marker = 0u8;
    std::ptr::from_ref(&marker).addr()
}

impl Drop for Evaluator<'_> {
    fn drop(&mut self) {
        BOTTOM.with(|bottom| bottom.set((bottom.get().0, bottom.get().1.saturating_sub(1))));
    }
}

impl<'t> Evaluator<'t> {
    /// An evaluator of templates in one of the user's files.
    pub fn new(templar: &'t Templar) -> Self {
        BOTTOM.with(|bottom| {
            let (start, nested) = bottom.get();
            bottom.set((if nested == 0 { stack_pointer() } else { start }, nested + 1));
        });
        let source = Source { text: Arc::from(""), origin: None, exact: true };
        let place = Place::new(0, source);
        let roots = vec![Root::default()];
        Self { templar, steps: 0, roots, place, outputs: Vec::new(), constants: Constants::Kept }
    }

    /// Renders a text and keeps the type of what stands alone.
    pub fn render(&mut self, text: &Arc<str>, origin: &Origin) -> Result<Value> {
        let source = Source { text: Arc::clone(text), origin: Some(origin.clone()), exact: false };
        let program = self.parse(&source, &Mode::Value)?;
        let constants = std::mem::replace(&mut self.constants, Constants::Kept);
        let value = self.apart(source, HashMap::new(), true, |evaluator| {
            evaluator.outputs.push(Output::default());
            let ran = evaluator.run_template(&program);
            let output = evaluator.outputs.pop().unwrap_or_default();
            ran.map(|()| output.into_value())
        });
        self.constants = constants;
        Ok(with_newlines(text, value?))
    }

    /// Renders the text of a file; `locals` are variables that it sees besides.
    pub fn render_file(&mut self, source: Source, mode: &Mode, locals: HashMap<Arc<str>, Value>) -> Result<String> {
        let program = self.parse(&source, mode)?;
        self.apart(source, locals, true, |evaluator| {
            evaluator.outputs.push(Output::Text(String::new()));
            let ran = evaluator.run_template(&program);
            let output = evaluator.outputs.pop().unwrap_or_default();
            ran.map(|()| output.into_text())
        })
    }

    /// Computes a bare expression.
    pub fn compute(
        &mut self,
        text: &Arc<str>,
        origin: Option<&Origin>,
        mode: &Mode,
        constants: Constants,
    ) -> Result<Value> {
        let source = Source { text: Arc::clone(text), origin: origin.cloned(), exact: false };
        let program = self.parse(&source, mode)?;
        let Some(expression) = parse::sole_expression(&program) else { return Ok(Value::Null) };
        let constants = std::mem::replace(&mut self.constants, constants);
        let value = self.apart(source, HashMap::new(), true, |evaluator| evaluator.value(expression));
        self.constants = constants;
        value
    }

    /// Runs something in a place of its own and comes back.
    fn apart<T>(
        &mut self,
        source: Source,
        variables: HashMap<Arc<str>, Value>,
        sees_scope: bool,
        run: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if self.place.nested >= NESTED {
            return Err(self.too_deep());
        }
        let root = self.roots.len();
        self.roots.push(Root { variables, sees_scope });
        let mut place = Place::new(root, source);
        place.nested = self.place.nested + 1;
        let outer = std::mem::replace(&mut self.place, place);
        let result = self.enter().and_then(|()| run(self));
        self.place = outer;
        result
    }

    /// The parsed text of a source.
    fn parse(&self, source: &Source, mode: &Mode) -> Result<Arc<Program>> {
        self.templar.environment.program(&source.text, mode, || {
            parse::parse(&source.text, mode).map_err(|failed| source.locate(failed.error, failed.at))
        })
    }

    /// Runs a template: its own statements, then those of the template that it extends.
    fn run_template(&mut self, program: &Arc<Program>) -> Result<()> {
        let depth = self.outputs.len();
        let ran = self.run_inherited(program);
        self.outputs.truncate(depth);
        ran
    }

    fn run_inherited(&mut self, program: &Arc<Program>) -> Result<()> {
        let mut program = Arc::clone(program);
        let depth = self.outputs.len();
        for _ in 0..NESTED {
            self.place.add_blocks(&program);
            self.place.parent = None;
            self.run(&program.body)?;
            self.outputs.truncate(depth);
            let Some((parent, source)) = self.place.parent.take() else { return Ok(()) };
            self.place.source = source;
            program = parent;
        }
        Err(self.too_deep())
    }

    /// Counts a step, and looks how deep it is.
    fn enter(&mut self) -> Result<()> {
        self.steps += 1;
        if self.steps > self.templar.environment.step_limit {
            let limit = self.templar.environment.step_limit;
            let message = format!("the template took more than {limit} steps");
            return Err(TemplateError::new(TemplateErrorKind::Limit, message).hint("does it end?"));
        }
        let (bottom, nested) = BOTTOM.with(Cell::get);
        if nested > NESTED || bottom.abs_diff(stack_pointer()) > STACK {
            return Err(self.too_deep());
        }
        Ok(())
    }

    /// Counts work that grows with a size, and refuses what is too large.
    fn sized(&mut self, size: usize) -> Result<()> {
        self.steps += (size / 64) as u64;
        if size > SIZE_LIMIT {
            let message = format!("the template makes a value larger than {SIZE_LIMIT} bytes or items");
            return Err(TemplateError::new(TemplateErrorKind::Limit, message));
        }
        Ok(())
    }

    fn too_deep(&self) -> TemplateError {
        let error = TemplateError::new(TemplateErrorKind::Limit, "recursive loop detected in template");
        let error = error.hint("a variable that uses itself, or templates that include one another");
        self.place.source.locate(error, 0)
    }

    /// Runs statements and gives what they print.
    fn capture(&mut self, body: &Body) -> Result<(Value, Flow)> {
        self.outputs.push(Output::default());
        let ran = self.run(body);
        let output = self.outputs.pop().unwrap_or_default();
        ran.map(|flow| (output.into_value(), flow))
    }
}

/// Whether a condition is a template from its first brace to its last, and not an expression with braces in it.
pub fn is_tag(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with("{{") && parse::is_one_tag(text)) || (text.starts_with("{%") && text.ends_with("%}"))
}

/// Puts the newlines back that ended the text: the parser takes one away, so that a value alone keeps its type.
fn with_newlines(text: &str, value: Value) -> Value {
    let count = |text: &str| text.len() - text.trim_end_matches('\n').len();
    let wanted = count(text);
    match &value {
        Value::String(rendered) if wanted > count(rendered.as_str()) => {
            let missing = wanted - count(rendered.as_str());
            Value::text(rendered.as_str().to_owned() + &"\n".repeat(missing))
        }
        _ => value,
    }
}
