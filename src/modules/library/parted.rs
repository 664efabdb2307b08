//! `parted`: partitions of disks.

use std::sync::Arc;

use crate::modules::clients::{Clients, missing};
use crate::modules::flow::{self, Flow};
use crate::modules::storage::disk::{Disk, Partition, Place, bytes};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct Parted;

/// The module.
pub static MODULE: Parted = Parted;

static SPEC: Spec = Spec {
    name: "parted",
    collections: &["community.general"],
    summary: "Makes, alters and removes partitions of disks, with parted 3.1 or newer. Unproven on a real system.",
    arguments: &[
        Argument::text("device", "The disk, or a file.").required(),
        Argument::text("align", "How new partitions are aligned.").default("optimal").choices(&[
            "cylinder", "minimal", "none", "optimal", "undefined",
        ]),
        Argument::int("number", "The partition; needed unless the disk is only looked at."),
        Argument::text("unit", "The unit of numbers, also in the result.").default("KiB").choices(&[
            "s", "B", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "%", "cyl", "chs", "compact",
        ]),
        Argument::text("label", "The kind of table; another one is replaced, and what is on the disk lost.")
            .default("msdos")
            .choices(&["aix", "amiga", "bsd", "dvh", "gpt", "loop", "mac", "msdos", "pc98", "sun"]),
        Argument::text("part_type", "The kind of a new partition.").default("primary").choices(&[
            "extended", "logical", "primary",
        ]),
        Argument::text("part_start", "Where a new one starts: `10GiB`, `15%`, `-1GiB`.").default("0%"),
        Argument::text("part_end", "Where it ends.").default("100%"),
        Argument::text("name", "Its name."),
        Argument::list("flags", "Its flags; others are taken away."),
        Argument::text("state", "Whether it is there; `info` only looks.").default("info").choices(&[
            "absent", "present", "info",
        ]),
        Argument::text("fs_type", "The kind of file system that a new one is for."),
        Argument::bool("resize", false, "Moves the end of one that is there to `part_end`."),
        Argument::bool("unit_preserve_case", false, "Keeps the case of units in results."),
    ],
    rules: &[Rule::If("state", "present", &["number"]), Rule::If("state", "absent", &["number"])],
    returns: &[
        Return { name: "disk", about: "The disk: dev, size, unit, table, model, logical_block, physical_block." },
        Return { name: "partitions", about: "Its partitions: num, begin, end, size, fstype, name, flags, unit." },
        Return { name: "script", about: "What parted was told, word by word." },
    ],
    ..BLANK
};

impl Module for Parted {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        if args.int("number").is_some_and(|number| number < 1) {
            return Err(ModuleError::new("The partition number must be greater then 0."));
        }
        for name in ["part_start", "part_end"] {
            if !Place::parse(args.needed(name))?.has_unit() {
                return Err(ModuleError::new(format!(
                    "The argument '{name}' doesn't respect required format.The size unit is case sensitive."
                )));
            }
        }
        let question = Question::new(&probes::PARTED, [args.needed("device"), args.needed("unit")]);
        let check = context.check;
        flow::ask(question, move |answer| Task::read(args, check, &answer)?.decide())
    }
}

struct Task {
    args: Arc<Args>,
    check: bool,
    version: [u32; 3],
    disk: Disk,
    /// What parted was told so far.
    script: Vec<String>,
}

impl Task {
    fn read(args: Arc<Args>, check: bool, answer: &Answer) -> Result<Self, ModuleError> {
        let clients = Clients::read(answer);
        let said = clients.said("version");
        if said.rc == 127 {
            return Err(missing("parted"));
        }
        let version = version(&said.text()).ok_or_else(|| flow::failure(&said, "Failed to get parted version."))?;
        if version < [3, 1, 0] {
            return Err(ModuleError::new("parted 3.1 or newer is needed"));
        }
        let disk = disk(&args, &clients)?;
        Ok(Self { args, check, version, disk, script: Vec::new() })
    }

    fn number(&self) -> i64 {
        self.args.int("number").unwrap_or_default()
    }

    fn decide(self) -> Flow {
        let number = self.number();
        match self.args.needed("state") {
            "present" => {
                let script = self.shape()?;
                if script.is_empty() { self.dress(false) } else { self.run(script, |task| task.dress(true)) }
            }
            "absent" if self.disk.find(number).is_some() => {
                self.run(flow::words(["rm", &number.to_string()]), |task| task.end(true))
            }
            "absent" => self.end(false),
            _ => {
                let script = flow::words(["unit", self.args.needed("unit"), "print"]);
                Self { script, ..self }.end(false)
            }
        }
    }

    /// What makes the table and the partition, or moves its end.
    fn shape(&self) -> Result<Vec<String>, ModuleError> {
        let (args, number) = (&self.args, self.number());
        let (label, unit) = (args.needed("label"), args.needed("unit"));
        let there = self.disk.find(number);
        let mut script = Vec::new();
        let new_table = self.disk.table != label;
        if new_table {
            script.extend(flow::words(["mklabel", label]));
        }
        if new_table || there.is_none() {
            script.extend(flow::words(["mkpart", args.needed("part_type")]));
            script.extend(args.text("fs_type").map(str::to_owned));
            script.extend(flow::words([args.needed("part_start"), args.needed("part_end")]));
        }
        if !script.is_empty() {
            script.splice(0..0, flow::words(["unit", unit]));
        }
        if let Some(partition) = there.filter(|_| args.bool("resize")) {
            let end = Place::parse(args.needed("part_end"))?;
            let wanted = if end.unit == "%" {
                bytes((self.disk.size.trunc() * end.number / 100.0).trunc(), unit)
            } else {
                bytes(end.number, &end.unit)
            };
            #[expect(clippy::float_cmp, reason = "both are whole numbers of bytes")]
            if bytes(partition.end, unit) != wanted {
                script.extend(flow::words(["resizepart", &number.to_string(), args.needed("part_end")]));
            }
        }
        Ok(script)
    }

