//! `user`: a user's account.

use std::sync::Arc;

use crate::modules::accounts::state::UserState;
use crate::modules::accounts::user_plan::{self, Lock, Plan};
use crate::modules::flow::{Flow, ask, change, commands, diff, done};
use crate::modules::{
    Answer, Argument, BLANK, Diff, Kind, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::secret::Secret;
use crate::template::Value;

/// The module.
pub struct User;

/// The module.
pub static MODULE: User = User;

static SPEC: Spec = Spec {
    name: "user",
    summary: "Makes, alters or removes a user's account.",
    arguments: &[
        Argument::text("name", "The user.").required().aliases(&["user"]),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::int("uid", "Its number."),
        Argument::bool("non_unique", false, "Lets it have a number that another user has."),
        Argument::text("group", "Its primary group."),
        Argument::list("groups", "The groups that it is a member of; empty takes it out of all."),
        Argument::bool("append", false, "Adds `groups` to those it is in, and takes none away."),
        Argument::text("comment", "Its comment: name, room, telephone."),
        Argument::path("home", "Its home."),
        Argument::path("shell", "Its login shell."),
        Argument::text("password", "The hash of its password.").secret(),
        Argument::text("update_password", "When the password is set.")
            .default("always")
            .choices(&["always", "on_create"]),
        Argument::of("password_lock", Kind::Bool, "Whether the password is locked."),
        Argument::int("password_expire_max", "Days after which a password must be changed."),
        Argument::int("password_expire_min", "Days before which it must not be changed."),
        Argument::int("password_expire_warn", "Days of warning before."),
        Argument::int("password_expire_account_disable", "Days after which the account is disabled then."),
        Argument::of("expires", Kind::Float, "When the account ends, in seconds since 1970; negative for never."),
        Argument::text("seuser", "Its SELinux user, when it is made."),
        Argument::bool("force", false, "Removes it even when logged in; makes an SSH key over another."),
        Argument::bool("remove", false, "Removes its home and mail with it."),
        Argument::bool("create_home", true, "Makes its home.").aliases(&["createhome"]),
        Argument::bool("move_home", false, "Moves the old home to the new one."),
        Argument::text("skeleton", "The folder that its home is made after."),
        Argument::text("umask", "The umask that its home is made with."),
        Argument::bool("system", false, "Makes it a system account."),
        Argument::int("uid_min", "The least number that is given."),
        Argument::int("uid_max", "The largest number that is given."),
        Argument::of("generate_ssh_key", Kind::Bool, "Makes an SSH key for it."),
        Argument::of("ssh_key_bits", Kind::Int, "Bits of the key; the program's choice unless given.").default("0"),
        Argument::text("ssh_key_type", "Kind of the key.").default("rsa"),
        Argument::path("ssh_key_file", "Where the key stands; relative to the home."),
        Argument::text("ssh_key_comment", "Its comment; `ansible-generated on` and the host's name unless given."),
        Argument::text("ssh_key_passphrase", "Its passphrase.").secret(),
        Argument::of("local", Kind::Bool, "Looks at `/etc/passwd` alone, and uses luseradd and the like."),
    ],
    returns: &[
        Return { name: "name", about: "The user." },
        Return { name: "state", about: "Whether it is there." },
        Return { name: "uid", about: "Its number." },
        Return { name: "group", about: "The number of its primary group." },
        Return { name: "groups", about: "The groups as they were given, with commas." },
        Return { name: "home", about: "Its home." },
        Return { name: "shell", about: "Its login shell." },
        Return { name: "comment", about: "Its comment." },
        Return { name: "ssh_key_file", about: "Where its SSH key stands, when one was asked for." },
        Return { name: "ssh_public_key", about: "Its public SSH key, when one was asked for." },
        Return { name: "ssh_fingerprint", about: "The key's fingerprint, when one was asked for." },
    ],
    ..BLANK
};

impl Module for User {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        for name in ["umask", "uid_min", "uid_max"] {
            if context.args.bool("local") && context.args.is_given(name) {
                return Err(ModuleError::new(format!("'{name}' can not be used with 'local'")));
            }
        }
        let mut question = Question::new(&probes::USER_STATE, asked(&context));
        if let Some(password) = context.args.text("password") {
            question.secrets.push(("OPSCTL_PASSWORD".to_owned(), Secret::new(password.to_owned())));
        }
        ask(question, move |answer| {
            let state = UserState::parse(&answer.text());
            let context = expanded(context, &state.tilde);
            match (context.args.needed("state"), &state.user) {
                ("absent", _) => remove(&context, &state),
                (_, None) => create(&context, &state),
                _ => modify(&context, state),
            }
        })
    }
}

/// The task with `~` in its paths replaced by the home of whoever runs it.
fn expanded(mut context: TaskContext, tilde: &str) -> TaskContext {
    for name in ["home", "shell", "skeleton"] {
        let rest = context.args.text(name).and_then(|path| path.strip_prefix('~'));
        if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            let path = Value::text(format!("{tilde}{rest}"));
            context.args = Arc::new(context.args.with(name, path));
        }
    }
    context
}

