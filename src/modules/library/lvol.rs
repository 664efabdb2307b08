//! `lvol`: logical volumes of LVM.

use std::sync::Arc;

use crate::modules::clients::{self, Clients, missing};
use crate::modules::files::split;
use crate::modules::flow::{self, Flow};
use crate::modules::storage::volume_size::{Of, Size};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, Spec, Step, TaskContext, TaskResult,
    probes,
};
use crate::template::Value;

/// The module.
pub struct Lvol;

/// The module.
pub static MODULE: Lvol = Lvol;

static SPEC: Spec = Spec {
    name: "lvol",
    collections: &["community.general", "ansible.builtin"],
    summary: "Makes, resizes and removes logical volumes of LVM. Unproven on a real system.",
    arguments: &[
        Argument::text("vg", "Its group.").required(),
        Argument::text("lv", "The volume; of a snapshot, what it is made of."),
        Argument::text("size", "`512` (megabytes), `10g`, `+1g`, `80%VG`, `100%FREE`; needed for a new one."),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::bool("active", true, "Whether it is in use."),
        Argument::bool("force", false, "Lets it shrink and go."),
        Argument::text("opts", "Further words for lvcreate."),
        Argument::text("snapshot", "A snapshot of the volume."),
        Argument::list("pvs", "The devices that it is on."),
        Argument::text("thinpool", "The thin pool that it is in, or that is made."),
        Argument::bool("shrink", true, "Shrinks one that is larger."),
        Argument::bool("resizefs", false, "Resizes the file system on it too."),
    ],
    rules: &[Rule::OneOf(&["lv", "thinpool"])],
    returns: &[
        Return { name: "vg", about: "Its group, where the volume was there." },
        Return { name: "lv", about: "The volume, where it was there." },
        Return { name: "size", about: "The size that it had, in the unit of `size`." },
    ],
    ..BLANK
};

impl Module for Lvol {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let size = args.text("size").filter(|size| !size.is_empty());
        let size = size.map(|size| Size::parse(size, args.is_given("snapshot"))).transpose()?;
        let unit = size.as_ref().map_or('m', Size::unit).to_string();
        let question = Question::new(&probes::LVOL, [unit.as_str(), args.needed("vg")]);
        flow::ask(question, move |answer| Task::read(args, size, &answer)?.decide(&answer))
    }
}

/// A volume that is there.
#[derive(Clone)]
struct Volume {
    name: String,
    size: f64,
    attributes: String,
}

impl Volume {
    fn read(line: &str) -> Option<Self> {
        let mut parts = line.trim().split(';');
        let name = parts.next()?.replace(['[', ']'], "");
        Some(Self { name, size: parts.next()?.parse().ok()?, attributes: parts.next()?.to_owned() })
    }

    fn has(&self, place: usize, letter: u8) -> bool {
        self.attributes.as_bytes().get(place) == Some(&letter)
    }
}

struct Task {
    args: Arc<Args>,
    size: Option<Size>,
    /// Whether LVM knows `--yes`.
    yes: bool,
    /// Size, free, and of an extent.
    group: [f64; 3],
    volumes: Vec<Volume>,
}

/// Whether a volume grows or shrinks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tool {
    Extend,
    Reduce,
}

impl Task {
    fn read(args: Arc<Args>, size: Option<Size>, answer: &Answer) -> Result<Self, ModuleError> {
        let clients = Clients::read(answer);
        if clients.find("version").is_some_and(|said| said.rc == 127) {
            return Err(missing("lvm"));
        }
        let version = version(&clients.text("version")).ok_or_else(|| ModuleError::new("Failed to get LVM version number"))?;
        let line = clients.text("vgs");
        let mut numbers = line.trim().split(';').skip(1).map(|number| number.trim().parse::<f64>().unwrap_or(0.0));
        let mut next = || numbers.next().unwrap_or(0.0);
        let group = [next(), next(), next()];
        let volumes = clients.text("lvs").lines().filter_map(Volume::read).collect();
        Ok(Self { args, size, yes: version >= [2, 2, 99], group, volumes })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.args.text(name).filter(|text| !text.is_empty())
    }

    fn find(&self, name: &str) -> Option<&Volume> {
        self.volumes.iter().find(|volume| volume.name == name)
    }

    fn decide(self, answer: &Answer) -> Flow {
        let clients = Clients::read(answer);
        let vg = self.args.needed("vg").to_owned();
        let present = self.args.needed("state") == "present";
        if !clients.holds("vgs") || !clients.holds("lvs") {
            let message = format!("Volume group {vg} does not exist.");
            let said = clients.said("vgs");
            return if present {
                Err(ModuleError::new(message).field("rc", said.rc).field("err", said.errors().into_owned()))
            } else {
                flow::done(TaskResult::ok().field("stdout", message))
            };
        }
        let wanted = self.wanted(&vg)?;
        let base = wanted.rsplit('/').next().unwrap_or_default();
        let this = self.volumes.iter().find(|volume| volume.name == wanted || volume.name == base).cloned();
        match this {
            None if !present => flow::done(TaskResult::ok().message("")),
            None => self.create(&vg),
            Some(this) if !present => self.remove(&vg, &this),
            Some(this) => self.settle(&vg, &this),
        }
    }

