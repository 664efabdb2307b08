//! `lvg`: volume groups of LVM.

use std::sync::Arc;

use crate::modules::clients::{self, Clients};
use crate::modules::files::split;
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Rule, Spec, Step, TaskContext, TaskResult, probes,
};

/// The module.
pub struct Lvg;

/// The module.
pub static MODULE: Lvg = Lvg;

static SPEC: Spec = Spec {
    name: "lvg",
    collections: &["community.general", "ansible.builtin"],
    summary: "Makes, alters and removes volume groups of LVM. Unproven on a real system.",
    arguments: &[
        Argument::text("vg", "The group.").required(),
        Argument::list("pvs", "Its devices; needed for a new one."),
        Argument::text("pesize", "The size of extents of a new one: `4`, `128K`; megabytes unless told.").default("4"),
        Argument::text("pv_options", "Further words for pvcreate.").default(""),
        Argument::bool("pvresize", false, "Grows its volumes to their devices."),
        Argument::text("vg_options", "Further words for vgcreate.").default(""),
        Argument::text("state", "Whether it is there, and its volumes are in use.").default("present").choices(&[
            "absent", "present", "active", "inactive",
        ]),
        Argument::bool("force", false, "Removes it with volumes in it."),
        Argument::bool("reset_vg_uuid", false, "Gives it another UUID; always a change."),
        Argument::bool("reset_pv_uuid", false, "Gives its devices other UUIDs; always a change."),
        Argument::bool("remove_extra_pvs", true, "Takes devices away that `pvs` does not name."),
    ],
    rules: &[Rule::If("reset_pv_uuid", "true", &["pvs"])],
    ..BLANK
};

impl Module for Lvg {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let states = matches!(args.needed("state"), "active" | "inactive");
        let mut words = vec![args.needed("vg").to_owned(), if states { "yes" } else { "" }.to_owned()];
        words.extend(args.texts("pvs"));
        flow::ask(Question::new(&probes::LVG, words), move |answer| Group::read(args, &answer)?.decide())
    }
}

/// A device that LVM has.
struct Volume {
    /// As LVM names it.
    name: String,
    /// What it is beyond links.
    real: String,
    group: String,
    /// Its device's size, its own, where its extents start, and the size of one, in bytes.
    sizes: [u64; 4],
}

struct Group {
    args: Arc<Args>,
    clients: Clients,
    /// How many volumes the group has; none when it is not there.
    volumes: Option<u64>,
    devices: Vec<String>,
    known: Vec<Volume>,
}

impl Group {
    fn read(args: Arc<Args>, answer: &Answer) -> Result<Self, ModuleError> {
        let clients = Clients::read(answer);
        for name in ["vgs", "pvs"] {
            clients.require(name, name)?;
            clients::accept(clients.find(name))?;
        }
        let vg = args.needed("vg");
        let fields = |line: &str| line.trim().split(';').map(str::to_owned).collect::<Vec<String>>();
        let lines = |name: &str| clients.text(name).lines().map(fields).collect::<Vec<_>>();
        let this = lines("vgs").into_iter().find(|parts| parts.first().is_some_and(|name| name == vg));
        let volumes = this.map(|parts| parts.get(2).and_then(|count| count.parse().ok()).unwrap_or(0));
        let real = |device: &str| clients.text(&format!("real:{device}"));
        let volume = |parts: Vec<String>| {
            let size = |place: usize| parts.get(place).and_then(|size| size.trim().parse().ok()).unwrap_or(0);
            let name = parts.first().cloned().unwrap_or_default();
            let real = Some(real(&name)).filter(|real| !real.is_empty()).unwrap_or_else(|| name.clone());
            let group = parts.get(1).cloned().unwrap_or_default();
            Volume { name, real, group, sizes: [size(2), size(3), size(4), size(5)] }
        };
        let known = lines("pvs").into_iter().map(volume).collect();
        let mut devices = Vec::new();
        for device in args.texts("pvs").iter().filter(|device| !device.is_empty()) {
            let found = real(device);
            if found.is_empty() && args.needed("state") != "absent" {
                return Err(ModuleError::new(format!("Device {device} not found.")));
            }
            devices.push(found);
        }
        Ok(Self { args, clients, volumes, devices, known })
    }

    fn decide(self) -> Flow {
        let vg = self.args.needed("vg").to_owned();
        let absent = self.args.needed("state") == "absent";
        if absent {
            return match self.volumes {
                None => flow::done(TaskResult::ok()),
                Some(count) if count > 0 && !self.args.bool("force") => {
                    Err(ModuleError::new(format!("Refuse to remove non-empty volume group {vg} without force=true")))
                }
                Some(_) => change(vec![flow::words(["vgremove", "--force", &vg])]),
            };
        }
        if self.volumes.is_none() && self.devices.is_empty() {
            return Err(ModuleError::new("No physical volumes given."));
        }
        let other = |volume: &&Volume| {
            self.devices.contains(&volume.real) && !volume.group.is_empty() && volume.group != vg
        };
        if let Some(volume) = self.known.iter().find(other) {
            let message = format!("Device {} is already in {} volume group.", volume.real, volume.group);
            return Err(ModuleError::new(message));
        }
        let commands = if self.volumes.is_none() { self.creation()? } else { self.alterations()? };
        if commands.is_empty() { flow::done(TaskResult::ok()) } else { change(commands) }
    }

