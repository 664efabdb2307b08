//! What ufw has and what is wanted of it: orders, and whether they would alter anything.

use crate::modules::Args;
use crate::modules::clients::Clients;

/// One order to ufw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its words.
    pub words: Vec<String>,
    /// Whether it alters anything.
    pub changes: bool,
}

/// Where a new rule goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where ufw puts it.
    Last,
    /// Before the rule of that number.
    At(i64),
}

/// The orders, in the order in which they are given: state, default policy, rule, logging.
#[must_use]
pub fn orders(args: &Args, clients: &Clients, rule: Option<Vec<String>>) -> Vec<Order> {
    let mut orders = Vec::new();
    let status = clients.text("status");
    if let Some(state) = args.text("state") {
        let (verb, changes) = match state {
            "enabled" => ("enable", !status.contains(" active")),
            "disabled" => ("disable", status.contains(" active")),
            "reloaded" => ("reload", true),
            _ => ("reset", true),
        };
        orders.push(Order { words: vec!["-f".to_owned(), verb.to_owned()], changes });
    }
    if let Some(policy) = args.text("default") {
        let direction = args.text("direction");
        let mut words = vec!["default".to_owned(), policy.to_owned()];
        words.extend(direction.map(str::to_owned));
        let changes = default_policy(&clients.text("defaults"), direction.unwrap_or("incoming")) != Some(policy);
        orders.push(Order { words, changes });
    }
    if let Some(words) = rule {
        let dry = clients.text("dry");
        let changes = alters(&clients.said("rules").text(), &dry, args);
        orders.push(Order { words, changes });
    }
    if let Some(level) = args.text("logging") {
        let conf = clients.text("conf");
        let current = setting(&conf, "LOGLEVEL").unwrap_or("off");
        let changes = if level == "on" { current == "off" } else { level != current };
        orders.push(Order { words: vec!["logging".to_owned(), level.to_owned()], changes });
    }
    orders
}

/// The value of a line `NAME="VALUE"`.
fn setting<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| Some(line.trim().strip_prefix(name)?.strip_prefix('=')?.trim_matches('"')))
}

fn default_policy(defaults: &str, direction: &str) -> Option<&'static str> {
    let name = match direction {
        "outgoing" => "DEFAULT_OUTPUT_POLICY",
        "routed" => "DEFAULT_FORWARD_POLICY",
        _ => "DEFAULT_INPUT_POLICY",
    };
    Some(match setting(defaults, name)? {
        "ACCEPT" | "ACCEPT_NO_TRACK" => "allow",
        "REJECT" => "reject",
        _ => "deny",
    })
}

/// The words of the rule that the arguments describe.
#[must_use]
pub fn rule(args: &Args, place: Place, comments: bool) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut add = |parts: &[&str]| words.extend(parts.iter().map(|part| (*part).to_owned()));
    if args.bool("route") {
        add(&["route"]);
    }
    if args.bool("delete") {
        add(&["delete"]);
    }
    if let Place::At(number) = place {
        add(&["insert", &number.to_string()]);
    }
    add(&[args.needed("rule")]);
    for (name, before) in [
        ("direction", &[][..]),
        ("interface", &["on"]),
        ("interface_in", &["in", "on"]),
        ("interface_out", &["out", "on"]),
    ] {
        if let Some(value) = args.text(name) {
            add(before);
            add(&[value]);
        }
    }
    if args.bool("log") {
        add(&["log"]);
    }
    for (name, option) in [
        ("from_ip", "from"),
        ("from_port", "port"),
        ("to_ip", "to"),
        ("to_port", "port"),
        ("proto", "proto"),
        ("name", "app"),
        ("comment", "comment"),
    ] {
        if let Some(value) = args.text(name).filter(|value| !value.is_empty() && (name != "comment" || comments)) {
            add(&[option, value]);
        }
    }
    words
}

/// Whether `ufw` is one that takes comments: 0.35 and later.
#[must_use]
pub fn takes_comments(version: &str) -> bool {
    let line = version.lines().find(|line| line.starts_with("ufw")).unwrap_or_default();
    let number = line.split_whitespace().last().unwrap_or_default();
    let mut parts = number.split('.').map(|part| part.parse::<u64>().unwrap_or_default());
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    major > 0 || minor >= 35
}

/// The place of a new rule, given the list of `ufw status numbered`.
#[must_use]
pub fn place(args: &Args, numbered: &str) -> Place {
    let Some(insert) = args.int("insert").filter(|_| !args.bool("delete")) else { return Place::Last };
    let relative = args.needed("insert_relative_to");
    if relative == "zero" {
        return Place::At(insert);
    }
    let lines: Vec<(i64, bool)> = numbered.lines().filter_map(numbered_line).collect();
    let (four, six) = (|line: &&(i64, bool)| !line.1, |line: &&(i64, bool)| line.1);
    let last = lines.iter().map(|line| line.0).max().unwrap_or(0);
    let last_four = lines.iter().filter(four).map(|line| line.0).max();
    let first_six = lines.iter().filter(six).map(|line| line.0).min();
    let last_six = lines.iter().filter(six).map(|line| line.0).max();
    let base = match relative {
        "first-ipv4" => 1,
        "last-ipv4" => last_four.unwrap_or(1),
        "first-ipv6" => first_six.unwrap_or_else(|| last_four.map_or(1, |last| last + 1)),
        _ => last_six.unwrap_or(last + 1),
    };
    // ufw takes no number above the last one.
    Some(insert.saturating_add(base)).filter(|place| *place <= last).map_or(Place::Last, Place::At)
}

fn numbered_line(line: &str) -> Option<(i64, bool)> {
    let (number, rest) = line.strip_prefix('[')?.split_once("] ")?;
    Some((number.trim().parse().ok()?, rest.contains("(v6)") || has_address(rest, 6)))
}

/// Whether ufw's rehearsal says that its rules would be other ones.
fn alters(rules: &str, dry: &str, args: &Args) -> bool {
    let idle = |line: &str| line.contains("Skipping") || line.starts_with("Could not delete non-existent rule");
    if !dry.is_empty() && dry.lines().all(idle) {
        return false;
    }
    let addresses = [args.needed("from_ip"), args.needed("to_ip")];
    let starts = |version: u8| addresses.iter().any(|address| starts_with_address(address, version));
    let family = if starts(4) {
        Some(4)
    } else if starts(6) {
        Some(6)
    } else {
        None
    };
    // The rehearsal shows the rules of one family where an address is of that family.
    let kept = |text: &str| -> Vec<String> {
        let tuples = text.lines().filter(|line| line.starts_with("### tuple"));
        tuples.filter(|line| family.is_none_or(|family| has_address(line, family))).map(str::to_owned).collect()
    };
    kept(rules) != kept(dry)
}

fn has_address(line: &str, version: u8) -> bool {
    line.split([' ', '/']).any(|word| word.parse::<std::net::IpAddr>().is_ok_and(|found| of_version(&found, version)))
}

fn starts_with_address(text: &str, version: u8) -> bool {
    let address = text.split('/').next().unwrap_or_default();
    address.parse().is_ok_and(|found| of_version(&found, version))
}

fn of_version(address: &std::net::IpAddr, version: u8) -> bool {
    if version == 4 { address.is_ipv4() } else { address.is_ipv6() }
}
