//! Block devices, their partitions, and the links that name them.

use std::collections::{BTreeMap, BTreeSet};

use super::sections::{blocks, pair};
use super::{Facts, Sections, dict, maybe, texts};
use crate::template::{Dict, Value};

/// Kinds of links, and for each device the links that lead to it.
type Links = Vec<(&'static str, BTreeMap<String, BTreeSet<String>>)>;

/// `devices` and `device_links`.
pub fn devices(sections: &Sections, facts: &mut Facts) {
    let all: Vec<(&str, Vec<&str>)> = blocks(sections.get("blocks")).collect();
    let links = links(sections, &all);
    let world_wide: BTreeMap<&str, &str> = listing(sections, "id")
        .into_iter()
        .filter_map(|(name, target)| Some((base(target), name.strip_prefix("wwn-")?)))
        .collect();
    let shown = links.iter().map(|(kind, links)| {
        let links =
            links.iter().map(|(device, names)| (device.as_str().into(), texts(names.iter().map(String::as_str))));
        ((*kind).into(), Value::dict(links.collect()))
    });
    facts.put("device_links", Value::dict(shown.collect()));
    let mut devices = Dict::new();
    for (name, lines) in &all {
        let split = lines.iter().position(|line| line.starts_with("part=")).unwrap_or(lines.len());
        let (own, parts) = lines.split_at(split);
        let mut device = device(name, own, sections, &links);
        if let Some(name) = world_wide.get(name) {
            device.insert("wwn".into(), (*name).into());
        }
        let mut partitions = Dict::new();
        for lines in parts.chunk_by(|_, next| !next.starts_with("part=")) {
            if let Some(part) = lines[0].strip_prefix("part=") {
                partitions.insert(part.into(), partition(part, lines, &links));
            }
        }
        device.insert("partitions".into(), Value::dict(partitions));
        devices.insert((*name).into(), Value::dict(device));
    }
    facts.put("devices", devices);
}

/// The links of a kind as `ls -l` lists them: name and target.
fn listing<'a>(sections: &'a Sections, kind: &str) -> Vec<(&'a str, &'a str)> {
    let line = |line: &'a str| {
        let (left, target) = line.strip_prefix(kind)?.strip_prefix(' ')?.split_once(" -> ")?;
        Some((left.rsplit(' ').next()?, target.trim()))
    };
    sections.get("links").lines().filter_map(line).collect()
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn links(sections: &Sections, blocks: &[(&str, Vec<&str>)]) -> Links {
    let named = |kind: &str| {
        let mut links: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, target) in listing(sections, kind) {
            links.entry(base(target).to_owned()).or_default().insert(name.to_owned());
        }
        links
    };
    let mut masters: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (device, lines) in blocks {
        for slave in lines.iter().filter_map(|line| line.strip_prefix("slave=")) {
            masters.entry(slave.to_owned()).or_default().insert((*device).to_owned());
        }
    }
    vec![("ids", named("id")), ("uuids", named("uuid")), ("labels", named("label")), ("masters", masters)]
}

fn links_of(links: &Links, device: &str) -> Value {
    let of =
        |links: &BTreeMap<String, BTreeSet<String>>| texts(links.get(device).into_iter().flatten().map(String::as_str));
    Value::dict(links.iter().map(|(kind, links)| ((*kind).into(), of(links))).collect())
}

