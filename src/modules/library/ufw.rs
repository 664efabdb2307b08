//! `ufw`: the firewall of Ubuntu and Debian, through the host's own `ufw`.

use std::sync::Arc;

use crate::modules::clients::{Clients, accept, missing, refused};
use crate::modules::firewalls::ufw::{self, Order, Place};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct Ufw;

/// The module.
pub static MODULE: Ufw = Ufw;

static SPEC: Spec = Spec {
    name: "ufw",
    collections: &["community.general", "ansible.builtin"],
    summary: "Sets rules, policies and the state of ufw.",
    arguments: &[
        Argument::text("state", "`reloaded` and `reset` always change it.").choices(&[
            "enabled", "disabled", "reloaded", "reset",
        ]),
        Argument::text("default", "What becomes of what no rule matches.").aliases(&["policy"]).choices(&[
            "allow", "deny", "reject",
        ]),
        Argument::text("logging", "How much is logged.").choices(&["full", "high", "low", "medium", "off", "on"]),
        Argument::text("direction", "Of the policy, or `in` and `out` of the rule.").choices(&[
            "in", "incoming", "out", "outgoing", "routed",
        ]),
        Argument::bool("delete", false, "Removes the rule."),
        Argument::bool("route", false, "The rule is for packets that pass through."),
        Argument::int("insert", "The place of a new rule."),
        Argument::text("insert_relative_to", "What `insert` counts from.").default("zero").choices(&[
            "zero", "first-ipv4", "last-ipv4", "first-ipv6", "last-ipv6",
        ]),
        Argument::text("rule", "What becomes of packets.").choices(&["allow", "deny", "limit", "reject"]),
        Argument::text("interface", "Interface of the rule.").aliases(&["if"]),
        Argument::text("interface_in", "Interface they come by.").aliases(&["if_in"]),
        Argument::text("interface_out", "Interface they leave by.").aliases(&["if_out"]),
        Argument::bool("log", false, "Logs new connections that match."),
        Argument::text("from_ip", "Address of the sender.").default("any").aliases(&["from", "src"]),
        Argument::text("from_port", "Port of the sender."),
        Argument::text("to_ip", "Address of the receiver.").default("any").aliases(&["dest", "to"]),
        Argument::text("to_port", "Port of the receiver.").aliases(&["port"]),
        Argument::text("proto", "Protocol.").aliases(&["protocol"]).choices(&[
            "ah", "any", "esp", "ipv6", "tcp", "udp", "gre", "igmp", "vrrp",
        ]),
        Argument::text("name", "A profile of an application.").aliases(&["app"]),
        Argument::text("comment", "A comment in the rule."),
    ],
    rules: &[
        Rule::Exclusive(&["name", "proto", "logging"]),
        Rule::Exclusive(&["direction", "interface_in"]),
        Rule::Exclusive(&["direction", "interface_out"]),
        Rule::OneOf(&["state", "default", "rule", "logging"]),
        Rule::By("interface", &["direction"]),
    ],
    returns: &[
        Return { name: "msg", about: "What `ufw status verbose` says afterwards." },
        Return { name: "commands", about: "The orders to ufw." },
    ],
    ..BLANK
};

impl Module for Ufw {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        check(&args)?;
        let relative = args.is_given("rule") && args.is_given("insert") && args.needed("insert_relative_to") != "zero";
        if relative && !args.bool("delete") {
            let check = context.check;
            return flow::ask(Question::new(&probes::UFW, ["numbered"]), move |answer| {
                let numbered = Clients::read(&answer).text("numbered");
                rehearse(args.clone(), ufw::place(&args, &numbered), check)
            });
        }
        let place = ufw::place(&args, "");
        rehearse(args, place, context.check)
    }
}

fn check(args: &Args) -> Result<(), ModuleError> {
    let direction = args.text("direction");
    if args.is_given("default") && matches!(direction, Some("in" | "out")) {
        return Err(ModuleError::new(
            "For default, direction must be one of \"outgoing\", \"incoming\" and \"routed\", or direction must not be \
             specified.",
        ));
    }
    if args.is_given("rule") && !matches!(direction, Some("in" | "out") | None) {
        return Err(ModuleError::new(
            "For rules, direction must be one of \"in\" and \"out\", or direction must not be specified.",
        ));
    }
    if args.is_given("rule") && !args.bool("route") && args.is_given("interface_in") && args.is_given("interface_out") {
        return Err(ModuleError::new("Only route rules can combine interface_in and interface_out"));
    }
    Ok(())
}

