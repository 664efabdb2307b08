//! The commands that make a user, or make it as it is wanted.

use super::state::UserState;
use crate::modules::{Args, ModuleError};

/// A command in words.
pub type Command = Vec<String>;

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Commands, in order.
    pub commands: Vec<Command>,
    /// Whether the password is set, and if so whether it is locked at once.
    pub password: Option<Lock>,
}

/// Whether a password is locked when it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// With a `!` before the hash.
    Locked,
    /// As it is.
    Open,
}

fn lock(args: &Args) -> Lock {
    if args.bool("password_lock") { Lock::Locked } else { Lock::Open }
}

fn push(command: &mut Command, words: &[&str]) {
    command.extend(words.iter().map(|word| (*word).to_owned()));
}

fn needs_tool(state: &UserState, tool: &str) -> Result<(), ModuleError> {
    if state.has_tool(tool) {
        return Ok(());
    }
    Err(ModuleError::new(format!("Failed to find required executable \"{tool}\" in paths")))
}

/// The names of the wanted groups; none when `groups` was not given.
///
/// # Errors
/// When one is missing.
pub fn wanted_groups(args: &Args, state: &UserState) -> Result<Option<Vec<String>>, ModuleError> {
    if !args.is_given("groups") {
        return Ok(None);
    }
    let mut names = Vec::new();
    for name in args.texts("groups").iter().flat_map(|names| names.split(',')).map(str::trim) {
        if name.is_empty() {
            continue;
        }
        let group = state.group(name).ok_or_else(|| no_group(name))?;
        if !names.contains(&group.name) {
            names.push(group.name.clone());
        }
    }
    Ok(Some(names))
}

fn no_group(name: &str) -> ModuleError {
    ModuleError::new(format!("Group {name} does not exist"))
}

/// The commands that make the user.
///
/// # Errors
/// When a group or a program is missing.
pub fn create(args: &Args, state: &UserState) -> Result<Plan, ModuleError> {
    let name = args.needed("name");
    let groups = wanted_groups(args, state)?.unwrap_or_default();
    if let Some(group) = args.text("group").filter(|group| state.group(group).is_none()) {
        return Err(no_group(group));
    }
    let password = args.text("password").map(|_| lock(args));
    if !state.has_tool("useradd") && state.has_tool("adduser") && !args.bool("local") {
        return Ok(Plan { commands: adduser(args, &groups), password });
    }
    let tool = if args.bool("local") { "luseradd" } else { "useradd" };
    needs_tool(state, tool)?;
    let mut command = vec![tool.to_owned()];
    if let Some(uid) = args.int("uid") {
        push(&mut command, &["-u", &uid.to_string()]);
        if args.bool("non_unique") {
            push(&mut command, &["-o"]);
        }
    }
    if let Some(seuser) = args.text("seuser") {
        push(&mut command, &["-Z", seuser]);
    }
    match args.text("group") {
        Some(group) => push(&mut command, &["-g", group]),
        // A group of the user's name stands in the way of a new one.
        None if state.group(name).is_some() => {
            push(&mut command, &[if args.bool("local") { "-n" } else { "-N" }]);
        }
        None => {}
    }
    if !groups.is_empty() && !args.bool("local") {
        push(&mut command, &["-G", &groups.join(",")]);
    }
    for (option, argument) in [("-c", "comment"), ("-d", "home"), ("-s", "shell")] {
        if let Some(value) = args.text(argument) {
            push(&mut command, &[option, value]);
        }
    }
    if let Some(expires) = expires(args)? {
        push(&mut command, &["-e", &expires.1]);
    }
    if let Some(days) = args.int("password_expire_account_disable") {
        push(&mut command, &["-f", &days.to_string()]);
    }
    create_options(args, &mut command);
    push(&mut command, &[name]);
    let mut commands = vec![command];
    if args.bool("create_home") && !state.parent {
        // useradd makes the home, but not what stands above it.
        if let Some((parent, _)) = args.text("home").and_then(|home| home.rsplit_once('/')) {
            commands.insert(0, vec!["mkdir".to_owned(), "-p".to_owned(), parent.to_owned()]);
        }
    }
    Ok(Plan { commands, password })
}

fn create_options(args: &Args, command: &mut Command) {
    if args.bool("create_home") {
        push(command, &["-m"]);
        if let Some(skeleton) = args.text("skeleton") {
            push(command, &["-k", skeleton]);
        }
        if let Some(umask) = args.text("umask") {
            push(command, &["-K", &format!("UMASK={umask}")]);
        }
    } else {
        push(command, &["-M"]);
    }
    if args.bool("system") {
        push(command, &["-r"]);
    }
    for (name, argument) in [("UID_MIN", "uid_min"), ("UID_MAX", "uid_max")] {
        if let Some(number) = args.int(argument) {
            push(command, &["-K", &format!("{name}={number}")]);
        }
    }
}

