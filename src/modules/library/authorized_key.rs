//! `authorized_key`: keys that may log in as a user.

use std::ffi::OsString;

use crate::modules::files::authorized_keys::KeyChange;
use crate::modules::files::edit::EDIT_LIMIT;
use crate::modules::files::mode::Mode;
use crate::modules::files::{Attributes, Look, LookCall, PathState, Write, changed_by, diff, paths};
use crate::modules::{
    Action, Answer, Args, Argument, BLANK, Change, Module, ModuleError, Question, Return, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct AuthorizedKey;

/// The module.
pub static MODULE: AuthorizedKey = AuthorizedKey;

static SPEC: Spec = Spec {
    name: "authorized_key",
    collections: &["ansible.posix"],
    summary: "Sees that SSH keys may log in as a user, or may not.",
    arguments: &[
        Argument::text("user", "The user.").required(),
        Argument::text("key", "The keys, a line each; or where the host finds them: `https://…`, `file://…`.").required(),
        Argument::path("path", "The file; `.ssh/authorized_keys` in the user's home unless given."),
        Argument::bool("manage_dir", true, "Makes the file's directory, and sees that it is the user's alone."),
        Argument::text("state", "Whether they may.").default("present").choices(&["absent", "present"]),
        Argument::text("key_options", "Options for the keys, such as `no-pty,from=\"10.0.0.1\"`."),
        Argument::bool("exclusive", false, "Takes all other keys away."),
        Argument::text("comment", "The comment of the keys, instead of their own."),
        Argument::bool("validate_certs", true, "Looks at the certificate of an address that keys come from."),
        Argument::bool("follow", false, "Writes to what a link leads to."),
    ],
    returns: &[
        Return { name: "keyfile", about: "The file." },
        Return { name: "user", about: "The user, and so every other argument." },
    ],
    ..BLANK
};

impl Module for AuthorizedKey {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let user = args.needed("user").to_owned();
        let path = args.text("path").map_or_else(|| format!("~{user}/.ssh/authorized_keys"), str::to_owned);
        let call = LookCall::at([path]).content(EDIT_LIMIT);
        let mut questions = vec![call.question(), Question::new(&probes::ACCOUNT_IDS, [&user])];
        let key = args.needed("key").to_owned();
        if key.starts_with("http") || key.starts_with("file:") {
            let validate = if args.bool("validate_certs") { "yes" } else { "no" };
            questions.push(Question::new(&probes::KEY_SOURCE, [key.as_str(), validate]));
        }
        let next = move |answers: Vec<Answer>| {
            let look = Look::read(&call, answers.first().unwrap_or(&Answer::default()))?;
            let account = account(&context, answers.get(1).unwrap_or(&Answer::default()))?;
            let keys = match answers.get(2) {
                None => key,
                Some(answer) => found(&key, answer)?,
            };
            decide(&context, look, account, keys)
        };
        Ok(Step::Ask(questions, Box::new(next)))
    }
}

/// The keys that the host found.
fn found(source: &str, answer: &Answer) -> Result<String, ModuleError> {
    match answer.rc {
        0 => Ok(answer.text().into_owned()),
        3 => Err(ModuleError::new(answer.errors().trim())),
        _ => Err(ModuleError::new(format!("Error getting key from: {source}: {}", answer.errors().trim()))),
    }
}

/// The numbers of the user and its group; in check mode, where the file is named, there may be none.
fn account(context: &TaskContext, answer: &Answer) -> Result<Option<(u32, u32)>, ModuleError> {
    let text = answer.text();
    let mut numbers = text.lines().map(|line| line.trim().parse::<u32>());
    if let (0, Some(Ok(user)), Some(Ok(group))) = (answer.rc, numbers.next(), numbers.next()) {
        return Ok(Some((user, group)));
    }
    let user = context.args.needed("user");
    match (context.check, context.args.is_given("path")) {
        (true, true) => Ok(None),
        (true, false) => Err(ModuleError::new(
            "Either user must exist or you must provide full path to key file in check mode",
        )),
        _ => Err(ModuleError::new(format!("Failed to lookup user {user}: 'getpwnam(): name not found: {user}'"))),
    }
}

fn decide(
    context: &TaskContext,
    mut look: Look,
    account: Option<(u32, u32)>,
    keys: String,
) -> Result<Step, ModuleError> {
    let args = &context.args;
    let state = if args.bool("follow") { look.paths[0].follow() } else { look.paths[0].clone() };
    if state.is_file() && look.content.is_none() {
        let message = format!("Permission denied on file or path for authorized keys file: {}", state.name);
        return Err(ModuleError::new(message));
    }
    let change = KeyChange {
        keys,
        options: args.text("key_options").map(str::to_owned),
        comment: args.text("comment").map(str::to_owned),
        present: args.needed("state") == "present",
        exclusive: args.bool("exclusive"),
    };
    let before = look.content.take().unwrap_or_default();
    let text = String::from_utf8_lossy(&before).into_owned();
    let new = change.apply(&text).map_err(|line| ModuleError::new(format!("invalid key specified: {line}")))?;
    let result = result(args, &state.name);
    let Some(new) = new else { return Ok(Step::Done(result)) };
    let diff = diff::contents((&state.name, &state.name), &before, new.as_bytes());
    let action = action(context, &mut look, &state, account.unwrap_or_default(), new)?;
    let next = move |answer: Option<Answer>| {
        answer.as_ref().map(changed_by).transpose()?;
        Ok(Step::Done(TaskResult { changed: true, ..result }))
    };
    Ok(Step::Change(Change { diff: vec![diff], action }, Box::new(next)))
}

/// Writes the file, after its directory was made.
fn action(
    context: &TaskContext,
    look: &mut Look,
    state: &PathState,
    (user, group): (u32, u32),
    text: String,
) -> Result<Action, ModuleError> {
    (look.uid, look.gid) = (Some(user), Some(group));
    let attributes = Attributes {
        mode: Some(Mode::Octal(0o600)),
        owner: Some(user.to_string()),
        group: Some(group.to_string()),
        ..Attributes::default()
    };
    let action = Write::new(state.clone(), text, attributes).action(look)?;
    let Action::Script(mut call) = action else { return Ok(action) };
    let how = if context.args.bool("manage_dir") { "own" } else { "make" };
    let folder = match paths::parent(&state.name) {
        "" => ".",
        folder => folder,
    };
    let mut words: Vec<OsString> = [folder, how, &user.to_string(), &group.to_string()].map(OsString::from).to_vec();
    words.append(&mut call.words);
    call.words = words;
    call.script = actions::WRITE_IN_DIRECTORY;
    Ok(Action::Script(call))
}

fn result(args: &Args, file: &str) -> TaskResult {
    let mut result = TaskResult::ok().field("keyfile", file);
    for name in ["user", "key", "path", "manage_dir", "state", "key_options", "exclusive", "comment", "follow"] {
        result = result.field(name, args.value(name).cloned().unwrap_or(Value::Null));
    }
    result.field("validate_certs", args.bool("validate_certs"))
}