    /// The name of the volume that is meant.
    fn wanted(&self, vg: &str) -> Result<String, ModuleError> {
        let (lv, pool) = (self.text("lv"), self.text("thinpool"));
        if let Some(snapshot) = self.text("snapshot") {
            let origin = self.volumes.iter().find(|volume| Some(volume.name.as_str()) == lv || Some(volume.name.as_str()) == pool);
            return match origin {
                Some(origin) if !origin.has(0, b't') && pool.is_none() => Ok(snapshot.to_owned()),
                Some(_) => Err(ModuleError::new("Snapshots of thin pool LVs are not supported.")),
                None => {
                    let lv = lv.unwrap_or("None");
                    Err(ModuleError::new(format!("Snapshot origin LV {lv} does not exist in volume group {vg}.")))
                }
            };
        }
        match (lv, pool) {
            (Some(lv), Some(pool)) if self.find(pool).is_some() => Ok(lv.to_owned()),
            (Some(_), Some(pool)) => {
                Err(ModuleError::new(format!("Thin pool LV {pool} does not exist in volume group {vg}.")))
            }
            (name, other) => Ok(name.or(other).unwrap_or_default().to_owned()),
        }
    }

    fn create(self, vg: &str) -> Flow {
        let (lv, pool, snapshot) = (self.text("lv"), self.text("thinpool"), self.text("snapshot"));
        let thin_origin = lv.and_then(|lv| self.find(lv)).is_some_and(|volume| volume.has(0, b'V'));
        let size = match &self.size {
            None if snapshot.is_none() || !thin_origin => return Err(ModuleError::new("No size given.")),
            Some(size) if size.sign == Some('-') || (size.sign.is_some() && matches!(size.of, Of::Unit(_))) => {
                let message = format!("Bad size specification of '{}' for creating LV", size.signed());
                return Err(ModuleError::new(message));
            }
            Some(size) if pool.is_some() && lv.is_some() && snapshot.is_none() && matches!(size.of, Of::Share(_)) => {
                return Err(ModuleError::new("Thin volume sizing with percentage not supported."));
            }
            size => size.as_ref(),
        };
        let pair = |option: &str, value: &str| [option.to_owned(), value.to_owned()];
        let sized: Vec<String> = size.into_iter().flat_map(|size| pair(size.option(), &size.value())).collect();
        let line = self.args.needed("opts");
        let opts = split::words(line).ok_or_else(|| ModuleError::new(format!("No closing quotation in: {line}")))?;
        let mut words = vec!["lvcreate".to_owned()];
        words.extend(self.yes.then(|| "--yes".to_owned()));
        match (snapshot, pool, lv) {
            (Some(snapshot), _, lv) => {
                words.extend(sized.into_iter().chain(["-s".to_owned()]).chain(pair("-n", snapshot)).chain(opts));
                words.push(format!("{vg}/{}", lv.unwrap_or_default()));
            }
            (None, Some(pool), Some(lv)) => {
                let size = size.map(Size::value).unwrap_or_default();
                words.extend(pair("-n", lv).into_iter().chain(pair("-V", &size)).chain(opts));
                words.extend(pair("-T", &format!("{vg}/{pool}")));
            }
            (None, Some(pool), None) => {
                words.extend(sized.into_iter().chain(opts).chain(pair("-T", &format!("{vg}/{pool}"))));
                words.extend(self.args.texts("pvs"));
            }
            (None, None, lv) => {
                words.extend(pair("-n", lv.unwrap_or_default()).into_iter().chain(sized).chain(opts));
                words.push(vg.to_owned());
                words.extend(self.args.texts("pvs"));
            }
        }
        let message = format!("Creating logical volume '{}' failed", lv.unwrap_or("None"));
        run(vec![words], message, TaskResult::ok().message(""))
    }

    fn remove(self, vg: &str, this: &Volume) -> Flow {
        if !self.args.bool("force") {
            let message = format!("Sorry, no removal of logical volume {} without force=true.", this.name);
            return Err(ModuleError::new(message));
        }
        let name = format!("{vg}/{}", this.name);
        let message = format!("Failed to remove logical volume {}", self.args.needed("lv"));
        run(vec![flow::words(["lvremove", "--force", &name])], message, TaskResult::ok())
    }

