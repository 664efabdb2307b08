//! Small facts of the running system.

use super::{Facts, Sections, dict, texts};
use crate::template::{Dict, Value};

/// `selinux`: asked of the kernel itself, so it is known without Python's library.
pub fn selinux(sections: &Sections, facts: &mut Facts) {
    facts.put("selinux_python_present", true);
    let mount = sections.get("selinux").lines().find(|line| line.contains("selinuxfs"));
    let options = mount.and_then(|mount| mount.split_whitespace().nth(3)).unwrap_or_default();
    // Containers see the host's, read-only; SELinux is not theirs then.
    if !options.split(',').any(|option| option == "rw") {
        facts.put("selinux", dict([("status", "disabled".into())]));
        return;
    }
    let mode = match sections.pair("selinux", "enforce") {
        Some("1") => "enforcing",
        Some("0") => "permissive",
        _ => "unknown",
    };
    let policy = sections.pair("selinux", "policyvers").and_then(|version| version.parse::<i64>().ok());
    let configured = sections.pair("selinux", "SELINUX").unwrap_or("unknown");
    let value = dict([
        ("status", "enabled".into()),
        ("policyvers", policy.map_or_else(|| "unknown".into(), Value::Int)),
        ("config_mode", configured.into()),
        ("mode", mode.into()),
        ("type", sections.pair("selinux", "SELINUXTYPE").unwrap_or("unknown").into()),
    ]);
    facts.put("selinux", value);
}

/// `apparmor`.
pub fn apparmor(sections: &Sections, facts: &mut Facts) {
    let status = if sections.get("apparmor").trim().is_empty() { "disabled" } else { "enabled" };
    facts.put("apparmor", dict([("status", status.into())]));
}

/// `is_chroot`: whether the root is another one than that of process 1, or has an unusual inode.
pub fn chroot(sections: &Sections, facts: &mut Facts) {
    let pair = |name| sections.pair("chroot", name);
    let root = pair("root").unwrap_or_default();
    let inode = match pair("type").unwrap_or_default() {
        kind if kind.contains("btrfs") => "256",
        kind if kind.contains("xfs") => "128",
        _ => "2",
    };
    let other = match pair("init") {
        Some(init) => init != root,
        None => root.split(' ').next() != Some(inode),
    };
    facts.put("is_chroot", pair("debian").is_some() || other);
}

/// `system_capabilities`: what `capsh` says of itself.
pub fn capabilities(sections: &Sections, facts: &mut Facts) {
    if !sections.has("caps") {
        facts.put("system_capabilities_enforced", "N/A");
        facts.put("system_capabilities", "N/A");
        return;
    }
    let (mut enforced, mut all) = ("NA", Vec::new());
    for current in sections.get("caps").lines().filter_map(|line| line.strip_prefix("Current:")) {
        if current.split(':').next().unwrap_or_default().trim() == "=ep" {
            enforced = "False";
        } else {
            enforced = "True";
            all = current.split('=').nth(1).unwrap_or_default().split(',').map(str::trim).collect();
        }
    }
    facts.put("system_capabilities_enforced", enforced);
    facts.put("system_capabilities", texts(all));
}

/// `cmdline` and `proc_cmdline`: the kernel's parameters; of repeated ones the last, and all.
pub fn cmdline(sections: &Sections, facts: &mut Facts) {
    let Some(line) = sections.file("/proc/cmdline") else { return };
    let (mut last, mut all) = (Dict::new(), Dict::new());
    for word in words(line).unwrap_or_default() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Value::text(value)),
            None => (word.as_str(), Value::Bool(true)),
        };
        last.insert(name.into(), value.clone());
        let known = all.get(name).filter(|_| word.contains('='));
        let value = match known {
            None => value,
            Some(Value::List(items)) => Value::list(items.iter().cloned().chain([value]).collect()),
            Some(one) => Value::list(vec![one.clone(), value]),
        };
        all.insert(name.into(), value);
    }
    facts.put("cmdline", last);
    facts.put("proc_cmdline", all);
}

/// Words apart; one that starts with a quote goes to the next such quote. None when that is missing.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' | '\'' => rest[1..].find(first)? + 2,
            _ => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        words.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    Some(words)
}

/// `loadavg`.
pub fn loadavg(sections: &Sections, facts: &mut Facts) {
    let mut numbers = sections.get("file /proc/loadavg").split_whitespace().map_while(|text| text.parse::<f64>().ok());
    if let (Some(one), Some(five), Some(fifteen)) = (numbers.next(), numbers.next(), numbers.next()) {
        facts.put("loadavg", dict([("1m", one.into()), ("5m", five.into()), ("15m", fifteen.into())]));
    }
}

/// `dns`: what `/etc/resolv.conf` says.
pub fn dns(sections: &Sections) -> Value {
    let mut dns = Dict::new();
    let mut servers = Vec::new();
    let lines = sections.file("/etc/resolv.conf").unwrap_or_default().lines();
    for line in lines.filter(|line| !line.starts_with(['#', ';'])) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((first, rest)) = words.split_first() else { continue };
        match *first {
            "nameserver" => {
                servers.extend(rest.iter().map(|server| Value::text(*server)));
                dns.insert("nameservers".into(), Value::list(servers.clone()));
            }
            "domain" if !rest.is_empty() => drop(dns.insert("domain".into(), rest[0].into())),
            "search" | "sortlist" => drop(dns.insert((*first).into(), texts(rest.iter().copied()))),
            "options" => {
                let option = |word: &&str| match word.split_once(':') {
                    Some((name, value)) if !value.is_empty() => (name.into(), value.into()),
                    Some((name, _)) => (name.into(), true.into()),
                    None => ((*word).into(), true.into()),
                };
                dns.insert("options".into(), Value::dict(rest.iter().map(option).collect()));
            }
            _ => {}
        }
    }
    Value::dict(dns)
}

/// `ssh_host_key_*`: the keys of the first folder that has any.
pub fn ssh_keys(sections: &Sections, facts: &mut Facts) {
    for folder in ["/etc/ssh", "/etc/openssh", "/etc"] {
        let mut found = false;
        for kind in ["dsa", "rsa", "ecdsa", "ed25519"] {
            let Some(text) = sections.file(&format!("{folder}/ssh_host_{kind}_key.pub")) else { continue };
            let mut words = text.split_whitespace();
            if let (Some(name), Some(key)) = (words.next(), words.next()) {
                facts.put(&format!("ssh_host_key_{kind}_public"), key);
                facts.put(&format!("ssh_host_key_{kind}_public_keytype"), name);
                found = true;
            }
        }
        if found {
            return;
        }
    }
}

/// `fibre_channel_wwn`: the names of ports without their `0x`.
pub fn fibre_channel(sections: &Sections, facts: &mut Facts) {
    let ports = sections.get("fc").lines().filter_map(|line| line.strip_prefix("port=")?.get(2..));
    facts.put("fibre_channel_wwn", texts(ports));
}

/// `iscsi_iqn`.
pub fn iscsi(sections: &Sections, facts: &mut Facts) {
    let text = sections.file("/etc/iscsi/initiatorname.iscsi").unwrap_or_default();
    facts.put("iscsi_iqn", text.lines().find_map(|line| line.strip_prefix("InitiatorName=")).unwrap_or_default());
}

/// `hostnqn`.
pub fn nvme(sections: &Sections, facts: &mut Facts) {
    let text = sections.file("/etc/nvme/hostnqn").unwrap_or_default();
    facts.put("hostnqn", text.lines().find(|line| line.starts_with("nqn.")).unwrap_or_default());
}
