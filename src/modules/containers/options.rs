//! The options of a container that are one value, list or dictionary of what docker says of it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::compare::{Facet, Shape, entries, texts};
use crate::modules::{Args, ModuleError};
use crate::template::Value;

/// An option that a task gives: how docker is told, and how it is compared.
pub struct Setting {
    /// The argument.
    pub name: &'static str,
    /// Options of `docker create`.
    pub words: Vec<String>,
    /// What was asked for.
    pub wanted: Shape,
    /// What a container has instead.
    pub actual: Box<dyn Fn(&Json) -> Shape + Send>,
    /// Whether `docker update` takes it.
    pub updatable: bool,
}

impl Setting {
    /// A setting that only a new container takes.
    pub fn new(
        name: &'static str,
        words: Vec<String>,
        wanted: Shape,
        actual: impl Fn(&Json) -> Shape + Send + 'static,
    ) -> Self {
        Self { name, words, wanted, actual: Box::new(actual), updatable: false }
    }

    /// Compares with a container.
    #[must_use]
    pub fn facet(&self, container: &Json) -> Facet {
        let actual = (self.actual)(container);
        Facet { name: self.name, wanted: self.wanted.clone(), actual, updatable: self.updatable }
    }
}

/// What an option is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Int,
    /// A flag.
    Bool,
    /// A size.
    Bytes,
    /// A number of processors, in billionths.
    Nano,
    /// A list in order.
    List,
    /// A list in no order.
    Set,
    /// Capabilities, with or without `CAP_`.
    Capabilities,
    /// A dictionary of texts.
    Map,
    /// Paths, each with options after a colon.
    Tmpfs,
    /// Ports.
    Ports,
}

