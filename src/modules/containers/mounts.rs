//! Volumes and mounts.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::compare::{Shape, texts};
use super::docker::Seen;
use super::options::{Setting, size};
use crate::modules::{Args, Argument, Kind, ModuleError};
use crate::template::{Dict, Value};

/// The entries of `mounts`.
pub const MOUNT: &[Argument] = &[
    Argument::text("target", "The path in the container.").required(),
    Argument::text("source", "The path of the host, or the volume."),
    Argument::text("type", "What it is.")
        .default("volume")
        .choices(&["bind", "volume", "tmpfs", "npipe", "cluster", "image"]),
    Argument::of("read_only", Kind::Bool, "Whether the container may not write."),
    Argument::text("consistency", "As `docker` takes it.").choices(&["default", "consistent", "cached", "delegated"]),
    Argument::text("propagation", "Of mounts below it.")
        .choices(&["private", "rprivate", "shared", "rshared", "slave", "rslave"]),
    Argument::of("no_copy", Kind::Bool, "Does not fill a new volume with what the image has there."),
    Argument::of("labels", Kind::Dict, "Labels of a new volume."),
    Argument::text("volume_driver", "The driver of a new volume."),
    Argument::of("volume_options", Kind::Dict, "Options of that driver."),
    Argument::text("tmpfs_size", "The most that a tmpfs holds."),
    Argument::text("tmpfs_mode", "Permissions of a tmpfs, octal."),
];

const MODES: [&str; 14] = [
    "rw",
    "ro",
    "z",
    "Z",
    "consistent",
    "delegated",
    "cached",
    "rprivate",
    "private",
    "rshared",
    "shared",
    "rslave",
    "slave",
    "nocopy",
];

fn is_mode(text: &str) -> bool {
    text.split(',').all(|part| MODES.contains(&part))
}

/// A volume of the argument `volumes`: bound, or one without a name.
#[derive(Debug, PartialEq, Eq)]
struct Volume {
    source: Option<String>,
    target: String,
    mode: String,
}

impl Volume {
    fn parse(text: &str, seen: &Seen) -> Result<Self, ModuleError> {
        let parts: Vec<&str> = text.split(':').collect();
        let bound = |source: &str, target: &str, mode: &str| Self {
            source: Some(seen.absolute(source)),
            target: target.to_owned(),
            mode: mode.to_owned(),
        };
        Ok(match *parts.as_slice() {
            [source, target, mode] if is_mode(mode) => bound(source, target, mode),
            [_, _, mode] => return Err(ModuleError::new(format!("Found invalid volumes mode: {mode}"))),
            [source, target] if !is_mode(target) => bound(source, target, "rw"),
            [target, mode] => Self { source: None, target: target.to_owned(), mode: mode.to_owned() },
            _ => Self { source: None, target: text.to_owned(), mode: String::new() },
        })
    }

    fn word(&self) -> String {
        match (&self.source, self.mode.as_str()) {
            (Some(source), mode) => format!("{source}:{}:{mode}", self.target),
            (None, "") => self.target.clone(),
            (None, mode) => format!("{}:{mode}", self.target),
        }
    }
}

/// Reads `volumes` and `mounts`.
///
/// # Errors
/// When a mode is none, or two stand at one place.
pub fn settings(args: &Args, seen: &Seen) -> Result<Vec<Setting>, ModuleError> {
    let mut places = BTreeSet::new();
    let mut take = |target: &str, option: &str| {
        if places.insert(target.to_owned()) {
            return Ok(());
        }
        Err(ModuleError::new(format!("The mount point \"{target}\" appears twice in the {option} option")))
    };
    let mut settings = Vec::new();
    if args.value("mounts").is_some() {
        let mut words = Vec::new();
        let mut wanted = Vec::new();
        for mount in args.list("mounts").iter().filter_map(Value::as_dict) {
            take(&entry(mount, "target").unwrap_or_default(), "mounts")?;
            words.push(format!("--mount={}", mount_word(mount, seen)?));
            wanted.push(mount_facet(mount, seen)?);
        }
        settings.push(Setting::new("mounts", words, Shape::Maps(wanted), actual_mounts));
    }
    if args.value("volumes").is_some() {
        let volumes: Vec<Volume> =
            args.texts("volumes").iter().map(|text| Volume::parse(text, seen)).collect::<Result<_, _>>()?;
        volumes.iter().try_for_each(|volume| take(&volume.target, "volumes"))?;
        let words = volumes.iter().map(|volume| format!("--volume={}", volume.word())).collect();
        let wanted = volumes.iter().map(facet).collect();
        settings.push(Setting::new("volumes", words, Shape::Set(wanted), actual_volumes));
    }
    Ok(settings)
}

fn facet(volume: &Volume) -> String {
    match &volume.source {
        Some(_) => volume.word(),
        None => volume.target.clone(),
    }
}

