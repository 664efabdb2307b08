//! `docker_network`: networks of docker.

use serde_json::{Value as Json, json};

use crate::modules::containers::docker::{Calls, DEBUG, look, lower, pairs, with_fact};
use crate::modules::flow::{self, Flow};
use crate::modules::{Argument, Args, BLANK, Kind, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};
use crate::template::{Dict, Value};

/// The module.
pub struct DockerNetwork;

/// The module.
pub static MODULE: DockerNetwork = DockerNetwork;

const POOL: &[Argument] = &[
    Argument::text("subnet", "In CIDR."),
    Argument::text("iprange", "The part of it that containers get addresses of."),
    Argument::text("gateway", "The gateway's address."),
    Argument::of("aux_addresses", Kind::Dict, "Addresses that are taken, by name."),
];

static SPEC: Spec = Spec {
    name: "docker_network",
    collections: &["community.docker", "community.general"],
    summary: "Makes and removes networks of docker, and connects containers. Unproven on a real system.",
    arguments: &[
        Argument::text("name", "Its name.").required().aliases(&["network_name"]),
        Argument::text("state", "Whether it is there.").default("present").choices(&["present", "absent"]),
        Argument::list("connected", "Containers that are in it; others are not, unless `appends`.").aliases(&["containers"]),
        Argument::bool("appends", false, "Whether other containers stay in it.").aliases(&["incremental"]),
        Argument::text("driver", "Its driver.").default("bridge"),
        Argument::of("driver_options", Kind::Dict, "Options of the driver."),
        Argument::bool("force", false, "Makes it anew."),
        Argument::text("ipam_driver", "What manages addresses."),
        Argument::of("ipam_driver_options", Kind::Dict, "Options of that."),
        Argument::of("ipam_config", Kind::DictList(POOL), "Where addresses come from."),
        Argument::of("enable_ipv4", Kind::Bool, "Whether it has IPv4."),
        Argument::of("enable_ipv6", Kind::Bool, "Whether it has IPv6."),
        Argument::of("internal", Kind::Bool, "Whether it leads nowhere else."),
        Argument::of("labels", Kind::Dict, "Its labels."),
        Argument::text("scope", "How far it reaches.").choices(&["local", "global", "swarm"]),
        Argument::of("attachable", Kind::Bool, "Whether containers outside of services may join."),
        Argument::of("ingress", Kind::Bool, "Whether a swarm routes into it."),
        Argument::of("config_only", Kind::Bool, "Whether it only holds options for others."),
        Argument::text("config_from", "The network whose options it takes."),
        DEBUG,
    ],
    returns: &[Return { name: "network", about: "What `docker network inspect` says of it." }],
    ..BLANK
};

/// Booleans: argument, field, option.
const FLAGS: [(&str, &str, &str); 6] = [
    ("enable_ipv4", "EnableIPv4", "--ipv4"),
    ("enable_ipv6", "EnableIPv6", "--ipv6"),
    ("internal", "Internal", "--internal"),
    ("attachable", "Attachable", "--attachable"),
    ("ingress", "Ingress", "--ingress"),
    ("config_only", "ConfigOnly", "--config-only"),
];

impl Module for DockerNetwork {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let mut things = vec![("network", args.needed("name").to_owned())];
        things.extend(args.texts("connected").into_iter().map(|name| ("container", name)));
        let asked: Vec<(&str, &str)> = things.iter().map(|(kind, name)| (*kind, name.as_str())).collect();
        look(&asked, move |seen| {
            let there = args.texts("connected").into_iter().enumerate();
            let there = there.filter(|(place, _)| seen.thing(place + 1).is_some()).map(|(_, name)| name).collect();
            decide(&args, seen.thing(0).cloned(), there)
        })
    }
}

fn decide(args: &Args, found: Option<Json>, wanted: Vec<String>) -> Flow {
    let name = args.needed("name").to_owned();
    let connected: Vec<String> = found
        .as_ref()
        .and_then(|network| network["Containers"].as_object())
        .into_iter()
        .flatten()
        .filter_map(|(_, container)| container["Name"].as_str().map(str::to_owned))
        .collect();
    let mut calls = Calls::default();
    let differing = found.as_ref().map(|network| differing(args, network)).unwrap_or_default();
    let present = args.needed("state") == "present";
    let anew = found.is_some() && (!present || args.bool("force") || !differing.is_empty());
    if anew {
        for container in &connected {
            calls.add(["network", "disconnect", "--force", &name, container]);
        }
        calls.add(["network", "rm", &name]);
    }
    if present {
        if anew || found.is_none() {
            calls.add(create(args, &name));
        }
        // A network made anew gets back what was in it, unless told otherwise.
        let wanted = if wanted.is_empty() { connected.clone() } else { wanted };
        for container in wanted.iter().filter(|container| anew || !connected.contains(container)) {
            calls.add(["network", "connect", &name, container]);
        }
        if !anew && !args.bool("appends") {
            for container in connected.iter().filter(|container| !wanted.contains(container)) {
                calls.add(["network", "disconnect", "--force", &name, container]);
            }
        }
    }
    let fact = move |result: TaskResult, network: Option<&Json>| {
        if present { with_fact(result, "network", network) } else { result }
    };
    if calls.is_empty() {
        return flow::done(fact(TaskResult::ok(), found.as_ref()));
    }
    if present {
        calls.inspect("network", &name);
    }
    let shown = |there: bool, lines: &[String]| if there { format!("present\n{}", lines.concat()) } else { String::new() };
    let line = |before: bool| -> Vec<String> {
        let value = |(name, actual, wanted): &(String, Json, Json)| format!("{name}: {}\n", if before { actual } else { wanted });
        differing.iter().map(value).collect()
    };
    let diff = flow::diff(&format!("network {name}"), shown(found.is_some(), &line(true)), shown(present, &line(false)));
    calls.run(vec![diff], move |said| {
        let network = said.map_or(found, |said| said.json(0));
        flow::done(fact(TaskResult::changed(), network.as_ref()))
    })
}

