//! `sudoers`: rules of sudo, a file each.

use crate::modules::files::edit::{Current, Edit, Edited};
use crate::modules::files::mode::Mode;
use crate::modules::files::{Attributes, Look, LookCall, changed_by, diff, paths, set};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Change, Module, ModuleError, Question, Rule, Spec, Step, TaskContext, TaskResult,
    probes,
};

/// The module.
pub struct Sudoers;

/// The module.
pub static MODULE: Sudoers = Sudoers;

static SPEC: Spec = Spec {
    name: "sudoers",
    collections: &["community.general"],
    summary: "Sets rules of sudo, each in a file of its own.",
    arguments: &[
        Argument::text("name", "The rule's name, and its file's.").required(),
        Argument::list("commands", "The commands that are allowed; `ALL` for all."),
        Argument::text("user", "The user."),
        Argument::text("group", "The group, instead of a user."),
        Argument::text("host", "The host that the rule is for.").default("ALL"),
        Argument::text("runas", "The user that the commands run as."),
        Argument::bool("noexec", false, "Keeps the commands from running others."),
        Argument::bool("nopassword", true, "Asks for no password."),
        Argument::bool("setenv", false, "Lets the environment be kept."),
        Argument::list("defaults", "Settings for the user or group, before the rule."),
        Argument::text("sudoers_path", "The folder of the files.").default("/etc/sudoers.d"),
        Argument::text("state", "Whether the rule is there.").default("present").choices(&["present", "absent"]),
        Argument::text("validation", "Whether visudo must accept the rule: where it is there, always, never.")
            .default("detect")
            .choices(&["absent", "detect", "required"]),
    ],
    rules: &[Rule::Exclusive(&["user", "group"]), Rule::If("state", "present", &["commands"])],
    ..BLANK
};

impl Module for Sudoers {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let path = paths::join(args.needed("sudoers_path"), args.needed("name"));
        if args.needed("state") == "absent" {
            return remove(&path);
        }
        let rule = rule(args)?;
        let validation = args.needed("validation").to_owned();
        let edit = Edit {
            path,
            attributes: Attributes { mode: Some(Mode::Octal(0o440)), ..Attributes::default() },
            attributes_message: "",
            backup_field: ("backup", false),
            questions: match validation.as_str() {
                "absent" => Vec::new(),
                _ => vec![Question::new(&probes::VISUDO, [&rule])],
            },
            ..Edit::of(args, "name")?
        };
        let compute = move |current: &Current<'_>| {
            if let Some(answer) = current.answers.first() {
                accepted(answer, validation == "required")?;
            }
            if !current.state.has_parent() {
                let message = format!("[Errno 2] No such file or directory: '{}'", current.state.name);
                return Err(ModuleError::new(message));
            }
            Ok(Edited { content: Some(rule.into_bytes()), ..Edited::default() })
        };
        Ok(edit.start(&context, Box::new(compute)))
    }
}

fn rule(args: &Args) -> Result<String, ModuleError> {
    let owner = match (args.text("user"), args.text("group")) {
        (Some(user), _) if !user.is_empty() => user.to_owned(),
        (_, Some(group)) if !group.is_empty() => format!("%{group}"),
        _ => return Err(ModuleError::new("one of the following is required: user, group")),
    };
    let settings = args.texts("defaults");
    let settings: Vec<String> = settings.iter().map(|setting| format!("Defaults:{owner} {setting}\n")).collect();
    let runas = args.text("runas").map(|user| format!("({user})")).unwrap_or_default();
    let tags = [("noexec", "NOEXEC:"), ("nopassword", "NOPASSWD:"), ("setenv", "SETENV:")];
    let tags: String = tags.iter().filter(|(name, _)| args.bool(name)).map(|(_, tag)| *tag).collect();
    let (settings, host, commands) = (settings.concat(), args.needed("host"), args.texts("commands").join(", "));
    Ok(format!("{settings}{owner} {host}={runas}{tags} {commands}\n"))
}

fn accepted(answer: &Answer, required: bool) -> Result<(), ModuleError> {
    match answer.rc {
        0 => Ok(()),
        127 if !required => Ok(()),
        127 => Err(ModuleError::new("Failed to find required executable \"visudo\"")),
        _ => {
            let (out, errors) = (answer.text().into_owned(), answer.errors().into_owned());
            let said = if out.is_empty() { &errors } else { &out };
            let message = format!("Failed to validate sudoers rule:\n{said}");
            Err(ModuleError::new(message).field("stdout", out).field("stderr", errors))
        }
    }
}

fn remove(path: &str) -> Flow {
    let call = LookCall::at([path]);
    flow::ask(call.question(), move |answer| {
        let look = Look::read(&call, &answer)?;
        let state = &look.paths[0];
        if state.followed().is_none() {
            return flow::done(TaskResult::ok());
        }
        let change = Change {
            diff: vec![diff::state(&state.name, state.state(), "absent")],
            action: set::Set { what: "absent", path: state.name.clone(), ..set::Set::default() }.action(),
        };
        Ok(Step::Change(
            change,
            Box::new(|answer| {
                answer.as_ref().map(changed_by).transpose()?;
                flow::done(TaskResult::changed())
            }),
        ))
    })
}
