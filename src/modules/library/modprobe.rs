//! `modprobe`: modules of the kernel.

use crate::modules::clients::{Clients, accept, missing};
use crate::modules::files::split;
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Args, Argument, BLANK, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext, TaskResult,
    actions, probes,
};

/// The module.
pub struct Modprobe;

/// The module.
pub static MODULE: Modprobe = Modprobe;

static SPEC: Spec = Spec {
    name: "modprobe",
    collections: &["community.general", "ansible.builtin"],
    summary: "Loads and unloads modules of the kernel.",
    arguments: &[
        Argument::text("name", "The module.").required(),
        Argument::text("state", "Whether it is loaded.").default("present").choices(&["absent", "present"]),
        Argument::text("params", "Its parameters.").default(""),
        Argument::text("persistent", "Whether it is loaded at the next start; `disabled` leaves that alone.")
            .default("disabled")
            .choices(&["disabled", "present", "absent"]),
    ],
    returns: &[
        Return { name: "name", about: "The module." },
        Return { name: "params", about: "Its parameters." },
        Return { name: "state", about: "What was wanted of it." },
    ],
    ..BLANK
};

impl Module for Modprobe {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let (name, text) = (args.needed("name").to_owned(), args.needed("params").to_owned());
        let parameters = split::words(&text)
            .ok_or_else(|| ModuleError::new(format!("`params` has a quote that is not closed: {text}")))?;
        let verb = if args.needed("state") == "present" { "load" } else { "unload" };
        let dry = if context.check { verb } else { "" };
        let words = [name.clone(), dry.to_owned()].into_iter().chain(parameters.iter().cloned());
        flow::ask(Question::new(&probes::MODPROBE, words), move |answer| {
            let clients = Clients::read(&answer);
            if !clients.holds("tool") {
                return Err(missing("modprobe"));
            }
            if let Some(path) = clients.find("unreadable") {
                let path = path.text().trim().to_owned();
                return Err(ModuleError::new(format!("[Errno 2] No such file or directory: '{path}'")));
            }
            if let Some(dry) = clients.find("dry").filter(|dry| dry.rc != 0) {
                return Err(flow::failure(dry, &format!("cannot {verb} {name}")));
            }
            let loaded = clients.holds("loaded");
            let verb = if loaded == (verb == "load") { "" } else { verb };
            apply(verb, &args, &parameters, &files(&clients, &args))
        })
    }
}

/// Files that are to be altered: path, text before, text after.
fn files(clients: &Clients, args: &Args) -> Vec<(String, String, String)> {
    let name = args.needed("name");
    let texts = |folder: &str| -> Vec<(String, String)> {
        clients.under(folder).map(|(file, text)| (format!("{folder}{file}"), text.text().into_owned())).collect()
    };
    let (loads, options) = (texts("/etc/modules-load.d/"), texts("/etc/modprobe.d/"));
    let listed = loads.iter().any(|(_, text)| text.lines().any(|line| names(line, name)));
    let lines = options.iter().flat_map(|(_, text)| text.lines());
    let mut set: Vec<&str> = lines.filter_map(|line| parameter(line, name)).collect();
    set.sort_unstable();
    set.dedup();
    let mut wanted: Vec<&str> = args.needed("params").split_whitespace().collect();
    let own = wanted.iter().map(|parameter| format!("options {name} {parameter}")).collect::<Vec<_>>().join("\n") + "\n";
    wanted.sort_unstable();
    wanted.dedup();
    let mut after = Vec::new();
    match args.needed("persistent") {
        "present" => {
            if !listed {
                write(&mut after, &loads, &format!("/etc/modules-load.d/{name}.conf"), &format!("{name}\n"));
            }
            if set != wanted {
                let path = format!("/etc/modprobe.d/{name}.conf");
                let others: Vec<_> = options.iter().filter(|(file, _)| *file != path).cloned().collect();
                comment(&mut after, &others, |line| parameter(line, name).is_some());
                write(&mut after, &options, &path, &own);
            }
        }
        "absent" => {
            comment(&mut after, &loads, |line| names(line, name));
            comment(&mut after, &options, |line| parameter(line, name).is_some());
        }
        _ => {}
    }
    after
}

/// Whether a line of `modules-load.d` names the module.
fn names(line: &str, name: &str) -> bool {
    let rest = line.trim_start_matches(' ').strip_prefix(name).map(|rest| rest.trim_start_matches(' '));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['#', ';']))
}

/// The parameter that a line of `modprobe.d` sets for the module.
fn parameter<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.strip_prefix("options ")?.strip_prefix(name)?.strip_prefix(' ')?;
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (parameter, rest) = rest.split_at(end);
    let rest = rest.trim_start_matches(' ');
    let (key, value) = parameter.split_once('=')?;
    let word = !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    (word && !value.is_empty() && (rest.is_empty() || rest.starts_with(['#', ';']))).then_some(parameter)
}

fn write(after: &mut Vec<(String, String, String)>, files: &[(String, String)], path: &str, text: &str) {
    let before = files.iter().find(|(file, _)| file == path).map(|(_, text)| text.clone()).unwrap_or_default();
    after.push((path.to_owned(), before, text.to_owned()));
}

/// Makes comments of the lines that are meant.
fn comment(after: &mut Vec<(String, String, String)>, files: &[(String, String)], meant: impl Fn(&str) -> bool) {
    for (path, text) in files {
        let lines = text.split_inclusive('\n');
        let new: String =
            lines.map(|line| if meant(line.trim_end_matches('\n')) { format!("#{line}") } else { line.to_owned() }).collect();
        if new != *text {
            after.push((path.clone(), text.clone(), new));
        }
    }
}

fn apply(verb: &'static str, args: &Args, parameters: &[String], files: &[(String, String, String)]) -> Flow {
    let mut result = TaskResult::ok();
    for name in ["name", "params", "state"] {
        result = result.field(name, args.needed(name));
    }
    if verb.is_empty() && files.is_empty() {
        return flow::done(result);
    }
    let mut diff: Vec<_> = files.iter().map(|(path, before, after)| flow::diff(path, before, after)).collect();
    let name = args.needed("name");
    match verb {
        "load" => diff.insert(0, flow::diff("modules", "", format!("{name}\n"))),
        "unload" => diff.insert(0, flow::diff("modules", format!("{name}\n"), "")),
        _ => {}
    }
    let mut words = vec![verb.to_owned(), name.to_owned(), parameters.len().to_string()];
    words.extend(parameters.iter().cloned());
    words.extend(files.iter().flat_map(|(path, _, text)| [path.clone(), text.clone()]));
    let written = !files.is_empty();
    flow::change(diff, ScriptCall::new(actions::MODPROBE, words), move |answer| {
        accept(answer.as_ref())?;
        // A name that is no module's own, such as an alias, is not seen in the list afterwards.
        let seen = verb != "load" || answer.is_none_or(|answer| answer.text().contains("loaded"));
        flow::done(TaskResult { changed: written || (seen && !verb.is_empty()), ..result })
    })
}