/// What the probe and the action are told of the user.
fn asked(context: &TaskContext) -> [String; 4] {
    let args = &context.args;
    let key = match args.text("ssh_key_file") {
        _ if !args.bool("generate_ssh_key") => String::new(),
        Some(path) => path.to_owned(),
        None => format!(".ssh/id_{}", args.needed("ssh_key_type")),
    };
    let local = if args.bool("local") { "yes" } else { "no" };
    [args.needed("name").to_owned(), args.text("home").unwrap_or_default().to_owned(), key, local.to_owned()]
}

fn named(context: &TaskContext) -> TaskResult {
    TaskResult::ok().field("name", context.args.needed("name")).field("state", context.args.needed("state"))
}

fn failed(context: &TaskContext, answer: &Answer) -> ModuleError {
    let message = answer.errors().into_owned();
    ModuleError::new(message).field("name", context.args.needed("name")).field("rc", answer.rc)
}

/// The account in lines, for the difference.
fn shown(context: &TaskContext, state: Option<&UserState>) -> String {
    let Some((state, user)) = state.and_then(|state| Some((state, state.user.as_ref()?))) else {
        return String::new();
    };
    let groups = state.memberships(context.args.needed("name")).join(",");
    format!(
        "uid: {}\ngid: {}\ngroups: {groups}\ncomment: {}\nhome: {}\nshell: {}\n",
        user.uid, user.gid, user.comment, user.home, user.shell
    )
}

fn difference(context: &TaskContext, before: Option<&UserState>, plan: &str) -> Vec<Diff> {
    let name = format!("user {}", context.args.needed("name"));
    let before = shown(context, before);
    let after = format!("{before}{plan}");
    vec![diff(&name, before, after)]
}

fn remove(context: &TaskContext, state: &UserState) -> Flow {
    let args = &context.args;
    let result = named(context);
    if state.user.is_none() {
        return done(result);
    }
    let mut words = vec![match args.bool("local") {
        true => "luserdel",
        false if !state.has_tool("userdel") && state.has_tool("deluser") => "deluser",
        false => "userdel",
    }];
    if args.bool("force") && words[0] == "userdel" {
        words.push("-f");
    }
    if args.bool("remove") {
        words.push(if words[0] == "deluser" { "--remove-home" } else { "-r" });
    }
    words.push(args.needed("name"));
    let before = shown(context, Some(state));
    let differs = vec![diff(&format!("user {}", args.needed("name")), before, "")];
    let result = result.field("force", args.bool("force")).field("remove", args.bool("remove"));
    let context = context.clone();
    change(differs, commands([words]), move |answer| match answer {
        None => done(TaskResult::changed()),
        Some(answer) if answer.rc != 0 => Err(failed(&context, &answer)),
        Some(answer) => done(spoken(TaskResult { changed: true, ..result }, &answer)),
    })
}

/// What the programs said.
fn spoken(result: TaskResult, answer: &Answer) -> TaskResult {
    match answer.errors() {
        errors if errors.is_empty() => result,
        errors => result.field("stderr", errors.into_owned()),
    }
}

/// What the action does besides its commands.
#[derive(Default)]
struct Extra<'a> {
    /// The home that is made when it is missing.
    home: &'a str,
    /// Whether an SSH key is made.
    key: bool,
}

fn call(context: &TaskContext, plan: &Plan, extra: &Extra<'_>) -> ScriptCall {
    let args = &context.args;
    let mut words = asked(context).to_vec();
    words.extend([extra.home.to_owned(), args.text("skeleton").unwrap_or("/etc/skel").to_owned()]);
    if extra.key {
        let default = format!("ansible-generated on {}", context.host);
        words.extend([
            args.needed("ssh_key_type").to_owned(),
            args.int("ssh_key_bits").unwrap_or_default().to_string(),
            args.text("ssh_key_comment").map_or(default, str::to_owned),
        ]);
    } else {
        words.extend([String::new(), "0".to_owned(), String::new()]);
    }
    for command in &plan.commands {
        words.push(command.len().to_string());
        words.extend(command.iter().cloned());
    }
    let mut call = ScriptCall::new(actions::USER, words);
    let mut secret = |name: &str, text: String| call.secrets.push((name.to_owned(), Secret::new(text)));
    if let (Some(lock), Some(password)) = (plan.password, args.text("password")) {
        let mark = if lock == Lock::Locked { "!" } else { "" };
        secret("OPSCTL_SET_PASSWORD", format!("{mark}{password}"));
    }
    if let Some(passphrase) = args.text("ssh_key_passphrase").filter(|_| extra.key) {
        secret("OPSCTL_PASSPHRASE", passphrase.to_owned());
    }
    call
}

