//! `group_by`: a group for the rest of the run.

use crate::modules::{Argument, BLANK, Effect, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};
use crate::template::Value;

/// The module.
pub struct GroupBy;

/// The module.
pub static MODULE: GroupBy = GroupBy;

static SPEC: Spec = Spec {
    name: "group_by",
    summary: "Lets the host join a group, which is made if it is missing.",
    arguments: &[
        Argument::text("key", "The group; blanks in it become dashes.").required(),
        Argument::list("parents", "Groups above it.").default("all"),
    ],
    returns: &[
        Return { name: "add_group", about: "The group." },
        Return { name: "parent_groups", about: "The groups above it." },
    ],
    ..BLANK
};

impl Module for GroupBy {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let group = context.args.needed("key").replace(' ', "-");
        let parents: Vec<String> =
            context.args.texts("parents").into_iter().map(|parent| parent.replace(' ', "-")).collect();
        let shown = Value::list(parents.iter().map(|parent| Value::text(parent.as_str())).collect());
        let result = TaskResult::changed().field("add_group", group.as_str()).field("parent_groups", shown);
        let effect = Effect::GroupBy { group, parents };
        Ok(Step::Effect(vec![effect], Box::new(move |()| Ok(Step::Done(result)))))
    }
}