#[expect(clippy::similar_names, reason = "the pairs are what they are called")]
fn device(name: &str, lines: &[&str], sections: &Sections, links: &Links) -> Dict {
    let get = |key: &str| pair(lines.iter().copied(), key);
    let fact = |key: &str| maybe(get(key));
    let link = get("link").unwrap_or_default();
    let real = get("symlink").is_none() && get("device").is_some();
    let discard = if get("discard_max_hw_bytes") == Some("0") { "0".into() } else { fact("discard_granularity") };
    let sector = get("logical_block_size").or_else(|| get("hw_sector_size"));
    let sectors = sectors(get("size"), sector);
    let mode = get("scheduler").and_then(|line| line.split_once('[')?.1.rsplit_once(']')).map_or("", |(mode, _)| mode);
    let mut device: Dict = [
        ("virtual", Value::Int(i64::from(!real))),
        ("links", links_of(links, name)),
        ("vendor", fact("vendor")),
        ("model", fact("model")),
        ("sas_address", fact("sas_address")),
        ("sas_device_handle", fact("sas_device_handle")),
        ("removable", fact("removable")),
        ("support_discard", discard),
        ("rotational", fact("rotational")),
        ("scheduler_mode", mode.into()),
        ("sectorsize", sector.map_or(Value::Int(512), Value::text)),
        ("sectors", Value::Int(sectors)),
        ("size", human(sectors, sector).into()),
        ("host", pci_host(link, sections).into()),
        ("holders", holders(lines)),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value))
    .collect();
    if let Some(serial) = get("serial") {
        device.insert("serial".into(), serial.into());
    }
    device
}

#[expect(clippy::similar_names, reason = "the pairs are what they are called")]
fn partition(name: &str, lines: &[&str], links: &Links) -> Value {
    let get = |key: &str| pair(lines.iter().copied(), key);
    let sector = get("logical_block_size");
    let sectors = sectors(get("size"), sector);
    let uuid = links
        .iter()
        .find(|(kind, _)| *kind == "uuids")
        .and_then(|(_, links)| links.get(name)?.first())
        .map_or(Value::Null, |uuid| Value::text(uuid.as_str()));
    dict([
        ("links", links_of(links, name)),
        ("start", get("start").map_or(Value::Int(0), Value::text)),
        ("sectorsize", sector.map_or(Value::Int(512), Value::text)),
        ("sectors", Value::Int(sectors)),
        ("size", human(sectors, sector).into()),
        ("uuid", uuid),
        ("holders", holders(lines)),
    ])
}

fn holders(lines: &[&str]) -> Value {
    texts(lines.iter().filter_map(|line| line.strip_prefix("holder=")))
}

fn sector_size(sector: Option<&str>) -> i64 {
    sector.and_then(|text| text.parse().ok()).filter(|size| *size > 0).unwrap_or(512)
}

/// The kernel counts in units of 512 bytes.
fn sectors(size: Option<&str>, sector: Option<&str>) -> i64 {
    let size: i64 = size.and_then(|text| text.parse().ok()).unwrap_or_default();
    size.saturating_mul(512) / sector_size(sector)
}

/// `20.00 GB`.
#[expect(clippy::cast_precision_loss, reason = "two decimals are shown")]
fn human(sectors: i64, sector: Option<&str>) -> String {
    let bytes = sectors as f64 * sector_size(sector) as f64;
    let units = [("YB", 80), ("ZB", 70), ("EB", 60), ("PB", 50), ("TB", 40), ("GB", 30), ("MB", 20), ("KB", 10)];
    let unit = units.into_iter().map(|(unit, power)| (unit, 2_f64.powi(power))).find(|(_, limit)| bytes >= *limit);
    match unit {
        Some((unit, limit)) => format!("{:.2} {unit}", bytes / limit),
        None => format!("{bytes:.2} Bytes"),
    }
}

/// What `lspci` calls the controller whose address stands last in the path.
#[expect(clippy::similar_names, reason = "the pairs are what they are called")]
fn pci_host<'a>(link: &str, sections: &'a Sections) -> &'a str {
    let address = |part: &&str| {
        let bytes = part.as_bytes();
        bytes.len() == 12 && bytes[4] == b':' && bytes[7] == b':' && bytes[10] == b'.'
    };
    let Some(address) = link.split('/').rfind(address) else { return "" };
    let line = |line: &'a str| line.strip_prefix(address)?.strip_prefix(' ');
    sections.get("lspci").lines().find_map(line).unwrap_or_default()
}
