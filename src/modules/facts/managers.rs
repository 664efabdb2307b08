//! What manages packages and services.

use super::{Facts, Sections, dict};
use crate::template::Value;

/// Programs of package managers; of several that are there the last one counts.
const MANAGERS: &[(&str, &str)] = &[
    ("/usr/bin/rpm-ostree", "atomic_container"),
    ("/usr/bin/yum", "dnf"),
    ("/usr/bin/dnf-3", "dnf"),
    ("/usr/bin/dnf5", "dnf5"),
    ("/usr/bin/apt-get", "apt"),
    ("/usr/bin/zypper", "zypper"),
    ("/usr/sbin/urpmi", "urpmi"),
    ("/usr/bin/pacman", "pacman"),
    ("/bin/opkg", "opkg"),
    ("/usr/pkg/bin/pkgin", "pkgin"),
    ("/opt/local/bin/pkgin", "pkgin"),
    ("/opt/tools/bin/pkgin", "pkgin"),
    ("/opt/local/bin/port", "macports"),
    ("/usr/local/bin/brew", "homebrew"),
    ("/opt/homebrew/bin/brew", "homebrew"),
    ("/sbin/apk", "apk"),
    ("/usr/sbin/pkg", "pkgng"),
    ("/usr/sbin/swlist", "swdepot"),
    ("/usr/bin/emerge", "portage"),
    ("/usr/sbin/pkgadd", "svr4pkg"),
    ("/usr/bin/pkg", "pkg5"),
    ("/usr/bin/xbps-install", "xbps"),
    ("/usr/local/sbin/pkg", "pkgng"),
    ("/usr/bin/swupd", "swupd"),
    ("/usr/sbin/sorcery", "sorcery"),
    ("/usr/bin/installp", "installp"),
];

/// `pkg_mgr`: what the distribution itself uses, where several are there.
pub fn packages(sections: &Sections, facts: &mut Facts) {
    let family = facts.text("os_family");
    let there = |path: &str| sections.lists("managers", path);
    let found = MANAGERS
        .iter()
        .filter(|(path, _)| there(path) && !(family == "Altlinux" && *path == "/usr/bin/pkg"))
        .map(|(_, name)| *name)
        .next_back()
        .unwrap_or("unknown");
    let name = match (family, found) {
        ("RedHat", _) if there("/run/ostree-booted") => "atomic_container",
        ("RedHat", _) => ["/usr/bin/dnf", "/usr/bin/microdnf"]
            .into_iter()
            .find(|path| there(path))
            .map_or("unknown", |path| if there(&format!("dnf5:{path}")) { "dnf5" } else { "dnf" }),
        ("Debian", _) => "apt",
        ("Altlinux", "apt") => "apt_rpm",
        (_, found) => found,
    };
    let name = if name == "apt" && there("apt_rpm") { "apt_rpm" } else { name };
    facts.put("pkg_mgr", name);
}

fn systemd_runs(sections: &Sections) -> bool {
    let booted = ["/run/systemd/system", "/dev/.run/systemd", "/dev/.systemd"];
    sections.pair("init", "systemctl").is_some() && booted.iter().any(|path| sections.lists("init", path))
}

/// `service_mgr`: what process 1 is, or what else tells.
pub fn services(sections: &Sections, facts: &mut Facts) {
    let link = sections.pair("init", "init");
    let process = sections.pair("init", "comm").or(link).map(|path| path.rsplit('/').next().unwrap_or(path).trim());
    // A shell is a container's; `init` may be anything.
    let process = process.filter(|name| *name != "init" && !name.ends_with("sh"));
    let there = |path: &str| sections.lists("init", path);
    let name = match process {
        Some("procd") => "openwrt_init",
        Some("runit-init") => "runit",
        Some("svscan") => "svc",
        Some("openrc-init") => "openrc",
        Some(name) => name,
        None => match (facts.text("distribution"), facts.text("system")) {
            ("OpenWrt", _) => "openwrt_init",
            ("SMGL", _) => "simpleinit_msb",
            (_, "Linux") if systemd_runs(sections) => "systemd",
            (_, "Linux") if sections.pair("init", "initctl").is_some() && there("/etc/init") => "upstart",
            (_, "Linux") if there("/sbin/openrc") => "openrc",
            (_, "Linux")
                if sections.pair("init", "systemctl").is_some()
                    && link.is_some_and(|link| link == "systemd" || link.ends_with("/systemd")) =>
            {
                "systemd"
            }
            (_, "Linux") if there("/etc/init.d") => "sysvinit",
            (_, "Linux") if there("/etc/dinit.d") => "dinit",
            _ => "service",
        },
    };
    facts.put("service_mgr", name);
}

/// `systemd`: version and features, where it runs.
pub fn systemd(sections: &Sections, facts: &mut Facts) {
    let mut lines = sections.get("systemd").lines();
    let version = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|version| version.parse::<i64>().ok());
    if let (Some(version), true) = (version, systemd_runs(sections)) {
        let features = lines.next().unwrap_or_default();
        facts.put("systemd", dict([("features", features.into()), ("version", Value::Int(version))]));
    }
}
