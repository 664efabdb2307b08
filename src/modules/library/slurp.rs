//! `slurp`: the content of a file of a host.

use base64::Engine as _;

use crate::modules::files::edit::EDIT_LIMIT;
use crate::modules::files::{Look, LookCall};
use crate::modules::{Answer, Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};

/// The module.
pub struct Slurp;

/// The module.
pub static MODULE: Slurp = Slurp;

static SPEC: Spec = Spec {
    name: "slurp",
    summary: "Reads a file of a host.",
    arguments: &[Argument::path("src", "The file.").required().aliases(&["path"])],
    returns: &[
        Return { name: "content", about: "What it holds, in base64." },
        Return { name: "encoding", about: "Always `base64`." },
        Return { name: "source", about: "The file." },
    ],
    ..BLANK
};

impl Module for Slurp {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let call = LookCall::at([context.args.needed("src")]).content(EDIT_LIMIT);
        let question = call.question();
        let next = move |answers: Vec<Answer>| {
            let look = Look::read(&call, answers.first().unwrap_or(&Answer::default()))?;
            let state = look.paths[0].follow();
            let name = look.paths[0].name.as_str();
            let Some(bytes) = &look.content else {
                let size = state.stat.as_ref().map_or(0, |stat| stat.size);
                return Err(ModuleError::new(if !state.exists() {
                    format!("File not found: {name}")
                } else if state.is_directory() {
                    format!("Source is a directory and must be a file: {name}")
                } else if size > EDIT_LIMIT as u64 {
                    format!("{name} is larger than {EDIT_LIMIT} bytes; it is not read whole")
                } else {
                    format!("File is not readable: {name}")
                }));
            };
            let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
            let result = TaskResult::ok().field("content", encoded).field("source", name).field("encoding", "base64");
            Ok(Step::Done(result))
        };
        Ok(Step::Ask(vec![question], Box::new(next)))
    }
}
