//! Processors, memory, what the firmware says.

use indexmap::IndexMap;

use super::{Facts, Sections, dict, texts};
use crate::template::Value;

/// Processor, memory, firmware and uptime.
pub fn hardware(sections: &Sections, facts: &mut Facts) {
    processors(sections, facts);
    memory(sections, facts);
    firmware(sections, facts);
    let uptime = sections.file("/proc/uptime").and_then(|text| text.split(['.', ' ']).next());
    if let Some(seconds) = uptime.and_then(|text| text.parse::<i64>().ok()) {
        facts.put("uptime_seconds", seconds);
    }
}

/// What `/proc/cpuinfo` counts.
#[derive(Default)]
struct Counted {
    listed: Vec<String>,
    vendors: i64,
    models: i64,
    processors: i64,
    /// Entries of any of these names; on some machines it is a number that the kernel says.
    entries: i64,
    sockets: IndexMap<String, i64>,
    cores: IndexMap<String, i64>,
    paravirtual: bool,
    mainframe: (i64, i64),
}

impl Counted {
    fn of(text: &str, xen: bool, facts: &mut Facts) -> Self {
        let mut counted = Self::default();
        let (mut socket, mut core) = (String::new(), String::new());
        for line in text.lines() {
            let (key, value) = line.split_once(':').unwrap_or((line, ""));
            let (key, value) = (key.trim(), value.trim());
            let number = value.parse::<i64>().unwrap_or_default();
            match key {
                "flags" => {
                    facts.put("flags", texts(value.split_whitespace()));
                    counted.paravirtual |= xen && !value.contains("vme");
                }
                "model name" | "Processor" | "vendor_id" | "cpu" | "Vendor" | "processor" => {
                    counted.listed.push(value.to_owned());
                    counted.vendors += i64::from(key == "vendor_id");
                    counted.models += i64::from(key == "model name");
                    counted.processors += i64::from(key == "processor");
                    counted.entries += 1;
                }
                "physical id" => {
                    value.clone_into(&mut socket);
                    counted.sockets.entry(socket.clone()).or_insert(1);
                }
                "core id" => {
                    value.clone_into(&mut core);
                    if !counted.sockets.contains_key(&core) {
                        counted.cores.insert(core.clone(), 1);
                    }
                }
                "cpu cores" => drop(counted.sockets.insert(socket.clone(), number)),
                "siblings" => drop(counted.cores.insert(core.clone(), number)),
                "# processors" => counted.mainframe.0 = number,
                "max thread id" => counted.mainframe.1 = number + 1,
                "ncpus active" => counted.entries = number,
                _ => {}
            }
        }
        counted
    }
}

fn processors(sections: &Sections, facts: &mut Facts) {
    let text = sections.get("cpuinfo");
    if text.trim().is_empty() {
        return;
    }
    let xen = sections.lists("cpus", "/proc/xen") || sections.pair("cpus", "hypervisor") == Some("xen");
    let counted = Counted::of(text, xen, facts);
    let machine = facts.text("architecture").to_owned();
    let mut entries = counted.entries;
    if counted.vendors > 0 && counted.vendors == counted.models {
        entries = counted.vendors;
    }
    if ["armv", "aarch", "ppc"].iter().any(|prefix| machine.starts_with(prefix)) {
        entries = counted.processors;
    }
    let first = |map: &IndexMap<String, i64>| map.values().next().copied().filter(|value| *value != 0);
    let (count, cores, threads, total) = if machine == "s390x" {
        let (all, threads) = counted.mainframe;
        (1, ratio(all, threads), threads, all)
    } else if counted.paravirtual {
        (entries, entries, 1, entries)
    } else {
        let count = if counted.sockets.is_empty() { entries } else { length(counted.sockets.len()) };
        let cores = first(&counted.sockets).unwrap_or(1);
        let threads = ratio(counted.cores.values().next().copied().unwrap_or(1), cores);
        (count, cores, threads, threads * count * cores)
    };
    facts.put("processor", texts(counted.listed));
    facts.put("processor_count", count);
    facts.put("processor_cores", cores);
    facts.put("processor_threads_per_core", threads);
    facts.put("processor_vcpus", total);
    facts.put("processor_nproc", allowed(sections).unwrap_or(counted.processors));
}

fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Rounded to the even of two that are equally near, as Python does.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "processors are few")]
fn ratio(number: i64, by: i64) -> i64 {
    if by == 0 { 0 } else { (number as f64 / by as f64).round_ties_even() as i64 }
}

/// How many processors a process may use: the members of a list such as `0-3,8`.
#[expect(clippy::similar_names, reason = "the pairs are what they are called")]
fn allowed(sections: &Sections) -> Option<i64> {
    let (_, list) = sections.get("cpus").lines().next()?.split_once("Cpus_allowed_list:")?;
    let part = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(last.trim().parse::<i64>().ok()?.checked_sub(first.trim().parse().ok()?)?.saturating_add(1))
    };
    list.split(',').map(part).sum()
}

