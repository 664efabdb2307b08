//! Lists of all services, as the managers of services give them.

use crate::modules::clients::Clients;
use crate::template::{Dict, Value};

/// All services that the managers name: those of scripts, then those of systemd.
#[must_use]
pub fn services(clients: &Clients, warnings: &mut Vec<String>) -> Dict {
    let mut all = Dict::new();
    sysv(clients, &mut all, warnings);
    if clients.find("upstart").is_some() {
        upstart(&clients.text("upstart"), &mut all);
    } else if clients.find("chkconfig").is_some() {
        chkconfig(clients, &mut all);
    } else if clients.find("openrc").is_some() {
        openrc(clients, &mut all, warnings);
    }
    systemd(clients, &mut all, warnings);
    all
}

fn service<'a>(name: &str, fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let name = [("name", Value::from(name))];
    let fields: Dict = name.into_iter().chain(fields).map(|(key, value)| (key.into(), value)).collect();
    fields.into()
}

/// `service --status-all`: lines ` [ + ]  NAME`.
fn sysv(clients: &Clients, all: &mut Dict, warnings: &mut Vec<String>) {
    let Some(said) = clients.find("sysv") else { return };
    if said.rc == 4 && clients.holds("noinit") {
        return;
    }
    if said.rc != 0 {
        warnings.push(format!("Unable to query 'service' tool ({}): {}", said.rc, said.errors().trim()));
    }
    for line in said.text().lines() {
        let line = line.trim_start();
        let named = line.strip_prefix("[ + ]").map(|name| (name, "running"));
        let Some((name, state)) = named.or_else(|| line.strip_prefix("[ - ]").map(|name| (name, "stopped"))) else {
            continue;
        };
        let name = name.trim_start();
        all.insert(name.into(), service(name, [("state", state.into()), ("source", "sysv".into())]));
    }
}

/// `initctl list`: lines `NAME GOAL/STATE, process PID`.
fn upstart(text: &str, all: &mut Dict) {
    for line in text.lines() {
        let line = line.trim().split(", process").next().unwrap_or_default();
        let Some((name, status)) = line.rsplit_once(' ') else { continue };
        let Some((goal, state)) = status.split_once('/') else { continue };
        let fields = [("state", state.into()), ("goal", goal.into()), ("source", "upstart".into())];
        all.insert(name.into(), service(name, fields));
    }
}

/// `chkconfig`: lines `NAME 0:off … 3:on … 6:off`.
fn chkconfig(clients: &Clients, all: &mut Dict) {
    for line in clients.text("chkconfig").lines() {
        let mut words = line.split_whitespace();
        let Some(name) = words.next() else { continue };
        let levels: Vec<&str> = words.collect();
        if levels.len() < 7 {
            continue;
        }
        let status = if levels.contains(&"3:on") { "enabled" } else { "disabled" };
        let state = if clients.holds(&format!("status {name}")) { "running" } else { "stopped" };
        let fields = [("state", state.into()), ("status", status.into()), ("source", "sysv".into())];
        all.insert(name.into(), service(name, fields));
    }
}

/// `rc-status -a -s -m` and `rc-update show -v`.
fn openrc(clients: &Clients, all: &mut Dict, warnings: &mut Vec<String>) {
    let levels = clients.text("runlevels");
    let levels_of = |name: &str| {
        let found = levels.lines().filter_map(|line| line.split_once('|')).find(|(service, _)| service.trim() == name);
        found.map(|(_, levels)| levels.split('|').next().unwrap_or_default())
    };
    for line in clients.text("openrc").lines().filter(|line| line.starts_with(' ')) {
        let line = line.replace(['[', ']'], "");
        let mut words = line.split_whitespace();
        let (Some(name), Some(state)) = (words.next(), words.next()) else { continue };
        if name == "*" {
            continue;
        }
        let Some(levels) = levels_of(name) else {
            warnings.push(format!("Service {name} not found in the service list"));
            continue;
        };
        let levels: Vec<Value> = levels.split_whitespace().map(Value::from).collect();
        let levels = if levels.is_empty() { Value::Null } else { Value::list(levels) };
        all.insert(
            name.into(),
            service(name, [("runlevels", levels), ("state", state.into()), ("source", "openrc".into())]),
        );
    }
}

const BAD: [&str; 3] = ["not-found", "masked", "failed"];

/// The units and unit files of systemd.
fn systemd(clients: &Clients, all: &mut Dict, warnings: &mut Vec<String>) {
    for (name, about) in
        [("units", "Could not list units from systemd"), ("files", "Could not get unit files data from systemd")]
    {
        if let Some(said) = clients.find(name).filter(|said| said.rc != 0) {
            warnings.push(format!("{about}: {}", said.errors().trim()));
        }
    }
    let insert = |all: &mut Dict, name: &str, state: &str, status: &str| {
        let fields = [("state", state.into()), ("status", status.into()), ("source", "systemd".into())];
        all.insert(name.into(), service(name, fields));
    };
    let units = clients.text("units");
    let mut seen = std::collections::BTreeMap::new();
    for line in units.lines().filter(|line| line.contains(".service")) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let &[name, _, active, sub, ..] = fields.as_slice() else { continue };
        let told = &fields[..fields.len() - 1];
        let status = BAD.into_iter().find(|bad| told.contains(bad)).unwrap_or(active);
        let state = if sub == "running" { "running" } else { "stopped" };
        seen.insert(name, (state, BAD.contains(&status)));
        insert(all, name, state, status);
    }
    let (others, states) = (clients.text("others"), clients.said("states").text().into_owned());
    let states: Vec<&str> = states.lines().filter_map(|line| line.strip_prefix("ActiveState=")).collect();
    let others: Vec<&str> = others.split_whitespace().collect();
    let active_state = |name: &str| {
        let place = others.iter().position(|other| *other == name)?;
        states.get(place).copied().filter(|_| states.len() == others.len())
    };
    for line in clients.text("files").lines().filter(|line| line.contains(".service")) {
        let mut words = line.split_whitespace();
        let (Some(name), Some(enabled)) = (words.next(), words.next()) else { continue };
        match seen.get(name) {
            None => insert(all, name, active_state(name).unwrap_or("unknown"), enabled),
            Some((running, false)) => insert(all, name, running, enabled),
            Some((_, true)) => {}
        }
    }
}
