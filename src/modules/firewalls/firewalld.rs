//! What tasks want of firewalld, as options of `firewall-cmd`.

use crate::modules::{Args, ModuleError};
use crate::template::Value;

/// One thing that a zone has or has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The option's name without `--query-`, `--add-` or `--remove-`.
    pub name: &'static str,
    /// Its value; none where it has none.
    pub value: Option<String>,
    /// Whether it is to be there.
    pub wanted: bool,
    /// Whether it may end by itself.
    pub timed: bool,
    /// What the message says of a change.
    pub message: String,
}

/// What the task is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Something in a zone.
    Item(Item),
    /// The target of a zone.
    Target(String),
    /// The zone itself.
    Zone,
    /// Nothing.
    None,
}

/// Arguments that name one thing in a zone: the argument, the option, what it is called in messages.
const NAMED: [(&str, &str, &str); 6] = [
    ("icmp_block", "icmp-block", "icmp-block"),
    ("service", "service", "service"),
    ("protocol", "protocol", "protocol"),
    ("port", "port", "port"),
    ("rich_rule", "rich-rule", "rich_rule"),
    ("source", "source", ""),
];

/// What the arguments are about; `zone` is the one that messages name.
///
/// # Errors
/// When they make no sense.
pub fn subject(args: &Args, zone: &str) -> Result<Subject, ModuleError> {
    let state = args.needed("state");
    let enabled = state == "enabled";
    let zone_level = matches!(state, "present" | "absent");
    let given = ["icmp_block", "service", "protocol", "port", "port_forward", "rich_rule", "interface", "source"];
    let flags = ["icmp_block_inversion", "forward", "masquerade"];
    let about = given.iter().any(|name| args.is_given(name)) || flags.iter().any(|name| args.bool(name));
    if zone_level && about {
        return Err(ModuleError::new("absent and present state can only be used in zone level operations"));
    }
    if let Some(target) = args.text("target") {
        return Ok(Subject::Target(target.to_owned()));
    }
    for (argument, name, called) in NAMED {
        let Some(value) = args.text(argument) else { continue };
        if argument == "port" && value.split_once('/').is_none_or(|(_, protocol)| protocol.is_empty()) {
            return Err(ModuleError::new("improper port format (missing protocol?)"));
        }
        let message = match (argument, enabled) {
            ("source", true) => format!("Added {value} to zone {zone}"),
            ("source", false) => format!("Removed {value} from zone {zone}"),
            _ => format!("Changed {called} {value} to {state}"),
        };
        let timed = argument != "source";
        return Ok(Subject::Item(Item { name, value: Some(value.trim().to_owned()), wanted: enabled, timed, message }));
    }
    if let Some(item) = forward_port(args)? {
        return Ok(Subject::Item(item));
    }
    if let Some(interface) = args.text("interface") {
        let message = if enabled {
            format!("Changed {interface} to zone {zone}")
        } else {
            format!("Removed {interface} from zone {zone}")
        };
        let value = Some(interface.to_owned());
        return Ok(Subject::Item(Item { name: "interface", value, wanted: enabled, timed: false, message }));
    }
    for (argument, name) in
        [("icmp_block_inversion", "icmp-block-inversion"), ("forward", "forward"), ("masquerade", "masquerade")]
    {
        let Some(value) = args.maybe_bool(argument) else { continue };
        let wanted = enabled == value;
        let shown = if value { "True" } else { "False" };
        let message = match (argument, wanted) {
            ("icmp_block_inversion", _) => format!("Changed icmp-block-inversion {shown} to {state}"),
            (_, true) => format!("Added {name} to zone {zone}"),
            (_, false) => format!("Removed {name} from zone {zone}"),
        };
        return Ok(Subject::Item(Item { name, value: None, wanted, timed: false, message }));
    }
    Ok(if zone_level { Subject::Zone } else { Subject::None })
}

fn forward_port(args: &Args) -> Result<Option<Item>, ModuleError> {
    let forwards = args.list("port_forward");
    if forwards.len() > 1 {
        return Err(ModuleError::new("Only one port forward supported at a time"));
    }
    let Some(forward) = forwards.first() else { return Ok(None) };
    let part = |name: &str| forward.get(name).map(Value::to_string).unwrap_or_default();
    let value =
        format!("port={}:proto={}:toport={}:toaddr={}", part("port"), part("proto"), part("toport"), part("toaddr"));
    let message = format!("Changed port_forward {value} to {}", args.needed("state"));
    let wanted = args.needed("state") == "enabled";
    Ok(Some(Item { name: "forward-port", value: Some(value), wanted, timed: true, message }))
}

impl Item {
    /// The option that asks, adds or removes.
    #[must_use]
    pub fn option(&self, verb: &str) -> String {
        // An interface has one zone at a time: adding it takes it from the one before.
        let verb = if self.name == "interface" && verb == "add" { "change" } else { verb };
        match &self.value {
            Some(value) => format!("--{verb}-{}={value}", self.name),
            None => format!("--{verb}-{}", self.name),
        }
    }
}
