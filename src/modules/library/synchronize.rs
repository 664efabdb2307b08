//! `synchronize`: directories alike on the controller and a host, through rsync.

use std::ffi::OsString;

use crate::modules::{
    Action, Answer, Args, Argument, BLANK, Change, CheckMode, CommandCall, Kind, Module, ModuleError, Return,
    Spec, Step, TaskContext, TaskResult, actions,
};
use crate::template::Value;

/// The module.
pub struct Synchronize;

/// The module.
pub static MODULE: Synchronize = Synchronize;

const fn maybe(name: &'static str, about: &'static str) -> Argument {
    Argument::of(name, Kind::Bool, about)
}

static SPEC: Spec = Spec {
    name: "synchronize",
    collections: &["ansible.posix"],
    summary: "Makes directories alike with rsync.",
    arguments: &[
        Argument::text("src", "Where files come from; with a slash at its end, what is in it.").required(),
        Argument::text("dest", "Where they go.").required(),
        Argument::text("mode", "Whether they go to the host or come from it.")
            .default("push")
            .choices(&["push", "pull"]),
        Argument::int("dest_port", "The port of the host's SSH; that of its variables unless given."),
        Argument::text("private_key", "The key for SSH; that of the host's variables unless given."),
        Argument::text("rsync_path", "The program on the host; with `become`, through sudo unless given."),
        Argument::bool("delete", false, "Deletes what the source does not have."),
        Argument::bool("archive", true, "Keeps links, permissions, times, owner and group, and goes down."),
        Argument::bool("checksum", false, "Compares checksums, and not times and sizes."),
        Argument::bool("compress", true, "Compresses on the way."),
        Argument::bool("existing_only", false, "Makes no new files."),
        Argument::bool("dirs", false, "Takes directories without going down."),
        maybe("recursive", "Goes down; as `archive` unless given."),
        maybe("links", "Copies links as links; as `archive` unless given."),
        Argument::bool("copy_links", false, "Copies what links lead to."),
        maybe("perms", "Keeps permissions; as `archive` unless given."),
        maybe("times", "Keeps times; as `archive` unless given."),
        maybe("owner", "Keeps owners; as `archive` unless given."),
        maybe("group", "Keeps groups; as `archive` unless given."),
        Argument::bool("set_remote_user", true, "Logs in as the user of the host's variables."),
        Argument::bool("use_ssh_args", false, "Gives SSH the arguments of the host's variables."),
        Argument::text("ssh_args", "Arguments for SSH."),
        Argument::bool("ssh_connection_multiplexing", false, "Lets SSH share a connection."),
        Argument::int("rsync_timeout", "How many seconds rsync waits for data; 0 for ever.").default("0"),
        Argument::list("rsync_opts", "Further options."),
        Argument::bool("partial", false, "Keeps files that came in part."),
        Argument::bool("verify_host", false, "Taken and not looked at: keys of hosts are always checked."),
        Argument::bool("delay_updates", true, "Puts new files in place at the end."),
        Argument::of("link_dest", Kind::List(&Kind::Text), "Directories of the destination to make hard links to."),
        Argument::bool("quiet", false, "Leaves what rsync prints out of the result."),
        Argument::bool("_substitute_controller", false, "Taken and not looked at."),
    ],
    check_mode: CheckMode::Skipped,
    returns: &[
        Return { name: "cmd", about: "The command." },
        Return { name: "rc", about: "Its exit code." },
        Return { name: "stdout_lines", about: "The files that were changed." },
    ],
    ..BLANK
};

/// Stands in front of each file that rsync changes.
const MARKER: &str = "<<CHANGED>>";

impl Module for Synchronize {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let options = options(args);
        let (mode, src, dest) = (args.needed("mode"), args.needed("src"), args.needed("dest"));
        if src.starts_with("rsync://") && dest.starts_with("rsync://") {
            return Err(ModuleError::new("either src or dest must be a localhost"));
        }
        let (local, remote) = if mode == "push" { (src, dest) } else { (dest, src) };
        let reached = Reached::of(&context)?;
        let flags = flags(args, &options);
        let number = |name: &str| args.int(name).map(|number| number.to_string()).unwrap_or_default();
        let or = |given: String, other: &str| if given.is_empty() { other.to_owned() } else { given };
        let places = if reached.controller { places(&context, local, mode) } else { vec![local.to_owned()] };
        let fixed = [
            mode.to_owned(),
            reached.way.to_owned(),
            reached.host,
            reached.user,
            or(number("dest_port"), &reached.port),
            or(args.needed("private_key").to_owned(), &reached.key),
            args.needed("ssh_args").to_owned(),
            args.needed("rsync_path").to_owned(),
            flags,
            remote.to_owned(),
            places.len().to_string(),
        ];
        let shell = ["/bin/sh", "-c", actions::SYNCHRONIZE, "sh"].map(str::to_owned);
        let words = shell.into_iter().chain(fixed).chain(places).chain(options).map(OsString::from).collect();
        let call = CommandCall { words, env: Vec::new(), chdir: None, input: None, script: None };
        let action = if reached.controller { Action::LocalCommand(call) } else { Action::Command(call) };
        let quiet = args.bool("quiet");
        let next = move |answer: Option<Answer>| Ok(Step::Done(result(&answer.unwrap_or_default(), quiet)));
        Ok(Step::Change(Change { diff: Vec::new(), action }, Box::new(next)))
    }
}

