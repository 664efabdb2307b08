//! `pam_limits`: limits of users' sessions.

use crate::modules::files::Attributes;
use crate::modules::files::edit::{Current, Edit, Edited};
use crate::modules::files::regex::FileText;
use crate::modules::{Args, Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext};

/// The module.
pub struct PamLimits;

/// The module.
pub static MODULE: PamLimits = PamLimits;

static SPEC: Spec = Spec {
    name: "pam_limits",
    collections: &["community.general"],
    summary: "Sets limits of users' sessions in limits.conf.",
    arguments: &[
        Argument::text("domain", "A user, `@group`, `*`, or a range of numbers.").required(),
        Argument::text("limit_type", "Which limit.").required().choices(&["hard", "soft", "-"]),
        Argument::text("limit_item", "What is limited.").required().choices(&[
            "core", "data", "fsize", "memlock", "nofile", "rss", "stack", "cpu", "nproc", "as", "maxlogins",
            "maxsyslogins", "priority", "locks", "sigpending", "msgqueue", "nice", "rtprio", "chroot",
        ]),
        Argument::text("value", "The limit: a number, or `unlimited`, `infinity`, `-1`.").required(),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::bool("use_min", false, "Keeps a limit that is smaller."),
        Argument::bool("use_max", false, "Keeps a limit that is larger."),
        Argument::path("dest", "The file.").default("/etc/security/limits.conf"),
        Argument::text("comment", "A comment at the end of the line.").default(""),
    ],
    returns: &[Return { name: "backup_file", about: "Where the old file was kept, if it was." }],
    ..BLANK
};

const UNLIMITED: [&str; 3] = ["unlimited", "infinity", "-1"];

impl Module for PamLimits {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        if args.bool("use_max") && args.bool("use_min") {
            return Err(ModuleError::new("Cannot use use_min and use_max at the same time."));
        }
        check(args.needed("limit_item"), args.needed("value"), "")?;
        let edit = Edit {
            path: args.needed("dest").to_owned(),
            attributes: Attributes::default(),
            backup: args.bool("backup"),
            backup_field: ("backup_file", false),
            ..Edit::of(&args, "dest")?
        };
        let compute = move |current: &Current<'_>| {
            let state = current.state;
            let (name, folder) = (&state.name, state.parent());
            if state.is_file() && !state.access.contains('w') {
                return Err(ModuleError::new(format!("{name} is not writable. Use sudo")));
            }
            if !state.is_file() && !state.access.contains('W') {
                return Err(ModuleError::new(format!(
                    "directory {folder} is not writable (check presence, access rights, use sudo)"
                )));
            }
            let text = FileText::of(current.content.unwrap_or_default());
            let (new, message) = limited(&args, name, text.as_str())?;
            Ok(Edited { content: Some(text.bytes(&new)), message, ..Edited::default() })
        };
        Ok(edit.start(&context, Box::new(compute)))
    }
}

fn check(item: &str, value: &str, prefix: &str) -> Result<(), ModuleError> {
    let start = format!("{prefix} Value of '{value}' for item '{item}' is invalid. Value must");
    if matches!(item, "nice" | "priority") {
        if value.trim().parse::<i64>().is_ok_and(|value| (-20..=19).contains(&value)) {
            return Ok(());
        }
        return Err(ModuleError::new(format!(
            "{start} be a number in the range -20 to 19 inclusive. \
             Refer to the limits.conf(5) manual pages for more details."
        )));
    }
    if UNLIMITED.contains(&value) || !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(ModuleError::new(format!(
        "{start} either be 'unlimited', 'infinity' or -1, all of which indicate no limit, or a limit of 0 or larger. \
         Refer to the limits.conf(5) manual pages for more details."
    )))
}

/// The new text, and the line of the limit.
fn limited(args: &Args, name: &str, text: &str) -> Result<(String, String), ModuleError> {
    let wanted = ["domain", "limit_type", "limit_item"].map(|name| args.needed(name));
    let line = |value: &str, comment: &str| {
        let comment = if comment.is_empty() { String::new() } else { format!("\t#{comment}") };
        format!("{}\t{value}{comment}\n", wanted.join("\t"))
    };
    let (mut new, mut message) = (String::new(), None);
    for old in text.split_inclusive('\n') {
        let (body, comment) = old.split_once('#').unwrap_or((old, ""));
        let fields: Vec<&str> = body.split_whitespace().collect();
        let ([domain, kind, item, value], false) = (fields.as_slice(), old.starts_with('#')) else {
            new.push_str(old);
            continue;
        };
        check(item, value, &format!("Invalid configuration found in '{name}'."))?;
        let kept = Some(value).filter(|value| chosen(args, value) == **value);
        if [*domain, *kind, *item] != wanted || kept.is_some() {
            if [*domain, *kind, *item] == wanted {
                message = Some(old.to_owned());
            }
            new.push_str(old);
            continue;
        }
        let comment = Some(args.needed("comment")).filter(|new| !new.is_empty()).unwrap_or(comment.trim_end());
        let limit = line(&chosen(args, value), comment);
        new.push_str(&limit);
        message = Some(limit);
    }
    let message = message.unwrap_or_else(|| {
        if !new.is_empty() && !new.ends_with('\n') {
            new.push('\n');
        }
        let limit = line(args.needed("value"), args.needed("comment"));
        new.push_str(&limit);
        limit
    });
    Ok((new, message))
}

/// The value that a limit is to have, given the one it has.
fn chosen(args: &Args, old: &str) -> String {
    let new = args.needed("value");
    let numeric = matches!(args.needed("limit_item"), "nice" | "priority");
    let number = |value: &str| match value.parse::<i64>() {
        _ if !numeric && UNLIMITED.contains(&value) => i64::MAX,
        parsed => parsed.unwrap_or(i64::MAX),
    };
    let keeps = match (args.bool("use_max"), args.bool("use_min")) {
        (true, _) => number(old) >= number(new),
        (_, true) => number(old) <= number(new),
        _ => false,
    };
    if keeps { old.to_owned() } else { new.to_owned() }
}