fn create(args: &Args, name: &str) -> Vec<String> {
    let mut words = flow::words(["network", "create", "--driver", args.needed("driver")]);
    words.extend(pairs(args, "driver_options", "--opt"));
    words.extend(pairs(args, "labels", "--label"));
    words.extend(pairs(args, "ipam_driver_options", "--ipam-opt"));
    for (argument, option) in [("ipam_driver", "--ipam-driver"), ("scope", "--scope"), ("config_from", "--config-from")] {
        words.extend(args.text(argument).map(|value| format!("{option}={value}")));
    }
    for (argument, _, option) in FLAGS {
        match args.maybe_bool(argument) {
            Some(true) => words.push(option.to_owned()),
            Some(false) if argument == "enable_ipv4" => words.push("--ipv4=false".to_owned()),
            _ => {}
        }
    }
    for pool in args.list("ipam_config").iter().filter_map(Value::as_dict) {
        for (entry, option) in [("subnet", "--subnet"), ("iprange", "--ip-range"), ("gateway", "--gateway")] {
            words.extend(pool.get(entry).map(|value| format!("{option}={value}")));
        }
        let taken = pool.get("aux_addresses").and_then(Value::as_dict).into_iter().flatten();
        words.extend(taken.map(|(host, address)| format!("--aux-address={host}={address}")));
    }
    words.push(name.to_owned());
    words
}

/// What differs: name, what is, what was asked for.
fn differing(args: &Args, network: &Json) -> Vec<(String, Json, Json)> {
    let mut found = Vec::new();
    let mut compare = |name: String, actual: &Json, wanted: Json| {
        if *actual != wanted {
            found.push((name, actual.clone(), wanted));
        }
    };
    compare("driver".to_owned(), &network["Driver"], json!(args.needed("driver")));
    for (argument, field, _) in FLAGS {
        if let Some(wanted) = args.maybe_bool(argument) {
            let actual = network.get(field).cloned().unwrap_or(json!(argument == "enable_ipv4"));
            compare(argument.to_owned(), &actual, json!(wanted));
        }
    }
    for (argument, pointer) in
        [("ipam_driver", "/IPAM/Driver"), ("scope", "/Scope"), ("config_from", "/ConfigFrom/Network")]
    {
        if let Some(wanted) = args.text(argument) {
            compare(argument.to_owned(), network.pointer(pointer).unwrap_or(&Json::Null), json!(wanted));
        }
    }
    for (argument, pointer) in
        [("driver_options", "/Options"), ("labels", "/Labels"), ("ipam_driver_options", "/IPAM/Options")]
    {
        for (name, value) in args.dict(argument).into_iter().flatten() {
            let actual = network.pointer(pointer).and_then(|entries| entries.get(name.to_string()));
            compare(format!("{argument}.{name}"), actual.unwrap_or(&Json::Null), json!(lower(value)));
        }
    }
    let pools = network.pointer("/IPAM/Config").and_then(Json::as_array).cloned().unwrap_or_default();
    for (place, wanted) in args.list("ipam_config").iter().filter_map(Value::as_dict).enumerate() {
        if !pools.iter().any(|pool| is_pool(wanted, pool)) {
            found.push((format!("ipam_config[{place}]"), json!(pools), Value::dict(wanted.clone()).to_json()));
        }
    }
    found
}

fn is_pool(wanted: &Dict, pool: &Json) -> bool {
    let fits = |(entry, field): (&str, &str)| wanted.get(entry).is_none_or(|value| pool[field] == value.to_string());
    let taken = wanted.get("aux_addresses").and_then(Value::as_dict);
    [("subnet", "Subnet"), ("iprange", "IPRange"), ("gateway", "Gateway")].into_iter().all(fits)
        && taken.into_iter().flatten().all(|(name, address)| pool["AuxiliaryAddresses"][name.to_string()] == address.to_string())
}
