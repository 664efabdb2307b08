//! `assert`: fails unless all conditions hold.

use crate::modules::{
    Argument, BLANK, Kind, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult,
};
use crate::template::Value;

/// The module.
pub struct Assert;

/// The module.
pub static MODULE: Assert = Assert;

static SPEC: Spec = Spec {
    name: "assert",
    summary: "Fails unless all conditions hold.",
    arguments: &[
        Argument::of("that", Kind::Raw, "A condition as `when` takes it, or a list of them.").required(),
        Argument::of("fail_msg", Kind::Raw, "What is said when one does not hold: a text, or a list of them.")
            .aliases(&["msg"]),
        Argument::of("success_msg", Kind::Raw, "What is said when all hold."),
        Argument::bool("quiet", false, "Says nothing of single conditions."),
    ],
    returns: &[
        Return { name: "assertion", about: "The condition that did not hold." },
        Return { name: "evaluated_to", about: "What it came to: false." },
    ],
    ..BLANK
};

impl Module for Assert {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let that = context.args.value("that").cloned().unwrap_or(Value::Null);
        let conditions = that.as_list().map_or_else(|| vec![that.clone()], <[Value]>::to_vec);
        for condition in &conditions {
            if !context.templar.holds(condition)? {
                let said = context.args.value("fail_msg").cloned().unwrap_or_else(|| Value::text("Assertion failed"));
                let result = TaskResult { failed: true, ..TaskResult::ok() }
                    .field("assertion", condition.distrusted())
                    .field("evaluated_to", false)
                    .field("msg", said);
                return Ok(Step::Done(result));
            }
        }
        let said = context.args.value("success_msg").cloned().unwrap_or_else(|| Value::text("All assertions passed"));
        Ok(Step::Done(TaskResult::ok().field("msg", said)))
    }
}
