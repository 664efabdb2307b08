//! What a host is: one probe, and what is made of its answer.
//!
//! Names and values are those of Ansible's `setup`. The probe (`probes/facts.sh`) prints files and the output of
//! programs in sections; all that is concluded from them is concluded here. Facts come from the host and are never
//! templated.

mod devices;
mod distribution;
mod hardware;
mod local;
mod managers;
mod mounts;
mod network;
mod platform;
mod sections;
mod subset;
mod system;
mod virtualization;

pub use subset::Subset;

use super::{Answer, ModuleError, Question, probes};
use crate::template::{Dict, Value};
use sections::Sections;

/// Where local facts stand unless told.
pub const FACT_PATH: &str = "/etc/ansible/facts.d";

/// Which facts are wanted.
#[derive(Clone, Debug)]
pub struct Gather {
    /// The groups.
    pub subset: Subset,
    /// Shell patterns of the facts that are kept; empty keeps all.
    pub filter: Vec<String>,
    /// The folder of local facts.
    pub fact_path: String,
    /// What a file system may take to answer, in seconds.
    pub timeout: i64,
}

/// Wants the facts of these groups (`all`, `!hardware`, `network`, …), for a play that gathers them.
///
/// # Errors
/// When a group is unknown.
pub fn gather(subset: &[String]) -> Result<Gather, ModuleError> {
    let subset = Subset::new(subset)?;
    Ok(Gather { subset, filter: Vec::new(), fact_path: FACT_PATH.to_owned(), timeout: 10 })
}

impl Gather {
    /// The question to the host.
    #[must_use]
    pub fn question(&self) -> Question {
        let words = [self.subset.groups().join(" "), self.fact_path.clone(), self.timeout.to_string()];
        let mut question = Question::new(&probes::FACTS, words);
        question.limit = 4 * 1024 * 1024;
        question
    }

    /// The facts that the answer holds, with the prefix `ansible_`, and warnings.
    ///
    /// # Errors
    /// When the host did not answer to the end.
    pub fn read(&self, answer: &Answer) -> Result<(Dict, Vec<String>), ModuleError> {
        let sections = Sections::parse(&answer.stdout);
        if !sections.has("end") {
            return Err(ModuleError::new("the host's facts could not be read to their end")
                .field("stderr", answer.errors().into_owned())
                .field("rc", answer.rc));
        }
        let mut facts = Facts::default();
        for group in self.subset.groups() {
            collect(group, &sections, &mut facts);
        }
        let mut dict = Dict::new();
        for (name, value) in facts.dict {
            dict.insert(format!("ansible_{}", name.to_string().replace('-', "_")).into(), value);
        }
        let asked = self.subset.asked().iter().map(|group| Value::text(group.as_str())).collect();
        dict.insert("gather_subset".into(), Value::list(asked));
        dict.insert("module_setup".into(), Value::Bool(true));
        if !self.filter.is_empty() {
            dict.retain(|name, _| self.filter.iter().any(|filter| subset::wants(filter, &name.to_string())));
        }
        Ok((dict, facts.warnings))
    }
}

/// Facts under their names without the prefix.
#[derive(Default)]
struct Facts {
    dict: Dict,
    warnings: Vec<String>,
}

impl Facts {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.dict.insert(name.into(), value.into());
    }

    fn text(&self, name: &str) -> &str {
        self.dict.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// The groups are in an order in which each finds the facts that it builds on.
fn collect(group: &str, sections: &Sections, facts: &mut Facts) {
    match group {
        "platform" => platform::platform(sections, facts),
        "distribution" => distribution::distribution(sections, facts),
        "lsb" => facts.put("lsb", distribution::lsb(sections)),
        "selinux" => system::selinux(sections, facts),
        "apparmor" => system::apparmor(sections, facts),
        "chroot" => system::chroot(sections, facts),
        "fips" => facts.put("fips", sections.pair("fips", "enabled") == Some("1")),
        "python" => platform::python(sections, facts),
        "caps" => system::capabilities(sections, facts),
        "pkg_mgr" => managers::packages(sections, facts),
        "service_mgr" => managers::services(sections, facts),
        "systemd" => managers::systemd(sections, facts),
        "cmdline" => system::cmdline(sections, facts),
        "date_time" => platform::date_time(sections, facts),
        "env" => platform::env(sections, facts),
        "loadavg" => system::loadavg(sections, facts),
        "ssh_pub_keys" => system::ssh_keys(sections, facts),
        "user" => platform::user(sections, facts),
        "virtual" => virtualization::virtualization(sections, facts),
        "hardware" => {
            hardware::hardware(sections, facts);
            devices::devices(sections, facts);
            mounts::mounts(sections, facts);
        }
        "dns" => facts.put("dns", system::dns(sections)),
        "fibre_channel_wwn" => system::fibre_channel(sections, facts),
        "network" => network::network(sections, facts),
        "iscsi" => system::iscsi(sections, facts),
        "nvme" => system::nvme(sections, facts),
        "local" => local::local(sections, facts),
        _ => {}
    }
}

/// A dictionary of texts and other values under their names.
fn dict<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::dict(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// A list of texts.
fn texts<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Value {
    Value::list(items.into_iter().map(|item| Value::text(item.into())).collect())
}

/// A text as it is, nothing for an empty one.
fn maybe(text: Option<&str>) -> Value {
    text.map(str::trim).filter(|text| !text.is_empty()).map_or(Value::Null, Value::text)
}

#[cfg(test)]
mod tests;