fn create(context: &TaskContext, state: &UserState) -> Flow {
    let args = &context.args;
    let mut plan = match user_plan::create(args, state) {
        // An earlier task may be the one that makes the group.
        Err(_) if context.check => return done(warned(context, TaskResult::changed())),
        plan => plan?,
    };
    plan.commands.extend(user_plan::ages(args, &UserState::default()));
    let key = args.bool("generate_ssh_key");
    let home = args.text("home").filter(|_| args.bool("create_home")).unwrap_or_default();
    let call = call(context, &plan, &Extra { home, key });
    let differs = difference(context, None, &format!("name: {}\n", args.needed("name")));
    let result = named(context).field("system", args.bool("system")).field("create_home", args.bool("create_home"));
    let context = context.clone();
    change(differs, call, move |answer| match answer {
        None => done(warned(&context, TaskResult::changed())),
        Some(answer) if answer.rc != 0 => Err(failed(&context, &answer)),
        Some(answer) => {
            let state = UserState::parse(&answer.text());
            done(ended(&context, spoken(TaskResult { changed: true, ..result }, &answer), &state))
        }
    })
}

#[expect(clippy::format_collect, reason = "short texts")]
fn modify(context: &TaskContext, state: UserState) -> Flow {
    let args = &context.args;
    let mut plan = user_plan::modify(args, &state)?;
    plan.commands.extend(user_plan::ages(args, &state));
    let home = match &state.user {
        Some(user) if args.bool("create_home") && !state.home => args.text("home").unwrap_or(&user.home).to_owned(),
        _ => String::new(),
    };
    let mut result = named(context).field("append", args.bool("append")).field("move_home", args.bool("move_home"));
    let there = [(state.private, "private", state.key.clone()), (state.public, "public", format!("{}.pub", state.key))];
    let there = there.into_iter().find(|(there, ..)| *there);
    let mut key = args.bool("generate_ssh_key");
    if let (true, Some((_, kind, path))) = (key, there) {
        key = args.bool("force");
        result.warnings.push(if key {
            format!("Overwriting existing ssh key {kind} file \"{path}\"")
        } else {
            format!("Found existing ssh key {kind} file \"{path}\", no force, so skipping ssh-keygen generation")
        });
    }
    if plan == Plan::default() && home.is_empty() && !key {
        return done(ended(context, result, &state));
    }
    let lines: String = plan.commands.iter().map(|command| format!("run: {}\n", command.join(" "))).collect();
    let lines = lines
        + if plan.password.is_some() { "password: changed\n" } else { "" }
        + if home.is_empty() { "" } else { "home: made\n" }
        + if key { "ssh key: made\n" } else { "" };
    let differs = difference(context, Some(&state), &lines);
    let call = call(context, &plan, &Extra { home: &home, key });
    let context = context.clone();
    change(differs, call, move |answer| {
        let result = TaskResult { changed: true, ..result };
        match answer {
            None => done(ended(&context, result, &state)),
            Some(answer) if answer.rc != 0 => Err(failed(&context, &answer)),
            Some(answer) => {
                let state = UserState::parse(&answer.text());
                done(ended(&context, spoken(result, &answer), &state))
            }
        }
    })
}

/// The result with the account as it is now.
fn ended(context: &TaskContext, result: TaskResult, state: &UserState) -> TaskResult {
    let args = &context.args;
    let mut result = result;
    if let Some(user) = &state.user {
        result = result
            .field("uid", user.uid)
            .field("group", user.gid)
            .field("comment", user.comment.as_str())
            .field("home", user.home.as_str())
            .field("shell", user.shell.as_str());
    }
    if args.is_given("groups") {
        result = result.field("groups", args.texts("groups").join(","));
    }
    if args.text("password").is_some() {
        result = result.field("password", "NOT_LOGGING_PASSWORD");
    }
    if args.bool("generate_ssh_key") {
        let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::text);
        result = result
            .field("ssh_key_file", state.key.as_str())
            .field("ssh_fingerprint", text(&state.fingerprint))
            .field("ssh_public_key", text(&state.public_key));
    }
    warned(context, result)
}

/// Warns of what looks wrong.
fn warned(context: &TaskContext, mut result: TaskResult) -> TaskResult {
    let args = &context.args;
    if args.bool("append") && !args.is_given("groups") {
        result.warnings.push("'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups.".into());
    }
    if args.text("password").is_some_and(|password| !password.is_empty() && !is_hash(password)) {
        result.warnings.push(
            "The input password appears not to have been hashed. The 'password' argument must be encrypted for this \
             module to work properly."
                .into(),
        );
    }
    result
}

/// Whether a text looks like a password's hash, or like what no password has.
fn is_hash(text: &str) -> bool {
    if ["*", "!", "*************"].contains(&text) {
        return true;
    }
    let fields: Vec<&str> = text.split('$').collect();
    let last = fields[fields.len() - 1];
    let length = match fields.get(1).copied() {
        Some("1") => Some(22),
        Some("5" | "y") => Some(43),
        Some("6") => Some(86),
        _ => None,
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'/';
    !text.contains([':', '*', '!'])
        && fields.len() >= 3
        && last.bytes().all(allowed)
        && length.is_none_or(|length| last.len() == length)
}
