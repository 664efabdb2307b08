//! A tree as text, for cases.

use std::fmt::Write as _;

use crate::playbook::{Action, Arguments, Entry, Handler, Keywords, LoopSource, Playbook, Task};
use crate::template::{Dict, Value};

/// The outline of a playbook.
pub fn of(playbook: &Playbook) -> String {
    let mut out = String::new();
    for play in &playbook.plays {
        let name = play.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        line(&mut out, 0, &format!("play{name} hosts={}{}", play.hosts.repr(), keywords(&play.root.keywords)));
        for role in &play.roles {
            line(&mut out, 1, &format!("role {} {}{}", role.name, role.directory.display(), dict("", &role.params)));
        }
        for (name, entries) in [
            ("pre_tasks", &play.pre_tasks),
            ("roles", &play.role_tasks),
            ("tasks", &play.tasks),
            ("post_tasks", &play.post_tasks),
        ] {
            if !entries.is_empty() {
                line(&mut out, 1, name);
                list(&mut out, 2, entries);
            }
        }
        if !play.handlers.is_empty() {
            line(&mut out, 1, "handlers");
            play.handlers.iter().for_each(|handler| of_handler(&mut out, handler));
        }
    }
    out
}

fn line(out: &mut String, depth: usize, text: &str) {
    writeln!(out, "{:depth$}{text}", "", depth = depth * 2).unwrap();
}

fn list(out: &mut String, depth: usize, entries: &[Entry]) {
    for entry in entries {
        match entry {
            Entry::Task(found) => line(out, depth, &task(found)),
            Entry::Block(block) => {
                let role = block.parent.role.as_ref().map(|role| format!(" of {}", role.name)).unwrap_or_default();
                line(out, depth, &format!("block{role}{}", keywords(&block.parent.keywords)));
                list(out, depth + 1, &block.body);
                for (name, entries) in [("rescue", &block.rescue), ("always", &block.always)] {
                    if !entries.is_empty() {
                        line(out, depth, name);
                        list(out, depth + 1, entries);
                    }
                }
            }
        }
    }
}

fn of_handler(out: &mut String, handler: &Handler) {
    let listen = if handler.listen.is_empty() { String::new() } else { values(" listen", &handler.listen) };
    line(out, 2, &format!("{}{listen}", task(&handler.task)));
}

/// One line about a task.
pub fn task(task: &Task) -> String {
    let mut out = task.name.as_ref().map(|name| format!("[{name}] ")).unwrap_or_default();
    match &task.action {
        Action::Module(module, given) => out += &[module.spec().name, &arguments(given)].concat(),
        Action::Named(name, given) => out += &["<", &name.to_string(), ">", &arguments(given)].concat(),
        Action::Include(include) => {
            let apply = keywords(&include.apply);
            let apply = if apply.is_empty() { apply } else { format!(" apply:{apply}") };
            let kind = format!("{:?}", include.kind);
            out += &["include ", &kind, &arguments(&include.arguments), &apply].concat();
        }
        Action::Meta(word) => out += &["meta ", &word.to_string()].concat(),
    }
    out.push_str(&keywords(&task.keywords));
    if let Some(repeat) = &task.repeat {
        let source = match &repeat.source {
            LoopSource::List => "loop".to_owned(),
            LoopSource::Lookup(lookup) => format!("with_{lookup}"),
        };
        out += &[" ", &source, "=", &repeat.value.repr()].concat();
    }
    for (name, conditions) in
        [("changed_when", &task.changed_when), ("failed_when", &task.failed_when), ("until", &task.until)]
    {
        out.push_str(
            &conditions.as_ref().map(|conditions| values(&format!(" {name}"), conditions)).unwrap_or_default(),
        );
    }
    out.push_str(&task.register.as_ref().map(|name| format!(" register={name}")).unwrap_or_default());
    if !task.notify.is_empty() {
        out.push_str(&values(" notify", &task.notify));
    }
    out
}

fn arguments(arguments: &Arguments) -> String {
    let whole = arguments.whole.as_ref().map(|whole| format!(" **{whole}")).unwrap_or_default();
    dict("", &arguments.named) + &whole
}

fn dict(name: &str, dict: &Dict) -> String {
    dict.iter().map(|(key, value)| [" ", name, &key.to_string(), "=", &value.repr()].concat()).collect()
}

fn values(name: &str, values: &[Value]) -> String {
    format!("{name}={}", Value::list(values.to_vec()).repr())
}

fn keywords(keywords: &Keywords) -> String {
    let mut out = String::new();
    for (name, value) in [
        ("become", &keywords.r#become),
        ("become_user", &keywords.become_user),
        ("become_method", &keywords.become_method),
        ("connection", &keywords.connection),
        ("remote_user", &keywords.remote_user),
        ("check_mode", &keywords.check_mode),
        ("no_log", &keywords.no_log),
        ("ignore_errors", &keywords.ignore_errors),
        ("run_once", &keywords.run_once),
        ("delegate_to", &keywords.delegate_to),
    ] {
        out.push_str(&value.as_ref().map(|value| format!(" {name}={}", value.repr())).unwrap_or_default());
    }
    for (name, list) in [
        (" when", &keywords.when),
        (" tags", &keywords.tags),
        (" environment", &keywords.environment),
        (" module_defaults", &keywords.module_defaults),
    ] {
        if !list.is_empty() {
            out.push_str(&values(name, list));
        }
    }
    out + &keywords.vars.as_ref().map(|vars| dict("vars.", vars)).unwrap_or_default()
}