    fn made(&self, device: &str) -> Result<Vec<String>, ModuleError> {
        let options = options(&self.args, "pv_options")?;
        Ok(["pvcreate".to_owned()].into_iter().chain(options).chain(["-f".to_owned(), device.to_owned()]).collect())
    }

    fn creation(&self) -> Result<Vec<Vec<String>>, ModuleError> {
        let mut commands = self.devices.iter().map(|device| self.made(device)).collect::<Result<Vec<_>, _>>()?;
        let own = options(&self.args, "vg_options")?;
        let told = own.iter().any(|word| word.starts_with("--setautoactivation"));
        let mut create = vec!["vgcreate".to_owned()];
        create.extend(own);
        create.extend(["-s".to_owned(), self.args.needed("pesize").to_owned()]);
        if self.clients.holds("auto") && !told {
            let active = self.args.needed("state") == "active";
            create.extend(flow::words(["--setautoactivation", if active { "y" } else { "n" }]));
        }
        create.push(self.args.needed("vg").to_owned());
        create.extend(self.devices.iter().cloned());
        commands.push(create);
        Ok(commands)
    }

    fn alterations(&self) -> Result<Vec<Vec<String>>, ModuleError> {
        let vg = self.args.needed("vg");
        let mut commands = self.activation();
        if self.args.bool("reset_vg_uuid") {
            commands.push(flow::words(["vgchange", "-u", vg]));
        }
        if self.devices.is_empty() {
            return Ok(commands);
        }
        let current: Vec<&Volume> = self.known.iter().filter(|volume| volume.group == vg).collect();
        for volume in &current {
            let [device, own, start, extent] = volume.sizes;
            if self.args.bool("pvresize") && device.saturating_sub(start.saturating_add(own)) > extent {
                commands.push(flow::words(["pvresize", &volume.real]));
            }
            if self.args.bool("reset_pv_uuid") {
                commands.push(flow::words(["pvchange", "-u", &volume.real]));
            }
        }
        let has = |device: &&String| current.iter().any(|volume| volume.real == **device);
        let new: Vec<&String> = self.devices.iter().filter(|device| !has(device)).collect();
        for device in &new {
            commands.push(self.made(device)?);
        }
        if !new.is_empty() {
            commands.push(flow::words(["vgextend", vg].into_iter().chain(new.iter().map(|device| device.as_str()))));
        }
        let extra: Vec<&str> = current
            .iter()
            .filter(|volume| self.args.bool("remove_extra_pvs") && !self.devices.contains(&volume.real))
            .map(|volume| volume.name.as_str())
            .collect();
        if !extra.is_empty() {
            commands.push(flow::words(["vgreduce", "--force", vg].into_iter().chain(extra)));
        }
        Ok(commands)
    }

    /// What takes the group's volumes into use, or out of it.
    fn activation(&self) -> Vec<Vec<String>> {
        let vg = self.args.needed("vg");
        let (active, letter) = match self.args.needed("state") {
            "active" => (true, "y"),
            "inactive" => (false, "n"),
            _ => return Vec::new(),
        };
        let text = self.clients.text("lvs");
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.trim().split(';').collect()).collect();
        let in_use = |parts: &&Vec<&str>| parts[0].as_bytes().get(4) == Some(&b'a');
        let volumes: Vec<&Vec<&str>> = lines.iter().filter(|parts| parts[0].len() > 4).collect();
        let automatic = lines.iter().any(|parts| parts.get(1) == Some(&"enabled"));
        let mut commands = Vec::new();
        if self.clients.holds("auto") && automatic != active {
            commands.push(flow::words(["vgchange", "--setautoactivation", letter, vg]));
        }
        if volumes.iter().any(|parts| in_use(parts) != active) {
            commands.push(flow::words(["vgchange", "--activate", letter, vg]));
        }
        commands
    }
}

fn options(args: &Args, name: &str) -> Result<Vec<String>, ModuleError> {
    let line = args.needed(name);
    split::words(line).ok_or_else(|| ModuleError::new(format!("No closing quotation in: {line}")))
}

fn change(commands: Vec<Vec<String>>) -> Flow {
    let lines: Vec<String> = commands.iter().map(|command| command.join(" ")).collect();
    clients::change(vec![flow::diff_lines("lvm", &[], &lines)], flow::commands(commands), TaskResult::ok())
}