fn memory(sections: &Sections, facts: &mut Facts) {
    let Some(text) = sections.file("/proc/meminfo") else { return };
    let megabytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(line.split_whitespace().next()?.parse::<i64>().ok()? / 1024)
    };
    for (fact, name) in [
        ("memtotal_mb", "MemTotal"),
        ("memfree_mb", "MemFree"),
        ("swaptotal_mb", "SwapTotal"),
        ("swapfree_mb", "SwapFree"),
    ] {
        if let Some(value) = megabytes(name) {
            facts.put(fact, value);
        }
    }
    let minus = |one: Option<i64>, two: Option<i64>| Some(one? - two?);
    let value = |value: Option<i64>| value.map_or(Value::Null, Value::Int);
    let (total, free) = (megabytes("MemTotal"), megabytes("MemFree"));
    let unused = (|| Some(megabytes("Cached")?.saturating_add(free?).saturating_add(megabytes("Buffers")?)))();
    let (swap, swap_free) = (megabytes("SwapTotal"), megabytes("SwapFree"));
    let real = dict([("total", value(total)), ("used", value(minus(total, free))), ("free", value(free))]);
    let nocache = dict([("free", value(unused)), ("used", value(minus(total, unused)))]);
    let swap = dict([
        ("total", value(swap)),
        ("free", value(swap_free)),
        ("used", value(minus(swap, swap_free))),
        ("cached", value(megabytes("SwapCached"))),
    ]);
    facts.put("memory_mb", dict([("real", real), ("nocache", nocache), ("swap", swap)]));
}

/// Facts of the firmware: their names in `/sys`, for `dmidecode`, and here.
const FIRMWARE: &[(&str, &str, &str)] = &[
    ("bios_date", "bios-release-date", "bios_date"),
    ("bios_vendor", "bios-vendor", "bios_vendor"),
    ("bios_version", "bios-version", "bios_version"),
    ("board_asset_tag", "baseboard-asset-tag", "board_asset_tag"),
    ("board_name", "baseboard-product-name", "board_name"),
    ("board_serial", "baseboard-serial-number", "board_serial"),
    ("board_vendor", "baseboard-manufacturer", "board_vendor"),
    ("board_version", "baseboard-version", "board_version"),
    ("chassis_asset_tag", "chassis-asset-tag", "chassis_asset_tag"),
    ("chassis_serial", "chassis-serial-number", "chassis_serial"),
    ("chassis_vendor", "chassis-manufacturer", "chassis_vendor"),
    ("chassis_version", "chassis-version", "chassis_version"),
    ("chassis_type", "chassis-type", "form_factor"),
    ("product_name", "system-product-name", "product_name"),
    ("product_serial", "system-serial-number", "product_serial"),
    ("product_uuid", "system-uuid", "product_uuid"),
    ("product_version", "system-version", "product_version"),
    ("sys_vendor", "system-manufacturer", "system_vendor"),
];

/// Kinds of chassis by their number (SMBIOS 7.4.1).
const CHASSIS: &[&str] = &[
    "Unknown",
    "Other",
    "Unknown",
    "Desktop",
    "Low Profile Desktop",
    "Pizza Box",
    "Mini Tower",
    "Tower",
    "Portable",
    "Laptop",
    "Notebook",
    "Hand Held",
    "Docking Station",
    "All In One",
    "Sub Notebook",
    "Space-saving",
    "Lunch Box",
    "Main Server Chassis",
    "Expansion Chassis",
    "Sub Chassis",
    "Bus Expansion Chassis",
    "Peripheral Chassis",
    "RAID Chassis",
    "Rack Mount Chassis",
    "Sealed-case PC",
    "Multi-system",
    "CompactPCI",
    "AdvancedTCA",
    "Blade",
    "Blade Enclosure",
    "Tablet",
    "Convertible",
    "Detachable",
    "IoT Gateway",
    "Embedded PC",
    "Mini PC",
    "Stick PC",
];

fn firmware(sections: &Sections, facts: &mut Facts) {
    for (file, option, fact) in FIRMWARE {
        let value = match (sections.pair("dmi", file), *fact) {
            (Some(number), "form_factor") => {
                let known = number.parse::<usize>().ok().and_then(|number| CHASSIS.get(number).copied());
                known.map_or_else(|| format!("unknown ({number})"), str::to_owned)
            }
            (value, _) => value.or_else(|| sections.pair("dmi", option)).unwrap_or("NA").to_owned(),
        };
        facts.put(fact, value);
    }
    let Some(mainframe) = sections.file("/proc/sysinfo") else { return };
    for name in ["system_vendor", "product_version", "product_serial", "product_name", "product_uuid"] {
        facts.put(name, "NA");
    }
    for (name, value) in mainframe.lines().filter_map(|line| line.split_once(':')) {
        match name {
            "Manufacturer" => facts.put("system_vendor", value.trim()),
            "Type" => facts.put("product_name", value.trim()),
            "Sequence Code" => facts.put("product_serial", value.trim().trim_start_matches('0')),
            _ => {}
        }
    }
}
