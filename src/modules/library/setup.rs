//! `setup`: what a host is.

use crate::modules::facts::{Gather, Subset};
use crate::modules::{
    Argument, BLANK, Effect, Kind, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult,
};
use crate::template::Value;

/// The module.
pub struct Setup;

/// The module.
pub static MODULE: Setup = Setup;

static SPEC: Spec = Spec {
    name: "setup",
    summary: "Gathers facts of the host: its distribution, hardware, networks and more.",
    arguments: ARGUMENTS,
    returns: &[Return { name: "ansible_facts", about: "The facts, each with the prefix `ansible_`." }],
    ..BLANK
};

/// What `setup` takes.
pub const ARGUMENTS: &[Argument] = &[
    Argument::list("gather_subset", "Groups of facts: `all`, `min`, `network`, …; with `!` those not wanted.")
        .default("all"),
    Argument::list("filter", "Shell patterns of the facts that are kept; `ansible_` may be left out.").default(""),
    Argument::of("gather_timeout", Kind::Int, "Seconds that a file system may take to say its size.").default("10"),
    Argument::path("fact_path", "The folder of local facts.").default("/etc/ansible/facts.d"),
];

impl Module for Setup {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        gather(&context)
    }
}

/// Asks for the facts that the arguments want, and sets them.
///
/// # Errors
/// When a group of facts is unknown.
pub fn gather(context: &TaskContext) -> Result<Step, ModuleError> {
    let args = &context.args;
    let filter: Vec<String> = args.texts("filter").into_iter().filter(|filter| !filter.is_empty()).collect();
    let all = filter.iter().any(|filter| filter == "*");
    let gather = Gather {
        subset: Subset::new(&args.texts("gather_subset"))?,
        filter: if all { Vec::new() } else { filter },
        fact_path: args.needed("fact_path").to_owned(),
        timeout: args.int("gather_timeout").unwrap_or(10),
    };
    let question = gather.question();
    Ok(Step::Ask(
        vec![question],
        Box::new(move |answers| {
            let (facts, warnings) = gather.read(&answers[0])?;
            let mut result = TaskResult::ok().field("ansible_facts", Value::dict(facts.clone()));
            result.warnings = warnings;
            Ok(Step::Effect(vec![Effect::Facts(facts)], Box::new(move |()| Ok(Step::Done(result)))))
        }),
    ))
}