/// Asks what ufw has and what it would do.
fn rehearse(args: Arc<Args>, place: Place, check: bool) -> Flow {
    let rule = args.is_given("rule").then(|| ufw::rule(&args, place, true));
    let words = std::iter::once(String::new()).chain(rule.iter().flatten().cloned());
    flow::ask(Question::new(&probes::UFW, words), move |answer| {
        let clients = Clients::read(&answer);
        if !clients.holds("tool") {
            return Err(missing("ufw"));
        }
        accept(clients.find("status"))?;
        let comments = ufw::takes_comments(&clients.text("version"));
        let rule = rule.map(|words| if comments { words } else { ufw::rule(&args, place, false) });
        if let Some(dry) = clients.find("dry").filter(|dry| dry.rc != 0 && comments) {
            return Err(refused(dry));
        }
        act(&ufw::orders(&args, &clients, rule), &clients, check)
    })
}

fn act(orders: &[Order], clients: &Clients, check: bool) -> Flow {
    let status = clients.text("status");
    let result = TaskResult::ok().field("commands", commands(orders, clients, check));
    let result = if check { result } else { result.message(status.trim_end()) };
    let due: Vec<&Order> = orders.iter().filter(|order| order.changes).collect();
    if due.is_empty() {
        return flow::done(result);
    }
    let lines: Vec<String> = due.iter().map(|order| format!("ufw {}", order.words.join(" "))).collect();
    let mut words = Vec::new();
    for order in &due {
        words.push(order.words.len().to_string());
        words.extend(order.words.iter().cloned());
    }
    let always = due.iter().any(|order| matches!(order.words.last().map(String::as_str), Some("reload" | "reset")));
    let rules = clients.said("rules").text().into_owned();
    let diff = flow::diff_lines("ufw", &[], &lines);
    flow::change(vec![diff], ScriptCall::new(actions::UFW, words), move |answer| {
        let Some(answer) = answer else { return flow::done(TaskResult { changed: true, ..result }) };
        accept(Some(&answer))?;
        let now = Clients::read(&answer);
        let after = now.text("status");
        // As Ansible does: a change is what ufw itself shows of it.
        let changed = always || after != status || now.said("rules").text() != rules;
        flow::done(TaskResult { changed, ..result }.message(after.trim_end()))
    })
}

/// The commands that Ansible would run.
fn commands(orders: &[Order], clients: &Clients, check: bool) -> Value {
    let tool = |name: &str| clients.text(name).trim().to_owned();
    let (ufw, grep) = (tool("tool"), tool("grep"));
    let files = ["lib", "etc", "var/lib"].map(|folder| format!("/{folder}/ufw/user.rules /{folder}/ufw/user6.rules"));
    let rules = format!("{grep} -h '^### tuple' {}", files.join(" "));
    let status = format!("{ufw} status verbose");
    let mut commands = vec![status.clone(), rules.clone()];
    for order in orders {
        if order.words.iter().any(|word| word == "from") {
            commands.push(format!("{ufw} --version"));
        } else if check {
            continue;
        }
        let dry = if check { " --dry-run" } else { "" };
        let quoted = |index: usize, word: &String| match index.checked_sub(1).map(|last| order.words[last].as_str()) {
            Some("app" | "comment") => format!("'{word}'"),
            _ => word.clone(),
        };
        let words: Vec<String> = order.words.iter().enumerate().map(|(index, word)| quoted(index, word)).collect();
        commands.push(format!("{ufw}{dry} {}", words.join(" ")));
    }
    if !check {
        commands.push(status);
        // Where a change is certain it asks for no rules afterwards.
        let certain = |order: &Order| match order.words.first().map(String::as_str) {
            Some("-f") => matches!(order.words.last().map(String::as_str), Some("reload" | "reset")),
            Some("logging") => order.changes,
            _ => false,
        };
        commands.extend((!orders.iter().any(certain)).then_some(rules));
    }
    Value::list(commands.into_iter().map(Value::text).collect())
}
