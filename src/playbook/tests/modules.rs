//! A few modules for tests, so that what these tests say does not change with the real ones.

use crate::modules::{Argument, BLANK, FreeForm, Kind, Module, ModuleError, Rule, Spec, Step, TaskContext, TaskResult};

/// A module that does nothing.
pub struct Inert(&'static Spec);

impl Module for Inert {
    fn spec(&self) -> &'static Spec {
        self.0
    }

    fn start(&self, _: TaskContext) -> Result<Step, ModuleError> {
        Ok(Step::Done(TaskResult::ok()))
    }
}

const CHDIR: Argument = Argument::path("chdir", "Where it runs.");
const CREATES: Argument = Argument::path("creates", "What it makes.");

/// All of them.
pub static ALL: &[&dyn Module] = &[
    &Inert(&Spec { name: "ping", arguments: &[Argument::text("data", "What is said.")], ..BLANK }),
    &Inert(&Spec {
        name: "debug",
        arguments: &[Argument::of("msg", Kind::Raw, "What is said."), Argument::text("var", "What is shown.")],
        rules: &[Rule::Exclusive(&["msg", "var"])],
        ..BLANK
    }),
    &Inert(&Spec {
        name: "template",
        arguments: &[
            Argument::text("src", "The template.").required(),
            Argument::path("dest", "Where it goes.").required(),
            Argument::text("variable_start_string", "What starts an expression."),
            Argument::text("variable_end_string", "What ends an expression."),
        ],
        ..BLANK
    }),
    &Inert(&Spec {
        name: "copy",
        arguments: &[
            Argument::path("dest", "Where it goes.").required(),
            Argument::path("src", "Where it comes from."),
            Argument::text("content", "What it holds."),
            Argument::of("mode", Kind::Mode, "Permission bits."),
            Argument::bool("backup", false, "Whether the old file is kept."),
        ],
        ..BLANK
    }),
    &Inert(&Spec {
        name: "file",
        arguments: &[
            Argument::path("path", "The file.").aliases(&["dest", "name"]).required(),
            Argument::text("state", "What it is to be.").choices(&["file", "directory", "absent", "touch"]),
            Argument::of("mode", Kind::Mode, "Permission bits."),
        ],
        ..BLANK
    }),
    &Inert(&Spec {
        name: "command",
        arguments: &[CHDIR, CREATES, Argument::of("argv", Kind::List(&Kind::Text), "Words.")],
        free_form: FreeForm::Command,
        ..BLANK
    }),
    &Inert(&Spec { name: "shell", arguments: &[CHDIR, CREATES], free_form: FreeForm::Command, ..BLANK }),
    &Inert(&Spec { name: "set_fact", free_form: FreeForm::Raw, open: true, ..BLANK }),
    &Inert(&Spec {
        name: "user",
        arguments: &[
            Argument::text("name", "The user.").required(),
            Argument::int("uid", "The number."),
            Argument::of("expires", Kind::Float, "The day.").secret(),
        ],
        ..BLANK
    }),
    &Inert(&Spec {
        name: "package",
        arguments: &[Argument::text("name", "Packages."), Argument::text("use", "The module.").default("auto")],
        open: true,
        hands_to: &["copy", "file", "zypper"],
        ..BLANK
    }),
    &Inert(&Spec { name: "ufw", collections: &["community.general"], ..BLANK }),
    &Inert(&Spec { name: "validate_argument_spec", open: true, ..BLANK }),
];

/// Finds one of them.
pub fn find(name: &str) -> Option<&'static dyn Module> {
    let (collection, short) = name.rsplit_once('.').map_or((None, name), |(left, right)| (Some(left), right));
    ALL.iter().copied().find(|module| {
        let spec = module.spec();
        spec.name == short && collection.is_none_or(|collection| spec.collections.contains(&collection))
    })
}
