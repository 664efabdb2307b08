//! Mounted file systems and volumes.

use super::{Facts, Sections, dict};
use crate::modules::files::fstab::unescape;
use crate::template::{Dict, Value};

/// `mounts` and `lvm`.
pub fn mounts(sections: &Sections, facts: &mut Facts) {
    let uuids: Vec<(&str, &str)> =
        sections.get("lsblk").lines().filter_map(|line| line.trim().rsplit_once(char::is_whitespace)).collect();
    let uuid =
        |device: &str| uuids.iter().find(|(name, _)| name.trim() == device).map_or("N/A", |(_, uuid)| uuid.trim());
    let binds: Vec<&str> = sections
        .get("findmnt")
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let mount = words.next()?;
            words.next()?.contains(']').then_some(mount)
        })
        .collect();
    let mut all: Vec<(String, Value)> = Vec::new();
    for line in sections.get("mounts").lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [device, mount, kind, options, rest @ ..] = fields.as_slice() else { continue };
        let (raw, device, mount) = (*mount, unescape(device), unescape(mount));
        if (!device.starts_with(['/', '\\']) && !device.contains(":/")) || *kind == "none" {
            continue;
        }
        let number = |index: usize| rest.get(index).and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
        let bind = binds.contains(&mount.as_str()) && !options.contains("bind\"");
        let mut info: Dict = [
            ("mount", Value::text(mount.as_str())),
            ("device", Value::text(device.as_str())),
            ("fstype", (*kind).into()),
            ("options", if bind { format!("{options},bind").into() } else { (*options).into() }),
            ("dump", Value::Int(number(0))),
            ("passno", Value::Int(number(1))),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect();
        match size(sections, raw) {
            Size::Known(size) => {
                info.extend(size);
                info.insert("uuid".into(), uuid(&device).into());
            }
            Size::Unknown => drop(info.insert("uuid".into(), uuid(&device).into())),
            Size::TimedOut => {
                facts.warnings.push(format!("Timeout exceeded when getting mount info for {mount}"));
                info.insert("note".into(), "Could not get extra information due to timeout".into());
            }
        }
        all.retain(|(other, _)| *other != mount);
        all.push((mount, Value::dict(info)));
    }
    facts.put("mounts", Value::list(all.into_iter().map(|(_, info)| info).collect()));
    volumes(sections, facts);
}

enum Size {
    Known(Vec<(crate::template::Key, Value)>),
    Unknown,
    TimedOut,
}

fn size(sections: &Sections, mount: &str) -> Size {
    let line = sections.get("statfs").lines().find_map(|line| line.strip_prefix(mount)?.strip_prefix(' '));
    let numbers: Vec<i64> = line.unwrap_or_default().split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [unit, total, available, block, inodes, inodes_free] = numbers.as_slice() else {
        // The codes of `timeout` when it had to end the program: its own, or the signal's.
        let late = line.is_some_and(|line| line == "- 124" || line == "- 143");
        return if late { Size::TimedOut } else { Size::Unknown };
    };
    let facts = [
        ("size_total", unit.saturating_mul(*total)),
        ("size_available", unit.saturating_mul(*available)),
        ("block_size", *block),
        ("block_total", *total),
        ("block_available", *available),
        ("block_used", total.saturating_sub(*available)),
        ("inode_total", *inodes),
        ("inode_available", *inodes_free),
        ("inode_used", inodes.saturating_sub(*inodes_free)),
    ];
    Size::Known(facts.into_iter().map(|(name, value)| (name.into(), Value::Int(value))).collect())
}

/// `lvm`: groups, volumes and devices, for root where the programs are.
fn volumes(sections: &Sections, facts: &mut Facts) {
    if !sections.has("lvm") {
        facts.put("lvm", "N/A");
        return;
    }
    let (mut groups, mut logical, mut physical) = (Dict::new(), Dict::new(), Dict::new());
    for line in sections.get("lvm").lines() {
        let Some((kind, line)) = line.split_once(' ') else { continue };
        let items: Vec<&str> = line.trim().split(',').collect();
        let item = |index: usize| Value::text(items.get(index).copied().unwrap_or_default());
        let last = |back: usize| item(items.len().saturating_sub(back));
        let name = items[0].into();
        match kind {
            "vgs" => drop(groups.insert(
                name,
                dict([("size_g", last(2)), ("free_g", last(1)), ("num_lvs", item(2)), ("num_pvs", item(1))]),
            )),
            "lvs" => drop(logical.insert(name, dict([("size_g", item(3)), ("vg", item(1))]))),
            "pvs" => {
                drop(physical.insert(name, dict([("size_g", item(4)), ("free_g", item(5)), ("vg", item(1))])));
            }
            _ => {}
        }
    }
    let lvm = [("lvs", logical), ("vgs", groups), ("pvs", physical)].map(|(name, dict)| (name, Value::dict(dict)));
    facts.put("lvm", dict(lvm));
}