    /// Gives the partition its name and its flags.
    fn dress(self, changed: bool) -> Flow {
        let number = self.number();
        let blank = Partition::default();
        let partition = match self.disk.find(number) {
            // In check mode the new one is not there.
            _ if changed && self.check => &blank,
            Some(partition) => partition,
            None => return self.end(changed),
        };
        let digits = number.to_string();
        let mut script = Vec::new();
        if let Some(name) = self.args.text("name").filter(|name| changed && self.check || *name != partition.name) {
            script.extend(flow::words(["name", &digits, &format!("\"{name}\"")]));
        }
        let mut flags = self.args.texts("flags");
        flags.retain(|flag| !flag.is_empty());
        if !flags.is_empty() {
            // With `esp`, parted sets `boot` as well.
            if flags.iter().any(|flag| flag == "esp") && !flags.iter().any(|flag| flag == "boot") {
                flags.push("boot".to_owned());
            }
            let mut set = |flag: &str, state: &str| script.extend(flow::words(["set", &digits, flag, state]));
            flags.iter().filter(|flag| !partition.flags.contains(flag)).for_each(|flag| set(flag, "on"));
            let extra = |flag: &&String| !flags.contains(flag) && !is_type(flag);
            partition.flags.iter().filter(extra).for_each(|flag| set(flag, "off"));
        }
        if script.is_empty() {
            return self.end(changed);
        }
        script.splice(0..0, flow::words(["unit", self.args.needed("unit")]));
        self.run(script, |task| task.end(true))
    }

    fn run(self, script: Vec<String>, next: impl FnOnce(Self) -> Flow + Send + 'static) -> Flow {
        let args = &self.args;
        let device = args.needed("device");
        let mut words = flow::words([device, args.needed("unit"), "parted", "-s"]);
        words.extend((self.version >= [3, 4, 64]).then(|| "-f".to_owned()));
        words.push("-m".to_owned());
        if args.needed("align") != "undefined" {
            words.extend(flow::words(["-a", args.needed("align")]));
        }
        words.extend(flow::words([device, "--"]));
        words.extend(script.iter().cloned());
        let call = words[2..].join(" ");
        let diff = flow::diff_lines(device, &[], &[script.join(" ")]);
        flow::change(vec![diff], ScriptCall::new(actions::PARTED, words), move |answer| {
            let mut task = self;
            task.script.extend(script);
            if let Some(answer) = answer {
                let clients = Clients::read(&answer);
                let said = clients.said("run");
                if said.rc != 0 {
                    let error = ModuleError::new(format!("Error while running parted script: {call}"));
                    let error = error.field("rc", said.rc).field("out", said.text().into_owned());
                    return Err(error.field("err", said.errors().into_owned()));
                }
                task.disk = disk(&task.args, &clients)?;
            }
            next(task)
        })
    }

    fn end(self, changed: bool) -> Flow {
        let partitions = self.disk.partitions.iter().map(|partition| Value::dict(partition.shown.clone())).collect();
        let result = TaskResult::with_changed(changed).field("disk", Value::dict(self.disk.shown));
        let script = self.script.into_iter().map(Value::text).collect();
        flow::done(result.field("partitions", Value::list(partitions)).field("script", Value::list(script)))
    }
}

fn disk(args: &Args, clients: &Clients) -> Result<Disk, ModuleError> {
    let said = clients.said("print");
    // A disk without a table is told all the same.
    if said.rc != 0 && !said.errors().contains("unrecognised disk label") && !said.text().contains("unrecognised disk label") {
        let (device, unit) = (args.needed("device"), args.needed("unit"));
        let call = format!("parted -s -m {device} -- unit {unit} print");
        let error = ModuleError::new(format!("Error while getting device information with parted script: '{call}'"));
        let error = error.field("rc", said.rc).field("out", said.text().into_owned());
        return Err(error.field("err", said.errors().into_owned()));
    }
    // The error stands among the lines.
    let text = said.text().into_owned();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("Error:")).collect();
    Disk::read(&lines.join("\n"), args.bool("unit_preserve_case"))
}

/// `type=8e`, which some parted show among the flags.
fn is_type(flag: &str) -> bool {
    flag.strip_prefix("type=").is_some_and(|code| !code.is_empty() && code.chars().all(|digit| digit.is_ascii_hexdigit()))
}

/// `parted (GNU parted) 3.5`.
fn version(text: &str) -> Option<[u32; 3]> {
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    let word = line.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    let mut numbers = word.split(['.', '-']).map(|part| part.parse::<u32>().ok());
    Some([numbers.next()??, numbers.next()??, numbers.next().flatten().unwrap_or(0)])
}