/// As busybox has it.
fn adduser(args: &Args, groups: &[String]) -> Vec<Command> {
    let name = args.needed("name");
    let mut command = vec!["adduser".to_owned(), "-D".to_owned()];
    for (option, argument) in [("-G", "group"), ("-g", "comment"), ("-h", "home"), ("-s", "shell"), ("-k", "skeleton")]
    {
        if let Some(value) = args.text(argument) {
            push(&mut command, &[option, value]);
        }
    }
    if !args.bool("create_home") {
        push(&mut command, &["-H"]);
    }
    if let Some(uid) = args.int("uid") {
        push(&mut command, &["-u", &uid.to_string()]);
    }
    if args.bool("system") {
        push(&mut command, &["-S"]);
    }
    push(&mut command, &[name]);
    let join = |group: &String| ["addgroup", name, group].map(str::to_owned).to_vec();
    std::iter::once(command).chain(groups.iter().map(join)).collect()
}

/// The day on which the account ends, as days since 1970 and as `usermod` wants it; negative and empty for never.
fn expires(args: &Args) -> Result<Option<(i64, String)>, ModuleError> {
    let Some(seconds) = args.value("expires").and_then(crate::template::Value::as_number) else { return Ok(None) };
    let seconds = seconds.as_f64();
    if seconds < 0.0 {
        return Ok(Some((-1, String::new())));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the time library refuses what does not fit")]
    let time = jiff::Timestamp::from_second(seconds as i64)
        .map_err(|error| ModuleError::new(format!("Invalid value for 'expires' {seconds}: {error}")))?;
    Ok(Some((time.as_second().div_euclid(86_400), time.strftime("%Y-%m-%d").to_string())))
}

/// The commands that make a user as it is wanted.
///
/// # Errors
/// When a group or a program is missing.
pub fn modify(args: &Args, state: &UserState) -> Result<Plan, ModuleError> {
    let name = args.needed("name");
    let Some(user) = &state.user else { return Ok(Plan::default()) };
    let mut options = Command::new();
    if let Some(uid) = args.int("uid").filter(|uid| *uid != user.uid) {
        push(&mut options, &["-u", &uid.to_string()]);
        if args.bool("non_unique") {
            push(&mut options, &["-o"]);
        }
    }
    if let Some(name) = args.text("group") {
        let group = state.group(name).ok_or_else(|| no_group(name))?;
        if group.gid != user.gid {
            push(&mut options, &["-g", &group.gid.to_string()]);
        }
    }
    if let Some(groups) = wanted_groups(args, state)? {
        modify_groups(args, state, &groups, &mut options);
    }
    if let Some(comment) = args.text("comment").filter(|comment| *comment != user.comment) {
        push(&mut options, &["-c", comment]);
    }
    if let Some(home) = args.text("home").filter(|home| *home != user.home) {
        push(&mut options, &["-d", home]);
        if args.bool("move_home") {
            push(&mut options, &["-m"]);
        }
    }
    if let Some(shell) = args.text("shell").filter(|shell| *shell != user.shell) {
        push(&mut options, &["-s", shell]);
    }
    if let Some((day, date)) = expires(args)? {
        let current = state.days(5);
        let differs = if day < 0 { current.is_some_and(|current| current >= 0) } else { current != Some(day) };
        if differs {
            push(&mut options, &["-e", &date]);
        }
    }
    if let Some(days) = args.int("password_expire_account_disable") {
        push(&mut options, &["-f", &days.to_string()]);
    }
    let sets = args.text("password").is_some() && args.text("update_password") == Some("always");
    let password = (sets && !state.same_password).then(|| lock(args));
    match args.maybe_bool("password_lock").filter(|_| password.is_none()) {
        Some(true) if !state.locked => push(&mut options, &["-L"]),
        Some(false) if state.locked => push(&mut options, &["-U"]),
        _ => {}
    }
    let mut commands = Vec::new();
    if !options.is_empty() {
        let tool = if args.bool("local") { "lusermod" } else { "usermod" };
        needs_tool(state, tool)?;
        commands.push([vec![tool.to_owned()], options, vec![name.to_owned()]].concat());
    }
    Ok(Plan { commands, password })
}

fn modify_groups(args: &Args, state: &UserState, groups: &[String], options: &mut Command) {
    let current = state.memberships(args.needed("name"));
    let missing = groups.iter().any(|group| !current.contains(&group.as_str()));
    let append = args.bool("append");
    let surplus = !append && current.iter().any(|name| !groups.iter().any(|group| group == name));
    if missing && append {
        push(options, &["-a"]);
    }
    if missing || surplus {
        push(options, &["-G", &groups.join(",")]);
    }
}

/// The command that sets how long passwords last.
#[must_use]
pub fn ages(args: &Args, state: &UserState) -> Option<Command> {
    let mut command = vec!["chage".to_owned()];
    for (option, argument, field) in
        [("-m", "password_expire_min", 1), ("-M", "password_expire_max", 2), ("-W", "password_expire_warn", 3)]
    {
        if let Some(days) = args.int(argument).filter(|days| state.days(field) != Some(*days)) {
            push(&mut command, &[option, &days.to_string()]);
        }
    }
    (command.len() > 1).then(|| {
        push(&mut command, &[args.needed("name")]);
        command
    })
}