fn actual_volumes(container: &Json) -> Shape {
    let binds = texts(container.pointer("/HostConfig/Binds"));
    // A bind without a mode is one that may be written.
    let bound = binds.into_iter().map(|bind| if bind.matches(':').count() == 1 { bind + ":rw" } else { bind });
    Shape::Set(bound.chain(texts(container.pointer("/Config/Volumes"))).collect())
}

fn entry(mount: &Dict, name: &str) -> Option<String> {
    mount.get(name).map(ToString::to_string)
}

fn is_true(mount: &Dict, name: &str) -> Option<bool> {
    mount.get(name).map(|value| *value == Value::Bool(true))
}

fn source(mount: &Dict, seen: &Seen) -> Option<String> {
    let kind = entry(mount, "type");
    entry(mount, "source").map(|source| if kind.as_deref() == Some("bind") { seen.absolute(&source) } else { source })
}

/// A mount as `--mount` takes it: fields of CSV.
fn mount_word(mount: &Dict, seen: &Seen) -> Result<String, ModuleError> {
    let mut fields = vec![format!("type={}", entry(mount, "type").unwrap_or_default())];
    fields.extend(source(mount, seen).map(|source| format!("source={source}")));
    fields.push(format!("target={}", entry(mount, "target").unwrap_or_default()));
    fields.extend(is_true(mount, "read_only").filter(|yes| *yes).map(|_| "readonly".to_owned()));
    fields.extend(entry(mount, "consistency").map(|value| format!("consistency={value}")));
    fields.extend(entry(mount, "propagation").map(|value| format!("bind-propagation={value}")));
    fields.extend(is_true(mount, "no_copy").filter(|yes| *yes).map(|_| "volume-nocopy".to_owned()));
    fields.extend(entry(mount, "volume_driver").map(|value| format!("volume-driver={value}")));
    for (name, option) in [("labels", "volume-label"), ("volume_options", "volume-opt")] {
        let pairs = mount.get(name).and_then(Value::as_dict).into_iter().flatten();
        fields.extend(pairs.map(|(key, value)| format!("{option}={key}={value}")));
    }
    if let Some(bytes) = entry(mount, "tmpfs_size") {
        fields.push(format!("tmpfs-size={}", bytes_of(&bytes)?));
    }
    fields.extend(entry(mount, "tmpfs_mode").map(|value| format!("tmpfs-mode={value}")));
    let quoted = |field: String| {
        if field.contains([',', '"', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
    };
    Ok(fields.into_iter().map(quoted).collect::<Vec<_>>().join(","))
}

fn bytes_of(text: &str) -> Result<i64, ModuleError> {
    size(text).map_err(|reason| ModuleError::new(format!("Failed to convert tmpfs_size to bytes: {reason}")))
}

fn mount_facet(mount: &Dict, seen: &Seen) -> Result<Map<String, Json>, ModuleError> {
    let mut facet = Map::new();
    for name in ["type", "target", "consistency", "propagation", "volume_driver"] {
        if let Some(value) = entry(mount, name) {
            facet.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(source) = source(mount, seen) {
        facet.insert("source".to_owned(), json!(source));
    }
    for name in ["read_only", "no_copy"] {
        if let Some(yes) = is_true(mount, name) {
            facet.insert(name.to_owned(), json!(yes));
        }
    }
    if let Some(bytes) = entry(mount, "tmpfs_size") {
        facet.insert("tmpfs_size".to_owned(), json!(bytes_of(&bytes)?));
    }
    if let Some(mode) = entry(mount, "tmpfs_mode") {
        let bits = i64::from_str_radix(&mode, 8);
        facet.insert(
            "tmpfs_mode".to_owned(),
            json!(bits.map_err(|_| ModuleError::new(format!("tmpfs_mode {mode} is not octal")))?),
        );
    }
    Ok(facet)
}

fn actual_mounts(container: &Json) -> Shape {
    let mounts = container.pointer("/HostConfig/Mounts").and_then(Json::as_array);
    let one = |mount: &Json| {
        let or = |value: &Json, other: Json| if value.is_null() { other } else { value.clone() };
        let fields = [
            ("type", or(&mount["Type"], json!("volume"))),
            ("source", mount["Source"].clone()),
            ("target", mount["Target"].clone()),
            ("read_only", or(&mount["ReadOnly"], json!(false))),
            ("consistency", or(&mount["Consistency"], json!("default"))),
            ("propagation", or(&mount["BindOptions"]["Propagation"], json!("rprivate"))),
            ("no_copy", or(&mount["VolumeOptions"]["NoCopy"], json!(false))),
            ("volume_driver", mount["VolumeOptions"]["DriverConfig"]["Name"].clone()),
            ("tmpfs_size", mount["TmpfsOptions"]["SizeBytes"].clone()),
            ("tmpfs_mode", mount["TmpfsOptions"]["Mode"].clone()),
        ];
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    };
    Shape::Maps(mounts.map(|mounts| mounts.iter().map(one).collect()).unwrap_or_default())
}
