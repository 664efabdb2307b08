//! `seport`: types of ports in the policy of `SELinux`, through the host's own `semanage`.

use crate::modules::clients::{self, Clients, refused};
use crate::modules::flow;
use crate::modules::selinux::{self, ports};
use crate::modules::{
    Args, Argument, BLANK, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes,
};
use crate::template::Value;

/// The module.
pub struct Seport;

/// The module.
pub static MODULE: Seport = Seport;

static SPEC: Spec = Spec {
    name: "seport",
    collections: &["community.general", "ansible.builtin"],
    summary: "Sets the types that SELinux gives to ports. Unproven on a real system.",
    arguments: &[
        Argument::list("ports", "Ports and ranges: `8080`, `8080-8090`.").required(),
        Argument::text("proto", "The protocol.").required().choices(&["tcp", "udp", "dccp", "sctp"]),
        Argument::text("setype", "The type.").required(),
        Argument::text("state", "Whether they have it.").default("present").choices(&["absent", "present"]),
        Argument::bool("reload", true, "Has the policy loaded after a change."),
        Argument::bool("ignore_selinux_state", false, "Goes on where SELinux is off."),
        Argument::bool("local", false, "Looks only at what was added to the policy."),
    ],
    returns: &[
        Return { name: "ports", about: "The ports." },
        Return { name: "proto", about: "The protocol." },
        Return { name: "setype", about: "The type." },
        Return { name: "state", about: "What was wanted of them." },
        Return { name: "local", about: "Whether only additions were looked at." },
    ],
    ..BLANK
};

impl Module for Seport {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let scope = if args.bool("local") { "local" } else { "all" };
        flow::ask(Question::new(&probes::SEMANAGE, ["port", scope]), move |answer| {
            let clients = Clients::read(&answer);
            selinux::enabled(&clients, args.bool("ignore_selinux_state"))?;
            clients.require("list", "semanage")?;
            if let Some(list) = clients.find("list").filter(|list| list.rc != 0) {
                return Err(refused(list));
            }
            let mut result = TaskResult::ok();
            for name in ["ports", "proto", "setype", "state", "local"] {
                result = result.field(name, args.value(name).cloned().unwrap_or(Value::Null));
            }
            let commands = commands(&args, &ports::parse(&clients.text("list")), &ports::parse(&clients.text("every")))?;
            if commands.is_empty() {
                return flow::done(result);
            }
            let lines: Vec<String> = commands.iter().map(|command| command.join(" ")).collect();
            clients::change(vec![flow::diff_lines("ports", &[], &lines)], flow::commands(commands), result)
        })
    }
}

fn commands(args: &Args, known: &[ports::Ports], every: &[ports::Ports]) -> Result<Vec<Vec<String>>, ModuleError> {
    let (label, protocol) = (args.needed("setype"), args.needed("proto"));
    let present = args.needed("state") == "present";
    let of_type: Vec<(u32, u32)> = ports::of(known, label, protocol).collect();
    let mut commands = Vec::new();
    for port in args.texts("ports") {
        let wanted = ports::range(&port).ok_or_else(|| ModuleError::new(format!("`{port}` is no port and no range")))?;
        let covered = of_type.iter().any(|range| range.0 <= wanted.0 && wanted.1 <= range.1);
        if if present { covered } else { !of_type.contains(&wanted) } {
            continue;
        }
        let taken = every
            .iter()
            .filter(|ports| ports.protocol == protocol)
            .any(|ports| ports.ranges.contains(&wanted));
        let mut words = flow::words(["semanage", "port"]);
        if !args.bool("reload") {
            words.push("-N".to_owned());
        }
        words.extend(match (present, taken) {
            (true, true) => flow::words(["-m", "-t", label]),
            (true, false) => flow::words(["-a", "-t", label]),
            (false, _) => flow::words(["-d"]),
        });
        words.extend(flow::words(["-p", protocol, &port]));
        commands.push(words);
    }
    Ok(commands)
}
