//! `firewalld`: zones of firewalld, through the host's own `firewall-cmd`, or `firewall-offline-cmd` where it does not
//! run.

use crate::modules::clients::{Clients, accept, missing, refused};
use crate::modules::firewalls::firewalld::{Item, Subject, subject};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Kind, Module, ModuleError, Question, Rule, Spec, Step, TaskContext, TaskResult,
    probes,
};

/// The module.
pub struct Firewalld;

/// The module.
pub static MODULE: Firewalld = Firewalld;

const FORWARD: &[Argument] = &[
    Argument::text("port", "The port.").required(),
    Argument::text("proto", "The protocol.").required().choices(&["udp", "tcp"]),
    Argument::text("toport", "The port it goes to.").required(),
    Argument::text("toaddr", "The address it goes to."),
];

static SPEC: Spec = Spec {
    name: "firewalld",
    collections: &["ansible.posix", "ansible.builtin"],
    summary: "Sets what zones of firewalld let through. Unproven on a real system.",
    arguments: &[
        Argument::text("state", "`present` and `absent` are for zones, the others for what they have.")
            .required()
            .choices(&["absent", "disabled", "enabled", "present"]),
        Argument::text("service", "A service."),
        Argument::text("protocol", "A protocol."),
        Argument::text("port", "A port or range: `8080/tcp`."),
        Argument::of("port_forward", Kind::DictList(FORWARD), "A port that is passed on; one at a time."),
        Argument::text("rich_rule", "A rule of the rich language."),
        Argument::text("source", "A network whose packets belong to the zone."),
        Argument::text("interface", "An interface of the zone."),
        Argument::text("icmp_block", "A type of ICMP that is blocked."),
        Argument::of("icmp_block_inversion", Kind::Bool, "Whether only those types are let through."),
        Argument::text("zone", "The zone; else the default one."),
        Argument::bool("permanent", false, "Whether it lasts beyond the next start."),
        Argument::bool("immediate", false, "Whether it is so at once; without `permanent` it always is."),
        Argument::int("timeout", "Seconds after which it ends, when it does not last.").default("0"),
        Argument::of("forward", Kind::Bool, "Whether packets pass within the zone."),
        Argument::of("masquerade", Kind::Bool, "Whether addresses are masqueraded."),
        Argument::bool("offline", false, "Goes on where firewalld does not run; needs `permanent`."),
        Argument::text("target", "What becomes of other packets of the zone.").choices(&[
            "default", "ACCEPT", "DROP", "%%REJECT%%",
        ]),
    ],
    rules: &[
        Rule::By("interface", &["zone"]),
        Rule::By("target", &["zone"]),
        Rule::By("source", &["permanent"]),
        Rule::Exclusive(&[
            "icmp_block", "icmp_block_inversion", "service", "protocol", "port", "port_forward", "rich_rule",
            "interface", "forward", "masquerade", "source", "target",
        ]),
    ],
    ..BLANK
};

impl Module for Firewalld {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        if args.bool("offline") && !args.bool("permanent") {
            return Err(ModuleError::new("offline cannot be enabled unless permanent changes are allowed"));
        }
        let question = match subject(&args, "")? {
            Subject::Item(item) => item.option("query"),
            Subject::Target(_) => "--get-target".to_owned(),
            Subject::Zone | Subject::None => "--get-default-zone".to_owned(),
        };
        let zone = if question == "--get-default-zone" { "" } else { args.needed("zone") };
        let scopes = Scopes::of(&args);
        let words = [zone, &question, scopes.letters()].map(str::to_owned);
        flow::ask(Question::new(&probes::FIREWALLD, words), move |answer| {
            let clients = Clients::read(&answer);
            if !clients.holds("tool") {
                return Err(missing("firewall-cmd"));
            }
            decide(&args, scopes, &clients)
        })
    }
}

/// Where it is to be so.
#[derive(Clone, Copy)]
struct Scopes {
    permanent: bool,
    immediate: bool,
}

impl Scopes {
    fn of(args: &Args) -> Self {
        let permanent = args.bool("permanent");
        Self { permanent, immediate: args.bool("immediate") || !permanent }
    }

    fn letters(self) -> &'static str {
        match (self.permanent, self.immediate) {
            (true, true) => "pi",
            (true, false) => "p",
            _ => "i",
        }
    }
}