/// Where rsync runs, and which host it reaches from there.
struct Reached {
    controller: bool,
    way: &'static str,
    host: String,
    user: String,
    port: String,
    key: String,
}

impl Reached {
    fn of(context: &TaskContext) -> Result<Self, ModuleError> {
        let mut reached = Self {
            controller: true,
            way: "target",
            host: String::new(),
            user: String::new(),
            port: String::new(),
            key: String::new(),
        };
        if !context.delegated {
            return Ok(reached);
        }
        let variable = |names: &[&str]| -> Result<String, ModuleError> {
            for name in names {
                if let Some(raw) = context.templar.scope().get(name) {
                    return Ok(context.templar.render(&raw)?.to_string());
                }
            }
            Ok(String::new())
        };
        let name = variable(&["inventory_hostname"])?;
        reached.controller = matches!(&*context.host, "localhost" | "127.0.0.1" | "::1");
        let local = reached.controller && variable(&["ansible_connection"])? == "local";
        reached.way = if local || *context.host == *name { "here" } else { "given" };
        reached.host = variable(&["ansible_host", "ansible_ssh_host"])?;
        if reached.host.is_empty() {
            reached.host = name;
        }
        reached.user = variable(&["ansible_user", "ansible_ssh_user"])?;
        reached.port = variable(&["ansible_port", "ansible_ssh_port"])?;
        reached.key = variable(&["ansible_ssh_private_key_file", "ansible_private_key_file"])?;
        Ok(reached)
    }
}

/// Where a path of the controller may stand; the first that is there is taken.
fn places(context: &TaskContext, path: &str, mode: &str) -> Vec<String> {
    if path.starts_with(['/', '~']) || path.contains("://") {
        return vec![path.to_owned()];
    }
    let search = context.templar.search();
    let folders = search.directories.iter().chain([&search.playbook]);
    let mut places: Vec<String> = folders
        .flat_map(|folder| [folder.join("files").join(path), folder.join(path)])
        .map(|place| place.to_string_lossy().into_owned())
        .collect();
    if mode == "pull" {
        // What is not there yet is made beside the playbook.
        places.insert(0, search.playbook.join(path).to_string_lossy().into_owned());
    }
    places
}

fn flags(args: &Args, options: &[String]) -> String {
    let mut flags = String::new();
    for (flag, holds) in [
        ('a', args.bool("use_ssh_args")),
        ('m', args.bool("ssh_connection_multiplexing")),
        ('r', options.iter().any(|option| option.contains("--rsh"))),
        ('u', args.bool("set_remote_user")),
    ] {
        flags.extend(holds.then_some(flag));
    }
    flags
}

/// The options of rsync, in Ansible's order.
fn options(args: &Args) -> Vec<String> {
    let mut options = Vec::new();
    let mut add = |wanted: bool, option: &str| options.extend(wanted.then(|| option.to_owned()));
    add(args.bool("delay_updates"), "--delay-updates");
    add(true, "-F");
    add(args.bool("compress"), "--compress");
    let timeout = args.int("rsync_timeout").unwrap_or_default();
    add(timeout != 0, &format!("--timeout={timeout}"));
    for (name, option) in [
        ("delete", "--delete-after"),
        ("existing_only", "--existing"),
        ("checksum", "--checksum"),
        ("copy_links", "--copy-links"),
        ("archive", "--archive"),
    ] {
        add(args.bool(name), option);
    }
    let archive = args.bool("archive");
    for name in ["recursive", "links", "perms", "times", "owner", "group"] {
        match args.maybe_bool(name) {
            Some(true) if !archive => add(true, &format!("--{name}")),
            Some(false) if archive => add(true, &format!("--no-{name}")),
            _ => {}
        }
    }
    add(args.bool("dirs"), "--dirs");
    for option in args.texts("rsync_opts") {
        add(true, &option);
    }
    add(args.bool("partial"), "--partial");
    let links = args.texts("link_dest");
    // Without it rsync takes a hard link for no change.
    add(!links.is_empty(), "-vv");
    for link in &links {
        add(true, &format!("--link-dest={link}"));
    }
    add(true, &format!("--out-format={MARKER}%i %n%L"));
    options
}

fn result(answer: &Answer, quiet: bool) -> TaskResult {
    let text = answer.text();
    let (command, printed) = text.split_once('\0').unwrap_or(("", &text));
    if answer.rc != 0 {
        return TaskResult::failed(answer.errors().into_owned()).field("rc", answer.rc).field("cmd", command);
    }
    let clean = printed.replace(MARKER, "");
    let lines: Vec<Value> = clean.lines().filter(|line| !line.is_empty()).map(Value::from).collect();
    let mut result = TaskResult::with_changed(printed.contains(MARKER)).field("rc", 0).field("cmd", command);
    if !quiet {
        result = result.message(clean.as_str()).field("stdout_lines", lines);
    }
    result
}
