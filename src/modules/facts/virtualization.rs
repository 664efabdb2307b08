//! Whether the machine is a guest, or has guests.

use std::collections::BTreeSet;

use super::{Facts, Sections, texts};

/// What was found: the first kind counts, all are listed.
#[derive(Default)]
struct Found {
    kind: Option<String>,
    role: Option<&'static str>,
    settled: bool,
    guest: BTreeSet<String>,
    host: BTreeSet<String>,
}

impl Found {
    fn guest(&mut self, name: &str) {
        self.listed(name, name);
    }

    /// A guest of `kind`, listed as `name`.
    fn listed(&mut self, name: &str, kind: &str) {
        self.guest.insert(name.to_owned());
        self.settle(kind, "guest");
    }

    fn host(&mut self, name: &str) {
        self.host.insert(name.to_owned());
        self.settle(name, "host");
    }

    fn settle(&mut self, kind: &str, role: &'static str) {
        if !self.settled {
            self.kind = Some(kind.to_owned());
            self.role = Some(role);
            self.settled = true;
        }
    }
}

/// `virtualization_*`.
pub fn virtualization(sections: &Sections, facts: &mut Facts) {
    let mut found = Found::default();
    containers(sections, &mut found);
    xen(sections, &mut found);
    firmware(sections, &mut found);
    processor(sections, &mut found);
    kernel(sections, &mut found);
    facts.put("virtualization_type", found.kind.as_deref().unwrap_or("NA"));
    facts.put("virtualization_role", found.role.unwrap_or("NA"));
    facts.put("virtualization_tech_guest", texts(found.guest));
    facts.put("virtualization_tech_host", texts(found.host));
}

fn containers(sections: &Sections, found: &mut Found) {
    let there = |path: &str| sections.lists("virtual", path);
    for line in sections.file("/proc/1/cgroup").unwrap_or_default().lines() {
        let scope = line.split_once("/docker-").is_some_and(|(_, rest)| {
            let id = rest.split_once(".scope").map_or("", |(id, _)| id);
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        if line.contains("/docker/") || scope {
            found.guest("docker");
        }
        if line.contains("/lxc/") || line.contains("/machine.slice/machine-lxc") {
            found.guest("lxc");
        }
        if line.contains("/system.slice/containerd.service") {
            found.guest("containerd");
        }
    }
    for line in sections.get("environ").lines() {
        for name in ["lxc", "podman"] {
            if line.contains(&format!("container={name}")) {
                found.guest(name);
            }
        }
        if line.strip_prefix("container=").is_some_and(|name| !name.is_empty()) {
            found.guest("container");
        }
    }
    if there("/proc/vz") && !there("/proc/lve") {
        if there("/proc/bc") {
            found.host("openvz");
        } else {
            found.guest("openvz");
        }
    }
    let systemd = sections.pair("virtual", "container");
    if let Some(name) = systemd {
        found.guest(name);
    }
    if there("/.dockerenv") || there("/.dockerinit") {
        found.guest("docker");
    }
    let known = ["docker", "lxc", "podman", "openvz", "containerd"];
    if systemd.is_some() || known.iter().any(|name| found.guest.contains(*name)) {
        found.guest.insert("container".to_owned());
    }
}

fn xen(sections: &Sections, found: &mut Found) {
    if sections.lists("virtual", "/proc/xen") {
        if sections.get("file /proc/xen/capabilities").contains("control_d") {
            found.host("xen");
        } else {
            found.settle("xen", "guest");
        }
    }
}

fn firmware(sections: &Sections, found: &mut Found) {
    let get = |name: &str| sections.pair("dmi", name).unwrap_or_default();
    let (product, vendor, family) = (get("product_name"), get("sys_vendor"), get("product_family"));
    if ["KVM", "KVM Server", "Bochs", "AHV", "CloudStack KVM Hypervisor"].contains(&product) {
        found.guest("kvm");
    }
    if vendor == "oVirt" {
        found.guest("oVirt");
    }
    if vendor == "Red Hat" && family == "RHV" {
        found.guest("RHV");
    } else if vendor == "Red Hat" && product == "RHEV Hypervisor" {
        found.guest("RHEV");
    }
    if product.starts_with("VMware") {
        found.guest("VMware");
    }
    if ["OpenStack Compute", "OpenStack Nova"].contains(&product) {
        found.guest("openstack");
    }
    match get("bios_vendor") {
        "Xen" => found.guest("xen"),
        "innotek GmbH" => found.guest("virtualbox"),
        "Amazon EC2" | "DigitalOcean" | "Hetzner" | "Linode" => found.guest("kvm"),
        _ => {}
    }
    match vendor {
        "QEMU" | "Amazon EC2" | "DigitalOcean" | "Google" | "Scaleway" | "Nutanix" => found.guest("kvm"),
        "KubeVirt" => found.guest("KubeVirt"),
        "Microsoft Corporation" => found.guest("VirtualPC"),
        "Parallels Software International Inc." => found.guest("parallels"),
        "OpenStack Foundation" => found.guest("openstack"),
        _ => {}
    }
}

fn processor(sections: &Sections, found: &mut Found) {
    for id in sections.get("virtual").lines().filter_map(|line| line.strip_prefix("VxID:")) {
        if id.trim().starts_with('0') {
            found.host("linux_vserver");
        } else {
            found.guest("linux_vserver");
        }
    }
    for line in sections.get("cpuinfo").lines() {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        match key.trim() {
            "model name" if value.contains("QEMU Virtual CPU") => found.guest("kvm"),
            "model name" if value.contains("UML") => found.guest("uml"),
            "vendor_id" if value.contains("User Mode Linux") => found.guest("uml"),
            "vendor_id" if value.contains("PowerVM Lx86") => found.guest("powervm_lx86"),
            "vendor_id" if value.contains("IBM/S390") => {
                found.guest.insert("PR/SM".to_owned());
                found.settle("PR/SM", "LPAR");
            }
            "machine" if value.contains("CHRP IBM pSeries (emulated by qemu)") => found.guest("kvm"),
            _ => {}
        }
    }
}

fn kernel(sections: &Sections, found: &mut Found) {
    let module = |name: &str| sections.get("virtual").lines().any(|line| line.split(' ').next() == Some(name));
    if module("kvm") {
        found.host("kvm");
    }
    if module("vboxdrv") {
        found.host("virtualbox");
    }
    if module("virtio") {
        found.host.insert("kvm".to_owned());
        found.settle("kvm", "guest");
    }
    let product: String =
        sections.get("dmidecode").lines().filter(|line| !line.starts_with('#')).map(str::trim).collect();
    if product.starts_with("VMware") {
        found.guest("VMware");
    }
    if sections.get("dmidecode").contains("BHYVE") {
        found.guest("bhyve");
    }
    if sections.lists("virtual", "/dev/kvm") {
        found.host("kvm");
    }
}