fn decide(args: &Args, mut scopes: Scopes, clients: &Clients) -> Flow {
    let offline = !clients.holds("state");
    if offline && args.bool("offline") {
        scopes.immediate = false;
    }
    if offline && scopes.immediate {
        return Err(ModuleError::new(
            "firewall is not currently running, unable to perform immediate actions without a running firewall daemon",
        ));
    }
    let default_zone = clients.text("zone");
    let zone = args.text("zone").unwrap_or(default_zone.trim());
    let about = match (scopes.permanent, scopes.immediate) {
        (true, true) => "Permanent and Non-Permanent(immediate) operation",
        (true, false) => "Permanent operation",
        _ => "Non-permanent operation",
    };
    let subject = subject(args, zone)?;
    if matches!(subject, Subject::Target(_) | Subject::Zone) && scopes.immediate {
        return Err(ModuleError::new(
            "Zone operations must be permanent. Make sure you didn't set the 'permanent' flag to 'false' or the \
             'immediate' flag to 'true'.",
        ));
    }
    let (orders, said) = match &subject {
        Subject::Item(item) => items(args, item, scopes, clients, offline)?,
        Subject::Target(target) => targets(args, target, zone, clients)?,
        Subject::Zone => zones(args, zone, clients),
        Subject::None => return flow::done(TaskResult::ok().message("")),
    };
    let mut messages = vec![about.to_owned()];
    if !orders.is_empty() {
        messages.extend(said);
    }
    if offline {
        messages.push("(offline operation: only on-disk configs were altered)".to_owned());
    }
    let result = TaskResult::ok().message(messages.join(", "));
    if orders.is_empty() {
        return flow::done(result);
    }
    let commands: Vec<Vec<String>> = orders.into_iter().map(|order| command(args, order, offline)).collect();
    let lines: Vec<String> = commands.iter().map(|command| command.join(" ")).collect();
    flow::change(vec![flow::diff_lines("firewalld", &[], &lines)], flow::commands(commands), move |answer| {
        accept(answer.as_ref()).map_err(caught)?;
        flow::done(TaskResult { changed: true, ..result })
    })
}

/// Options of one call, and whether it is for what lasts.
struct Order {
    options: Vec<String>,
    permanent: bool,
    /// Whether the call names the zone.
    zoned: bool,
}

fn command(args: &Args, order: Order, offline: bool) -> Vec<String> {
    let program = if offline { "firewall-offline-cmd" } else { "firewall-cmd" };
    let mut words = flow::words([program]);
    if order.permanent && !offline {
        words.push("--permanent".to_owned());
    }
    if order.zoned {
        words.extend(args.text("zone").map(|zone| format!("--zone={zone}")));
    }
    words.extend(order.options);
    words
}

fn items(
    args: &Args,
    item: &Item,
    scopes: Scopes,
    clients: &Clients,
    offline: bool,
) -> Result<(Vec<Order>, Vec<String>), ModuleError> {
    let verb = if item.wanted { "add" } else { "remove" };
    let timeout = args.int("timeout").filter(|seconds| *seconds > 0 && item.timed && item.wanted && !offline);
    let mut orders = Vec::new();
    for (scope, permanent, asked) in
        [("permanent", true, scopes.permanent), ("immediate", false, scopes.immediate)]
    {
        if !asked || there(&clients.said(scope))? == item.wanted {
            continue;
        }
        let mut options = vec![item.option(verb)];
        options.extend(timeout.filter(|_| !permanent).map(|seconds| format!("--timeout={seconds}")));
        orders.push(Order { options, permanent, zoned: true });
    }
    Ok((orders, vec![item.message.clone()]))
}

/// Whether the answer to `--query-…` is yes.
fn there(said: &Answer) -> Result<bool, ModuleError> {
    match (said.rc, said.text().trim()) {
        (0, _) => Ok(true),
        (1, "no" | "") if said.errors().trim().is_empty() || said.errors().trim() == "no" => Ok(false),
        _ => Err(caught(refused(said))),
    }
}

fn caught(error: ModuleError) -> ModuleError {
    let said = error.message.trim_start_matches("Error: ");
    let hint = if said.contains("INVALID_SERVICE") {
        " Services are defined by port/tcp relationship and named as they are in /etc/services (on most systems)"
    } else {
        ""
    };
    ModuleError { message: format!("ERROR: Exception caught: {said}{hint}"), ..error }
}

fn targets(args: &Args, target: &str, zone: &str, clients: &Clients) -> Result<(Vec<Order>, Vec<String>), ModuleError> {
    let said = clients.said("permanent");
    accept(Some(&said)).map_err(caught)?;
    let current = said.text().trim().to_owned();
    let present = matches!(args.needed("state"), "present" | "enabled");
    let wanted = if present { target } else { "default" };
    let differs = if present { current != target } else { current == target && target != "default" };
    let message = if present {
        format!("Set zone {zone} target to {target}")
    } else {
        format!("Reset zone {zone} target to default")
    };
    let order = Order { options: vec![format!("--set-target={wanted}")], permanent: true, zoned: true };
    Ok((differs.then_some(order).into_iter().collect(), vec![message]))
}

fn zones(args: &Args, zone: &str, clients: &Clients) -> (Vec<Order>, Vec<String>) {
    let there = clients.text("zones").split_whitespace().any(|name| name == zone);
    let present = args.needed("state") == "present";
    let (option, message) = if present {
        (format!("--new-zone={zone}"), format!("Added zone {zone}"))
    } else {
        (format!("--delete-zone={zone}"), format!("Removed zone {zone}"))
    };
    let order = Order { options: vec![option], permanent: true, zoned: false };
    let messages = vec![message, format!("Changed zone {zone} to {}", args.needed("state"))];
    ((there != present).then_some(order).into_iter().collect(), messages)
}
