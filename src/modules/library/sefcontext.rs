//! `sefcontext`: contexts of files in the policy of `SELinux`, through the host's own `semanage`.

use crate::modules::clients::{self, Clients, refused};
use crate::modules::flow;
use crate::modules::selinux::{self, contexts::{self, Context}};
use crate::modules::{
    Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, Spec, Step, TaskContext, TaskResult, probes,
};
use crate::template::Value;

/// The module.
pub struct Sefcontext;

/// The module.
pub static MODULE: Sefcontext = Sefcontext;

static SPEC: Spec = Spec {
    name: "sefcontext",
    collections: &["community.general", "ansible.builtin"],
    summary: "Sets the contexts that SELinux gives to paths; files get them by `restorecon`. Unproven on a real system.",
    arguments: &[
        Argument::text("target", "The paths: a regular expression.").required().aliases(&["path"]),
        Argument::text("ftype", "The kind of file, as `semanage` names it.").default("a").choices(&[
            "a", "b", "c", "d", "f", "l", "p", "s",
        ]),
        Argument::text("setype", "The type; `<<none>>` for no context."),
        Argument::text("substitute", "The path that it is treated as.").aliases(&["equal"]),
        Argument::text("seuser", "The user."),
        Argument::text("selevel", "The level.").aliases(&["serange"]),
        Argument::text("state", "Whether it is set.").default("present").choices(&["absent", "present"]),
        Argument::bool("reload", true, "Has the policy loaded after a change."),
        Argument::bool("ignore_selinux_state", false, "Goes on where SELinux is off."),
    ],
    rules: &[
        Rule::Exclusive(&["setype", "substitute"]),
        Rule::Exclusive(&["substitute", "ftype"]),
        Rule::Exclusive(&["substitute", "seuser"]),
        Rule::Exclusive(&["substitute", "selevel"]),
        Rule::IfOneOf("state", "present", &["setype", "substitute"]),
    ],
    returns: &[
        Return { name: "target", about: "The paths." },
        Return { name: "ftype", about: "The kind of file." },
        Return { name: "setype", about: "The type." },
        Return { name: "substitute", about: "The path that it is treated as." },
        Return { name: "seuser", about: "The user, when it is set." },
        Return { name: "serange", about: "The level, when it is set." },
        Return { name: "state", about: "What was wanted of it." },
    ],
    ..BLANK
};

impl Module for Sefcontext {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let question = Question { limit: 4 * 1024 * 1024, ..Question::new(&probes::SEMANAGE, ["fcontext", "all"]) };
        flow::ask(question, move |answer| {
            let clients = Clients::read(&answer);
            selinux::enabled(&clients, args.bool("ignore_selinux_state"))?;
            clients.require("list", "semanage")?;
            if let Some(list) = clients.find("list").filter(|list| list.rc != 0) {
                return Err(refused(list));
            }
            let mut result = TaskResult::ok();
            for name in ["target", "ftype", "setype", "substitute", "state"] {
                result = result.field(name, args.value(name).cloned().unwrap_or(Value::Null));
            }
            let list = clients.text("list");
            let orders = if args.needed("state") == "absent" {
                remove(&args, &list)
            } else if let Some(substitute) = args.text("substitute") {
                equal(&args, &list, substitute)
            } else {
                let (orders, wanted) = add(&args, &list);
                result = result
                    .field("seuser", wanted.user.map_or(Value::Null, Value::text))
                    .field("serange", wanted.level.map_or(Value::Null, Value::text));
                orders
            };
            if orders.is_empty() {
                return flow::done(result);
            }
            let lines = |pick: fn(&Order) -> &String| {
                orders.iter().map(pick).filter(|line| !line.is_empty()).cloned().collect::<Vec<_>>()
            };
            let diff = flow::diff_lines("fcontext", &lines(|order| &order.before), &lines(|order| &order.after));
            let commands: Vec<Vec<String>> = orders.into_iter().map(|order| command(&args, order.words)).collect();
            clients::change(vec![diff], flow::commands(commands), result)
        })
    }
}

/// Words for `semanage fcontext`, and lines before and after.
struct Order {
    words: Vec<String>,
    before: String,
    after: String,
}

fn command(args: &Args, words: Vec<String>) -> Vec<String> {
    let still = (!args.bool("reload")).then(|| "-N".to_owned());
    let target = args.needed("target").to_owned();
    flow::words(["semanage", "fcontext"]).into_iter().chain(still).chain(words).chain([target]).collect()
}

fn line(args: &Args, context: &Context) -> String {
    format!("{}      {}      {}", args.needed("target"), args.needed("ftype"), context.show())
}

/// Orders for the wanted context, and that context.
fn add(args: &Args, list: &str) -> (Vec<Order>, Context) {
    let (target, kind, label) = (args.needed("target"), args.needed("ftype"), args.needed("setype"));
    let found = contexts::find(list, target, kind);
    let old = found.clone().unwrap_or(Context {
        user: Some("system_u".to_owned()),
        role: Some("object_r".to_owned()),
        level: Some("s0".to_owned()),
        ..Context::default()
    });
    let wanted = Context {
        user: args.text("seuser").map(str::to_owned).or(old.user.clone()),
        role: old.role.clone(),
        label: label.to_owned(),
        level: args.text("selevel").map(str::to_owned).or(old.level.clone()),
    };
    let none = |label: &str| label.eq_ignore_ascii_case("<<none>>");
    let same_type = wanted.label == old.label || (none(&wanted.label) && none(&old.label));
    if found.is_some() && same_type && wanted.user == old.user && wanted.level == old.level {
        return (Vec::new(), wanted);
    }
    let verb = if found.is_some() { "-m" } else { "-a" };
    let user = wanted.user.as_deref().unwrap_or("system_u");
    let level = wanted.level.as_deref().unwrap_or("s0");
    let words = flow::words([verb, "-t", label, "-f", kind, "-r", level, "-s", user]);
    let before = found.map_or(String::new(), |old| line(args, &old));
    let after = line(args, &wanted);
    (vec![Order { words, before, after }], wanted)
}

fn equal(args: &Args, list: &str, substitute: &str) -> Vec<Order> {
    let target = args.needed("target");
    let found = contexts::substitute(list, target);
    if found == Some(substitute) {
        return Vec::new();
    }
    let verb = if found.is_some() { "-m" } else { "-a" };
    let show = |other: &str| format!("{target} = {other}");
    let words = flow::words([verb, "-e", substitute]);
    vec![Order { words, before: found.map(show).unwrap_or_default(), after: show(substitute) }]
}

fn remove(args: &Args, list: &str) -> Vec<Order> {
    let (target, kind) = (args.needed("target"), args.needed("ftype"));
    let mut orders = Vec::new();
    let gone = |words: Vec<String>, before: String| Order { words, before, after: String::new() };
    if let Some(context) = contexts::find(list, target, kind).filter(|_| !args.is_given("substitute")) {
        orders.push(gone(flow::words(["-d", "-f", kind]), line(args, &context)));
    }
    let substitute = contexts::substitute(list, target).filter(|_| !args.is_given("setype"));
    let meant = |found: &&str| args.text("substitute").is_none_or(|wanted| wanted == *found);
    if let Some(found) = substitute.filter(meant) {
        orders.push(gone(flow::words(["-d", "-e", found]), format!("{target} = {found}")));
    }
    orders
}