/// An option: argument, form, where docker says it, the option of `docker create`.
type Row = (&'static str, Form, &'static str, &'static str);

/// Options that `docker update` takes.
const UPDATABLE: [&str; 9] = [
    "blkio_weight",
    "cpu_period",
    "cpu_quota",
    "cpu_shares",
    "cpuset_cpus",
    "cpuset_mems",
    "memory",
    "memory_reservation",
    "memory_swap",
];

const ROWS: &[Row] = &[
    ("auto_remove", Form::Bool, "/HostConfig/AutoRemove", "--rm"),
    ("blkio_weight", Form::Int, "/HostConfig/BlkioWeight", "--blkio-weight"),
    ("cap_drop", Form::Capabilities, "/HostConfig/CapDrop", "--cap-drop"),
    ("capabilities", Form::Capabilities, "/HostConfig/CapAdd", "--cap-add"),
    ("cgroup_parent", Form::Text, "/HostConfig/CgroupParent", "--cgroup-parent"),
    ("cgroupns_mode", Form::Text, "/HostConfig/CgroupnsMode", "--cgroupns"),
    ("cpu_period", Form::Int, "/HostConfig/CpuPeriod", "--cpu-period"),
    ("cpu_quota", Form::Int, "/HostConfig/CpuQuota", "--cpu-quota"),
    ("cpu_shares", Form::Int, "/HostConfig/CpuShares", "--cpu-shares"),
    ("cpus", Form::Nano, "/HostConfig/NanoCpus", "--cpus"),
    ("cpuset_cpus", Form::Text, "/HostConfig/CpusetCpus", "--cpuset-cpus"),
    ("cpuset_mems", Form::Text, "/HostConfig/CpusetMems", "--cpuset-mems"),
    ("device_cgroup_rules", Form::List, "/HostConfig/DeviceCgroupRules", "--device-cgroup-rule"),
    ("dns_opts", Form::Set, "/HostConfig/DnsOptions", "--dns-option"),
    ("dns_search_domains", Form::List, "/HostConfig/DnsSearch", "--dns-search"),
    ("dns_servers", Form::List, "/HostConfig/Dns", "--dns"),
    ("domainname", Form::Text, "/Config/Domainname", "--domainname"),
    ("exposed_ports", Form::Ports, "/Config/ExposedPorts", "--expose"),
    ("groups", Form::Set, "/HostConfig/GroupAdd", "--group-add"),
    ("hostname", Form::Text, "/Config/Hostname", "--hostname"),
    ("init", Form::Bool, "/HostConfig/Init", "--init"),
    ("interactive", Form::Bool, "/Config/OpenStdin", "--interactive"),
    ("labels", Form::Map, "/Config/Labels", "--label"),
    ("log_driver", Form::Text, "/HostConfig/LogConfig/Type", "--log-driver"),
    ("log_options", Form::Map, "/HostConfig/LogConfig/Config", "--log-opt"),
    ("memory", Form::Bytes, "/HostConfig/Memory", "--memory"),
    ("memory_reservation", Form::Bytes, "/HostConfig/MemoryReservation", "--memory-reservation"),
    ("memory_swap", Form::Bytes, "/HostConfig/MemorySwap", "--memory-swap"),
    ("memory_swappiness", Form::Int, "/HostConfig/MemorySwappiness", "--memory-swappiness"),
    ("oom_killer", Form::Bool, "/HostConfig/OomKillDisable", "--oom-kill-disable"),
    ("oom_score_adj", Form::Int, "/HostConfig/OomScoreAdj", "--oom-score-adj"),
    ("pids_limit", Form::Int, "/HostConfig/PidsLimit", "--pids-limit"),
    ("privileged", Form::Bool, "/HostConfig/Privileged", "--privileged"),
    ("publish_all_ports", Form::Bool, "/HostConfig/PublishAllPorts", "--publish-all"),
    ("read_only", Form::Bool, "/HostConfig/ReadonlyRootfs", "--read-only"),
    ("runtime", Form::Text, "/HostConfig/Runtime", "--runtime"),
    ("security_opts", Form::Set, "/HostConfig/SecurityOpt", "--security-opt"),
    ("shm_size", Form::Bytes, "/HostConfig/ShmSize", "--shm-size"),
    ("stop_signal", Form::Text, "/Config/StopSignal", "--stop-signal"),
    ("stop_timeout", Form::Int, "/Config/StopTimeout", "--stop-timeout"),
    ("storage_opts", Form::Map, "/HostConfig/StorageOpt", "--storage-opt"),
    ("sysctls", Form::Map, "/HostConfig/Sysctls", "--sysctl"),
    ("tmpfs", Form::Tmpfs, "/HostConfig/Tmpfs", "--tmpfs"),
    ("tty", Form::Bool, "/Config/Tty", "--tty"),
    ("user", Form::Text, "/Config/User", "--user"),
    ("userns_mode", Form::Text, "/HostConfig/UsernsMode", "--userns"),
    ("uts", Form::Text, "/HostConfig/UTSMode", "--uts"),
    ("volume_driver", Form::Text, "/HostConfig/VolumeDriver", "--volume-driver"),
    ("volumes_from", Form::Set, "/HostConfig/VolumesFrom", "--volumes-from"),
    ("working_dir", Form::Text, "/Config/WorkingDir", "--workdir"),
];

/// Reads the options that a task gives. `labels` are those that the image has.
///
/// # Errors
/// When a size is none.
pub fn settings(args: &Args, labels: &BTreeMap<String, Json>) -> Result<Vec<Setting>, ModuleError> {
    let compatible = args.text("container_default_behavior") == Some("compatibility");
    let mut settings = Vec::new();
    for (name, form, pointer, option) in ROWS.iter().copied() {
        let usual =
            compatible && matches!(name, "auto_remove" | "init" | "interactive" | "privileged" | "read_only" | "tty");
        let no = Value::Bool(false);
        let Some(value) = args.value(name).or(usual.then_some(&no)) else { continue };
        let (words, mut wanted) = read(form, option, value)
            .map_err(|reason| ModuleError::new(format!("Failed to convert {name} to bytes: {reason}")))?;
        if let (Shape::Map(entries), "labels") = (&mut wanted, name) {
            for (name, value) in labels {
                entries.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        let mut setting = Setting::new(name, words, wanted, move |container| actual(form, container.pointer(pointer)));
        setting.updatable = UPDATABLE.contains(&name);
        settings.push(setting);
    }
    Ok(settings)
}

fn read(form: Form, option: &str, value: &Value) -> Result<(Vec<String>, Shape), String> {
    let list = || -> Vec<String> { value.as_list().unwrap_or_default().iter().map(ToString::to_string).collect() };
    let each = |items: &[String]| items.iter().map(|item| format!("{option}={item}")).collect::<Vec<_>>();
    let one = |text: &str| vec![format!("{option}={text}")];
    Ok(match form {
        Form::Text => (one(&value.to_string()), Shape::Value(json!(value.to_string()))),
        Form::Int => (one(&value.to_string()), Shape::Value(value.to_json())),
        Form::Bool => {
            let yes = *value == Value::Bool(true);
            (yes.then(|| option.to_owned()).into_iter().collect(), Shape::Value(json!(yes)))
        }
        Form::Bytes => {
            let bytes = size(&value.to_string())?;
            (one(&bytes.to_string()), Shape::Value(json!(bytes)))
        }
        Form::Nano => {
            let count = value.as_number().map_or(0.0, crate::template::Number::as_f64);
            #[expect(clippy::cast_possible_truncation, reason = "a number of processors is small")]
            let nano = (count * 1e9).round() as i64;
            (one(&value.to_string()), Shape::Value(json!(nano)))
        }
        Form::List => (each(&list()), Shape::List(list())),
        Form::Set => (each(&list()), Shape::Set(list().into_iter().collect())),
        Form::Capabilities => (each(&list()), Shape::Set(list().iter().map(|name| capability(name)).collect())),
        Form::Ports => {
            let ports = list();
            (each(&ports), Shape::Set(ports.iter().flat_map(|port| super::ports::expanded(port)).collect()))
        }
        Form::Tmpfs => {
            let paths = list();
            let pair = |item: &String| {
                let (path, options) = item.split_once(':').unwrap_or((item, ""));
                (path.to_owned(), json!(options))
            };
            (each(&paths), Shape::Map(paths.iter().map(pair).collect()))
        }
        Form::Map => {
            let entries: BTreeMap<String, Json> = value
                .as_dict()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.to_string(), json!(value.to_string())))
                .collect();
            let pair =
                |(name, value): (&String, &Json)| format!("{option}={name}={}", value.as_str().unwrap_or_default());
            (entries.iter().map(pair).collect(), Shape::Map(entries))
        }
    })
}

fn actual(form: Form, value: Option<&Json>) -> Shape {
    match form {
        Form::Text => Shape::Value(value.filter(|value| value.is_string()).cloned().unwrap_or(json!(""))),
        Form::Int | Form::Bytes | Form::Nano => Shape::Value(value.cloned().unwrap_or(Json::Null)),
        Form::Bool => Shape::Value(json!(value == Some(&json!(true)))),
        Form::List => Shape::List(texts(value)),
        Form::Set => Shape::Set(texts(value).into_iter().collect()),
        Form::Capabilities => Shape::Set(texts(value).iter().map(|name| capability(name)).collect()),
        Form::Ports => Shape::Set(texts(value).iter().flat_map(|port| super::ports::expanded(port)).collect()),
        Form::Map | Form::Tmpfs => Shape::Map(entries(value)),
    }
}

/// A capability without `CAP_`.
fn capability(name: &str) -> String {
    let name = name.to_uppercase();
    name.strip_prefix("CAP_").map_or(name.clone(), str::to_owned)
}

/// A size in bytes: `512M`, `1.5g`, `unlimited`.
///
/// # Errors
/// When it is none.
pub fn size(text: &str) -> Result<i64, String> {
    let text = text.trim();
    if text == "unlimited" || text == "-1" {
        return Ok(-1);
    }
    let converted = crate::modules::convert_argument(
        &crate::modules::Argument::of("size", crate::modules::Kind::Bytes, ""),
        &Value::text(text),
    );
    match converted {
        Ok(Value::Int(bytes)) => Ok(bytes),
        _ => Err(format!("can't interpret following string: {text}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_1024() {
        for (text, bytes) in [("512m", 512 << 20), ("1.5G", 3 << 29), ("0", 0), ("unlimited", -1), ("64MB", 64 << 20)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        assert!(size("much").is_err());
    }
}