    /// Gives a volume its size, and takes it into use or out of it.
    fn settle(self, vg: &str, this: &Volume) -> Flow {
        let name = format!("{vg}/{}", this.name);
        let tool = self.tool(this)?;
        let active = self.args.bool("active");
        let mut result = TaskResult::ok().field("vg", vg).field("lv", this.name.as_str()).field("size", Value::Float(this.size));
        let switch = (this.has(4, b'a') != active)
            .then(|| flow::words(["lvchange", if active { "-ay" } else { "-an" }, name.as_str()]));
        let verb = if active { "activate" } else { "deactivate" };
        let failed = format!("Failed to {verb} logical volume {}", self.args.needed("lv"));
        let (Some(tool), Some(size)) = (tool, &self.size) else {
            return match switch {
                Some(switch) => run(vec![switch], failed, result),
                None => flow::done(result),
            };
        };
        let mut words = flow::words(match tool {
            Tool::Extend => &["lvextend"][..],
            Tool::Reduce => &["lvreduce", "--force"][..],
        }.iter().copied());
        words.extend(self.args.bool("resizefs").then(|| "--resizefs".to_owned()));
        words.extend([size.option().to_owned(), size.signed(), name]);
        words.extend(self.args.texts("pvs"));
        let message = format!("Unable to resize {} to {}", self.args.needed("lv"), size.value());
        let diff = flow::diff_lines("lvm", &[], &[words.join(" ")]);
        flow::change(vec![diff], flow::command(words), move |answer| {
            let Some(answer) = answer else { return flow::done(TaskResult { changed: true, ..result }) };
            let said = format!("{}{}", answer.text(), answer.errors());
            let same = said.contains("matches existing size") || said.contains("not larger than existing size");
            if answer.text().contains("Reached maximum COW size") || (answer.rc != 0 && !same) {
                return Err(ModuleError::new(message).field("rc", answer.rc).field("err", answer.errors().into_owned()));
            }
            if answer.rc != 0 && said.contains("not larger than existing size") {
                result = result.message("Original size is larger than requested size");
            }
            result.changed = answer.rc == 0;
            match switch {
                Some(switch) => run(vec![switch], failed, result),
                None => flow::done(result),
            }
        })
    }

    /// What makes the volume as large as asked for.
    fn tool(&self, this: &Volume) -> Result<Option<Tool>, ModuleError> {
        let Some(size) = &self.size else { return Ok(None) };
        let refuse = |message: String| Err(ModuleError::new(message));
        let (shrink, force) = (self.args.bool("shrink"), self.args.bool("force"));
        let name = &this.name;
        let Of::Share(whole) = &size.of else {
            if size.number > this.size || size.sign == Some('+') {
                return Ok(Some(Tool::Extend));
            }
            return match shrink && size.number < this.size || size.sign == Some('-') {
                false => Ok(None),
                true if size.number == 0.0 => refuse(format!("Sorry, no shrinking of {name} to 0 permitted.")),
                true if !force => refuse(format!("Sorry, no shrinking of {name} without force=true.")),
                true => Ok(Some(Tool::Reduce)),
            };
        };
        let [total, free, extent] = self.group;
        let mut wanted = size.number * if matches!(whole.as_str(), "VG" | "PVS") { total } else { free } / 100.0;
        match size.sign {
            Some('+') => wanted += this.size,
            Some(_) => wanted = this.size - wanted,
            None => {}
        }
        if extent > 0.0 {
            wanted -= wanted.rem_euclid(extent);
        }
        if this.size < wanted {
            if free > 0.0 && free >= wanted - this.size {
                return Ok(Some(Tool::Extend));
            }
            return refuse(format!(
                "Logical Volume {name} could not be extended. Not enough free space left ({:?}m required / {free:?}m available)",
                wanted - this.size
            ));
        }
        // More than an extent too large.
        match shrink && this.size > wanted + extent {
            false => Ok(None),
            true if wanted < 1.0 => refuse(format!("Sorry, no shrinking of {name} to 0 permitted.")),
            true if !force => refuse(format!("Sorry, no shrinking of {name} without force=true")),
            true => Ok(Some(Tool::Reduce)),
        }
    }
}

/// `LVM version: 2.03.16(2)`.
fn version(text: &str) -> Option<[u32; 3]> {
    let rest = text.split_once("LVM version:")?.1.trim_start();
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
    let mut numbers = rest[..end].split('.').map(|number| number.parse().ok());
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}

fn run(commands: Vec<Vec<String>>, message: String, result: TaskResult) -> Flow {
    let lines: Vec<String> = commands.iter().map(|command| command.join(" ")).collect();
    flow::change(vec![flow::diff_lines("lvm", &[], &lines)], flow::commands(commands), move |answer| {
        if let Some(answer) = answer.filter(|answer| answer.rc != 0) {
            let said = clients::refused(&answer).message;
            return Err(ModuleError::new(message).field("rc", answer.rc).field("err", said));
        }
        flow::done(TaskResult { changed: true, ..result })
    })
}
