//! `filesystem`: makes, grows and wipes file systems.

use crate::modules::clients::{self, Clients, accept, refused};
use crate::modules::flow::{self, Flow};
use crate::modules::storage::filesystem::{Kind as System, kind, signature, size};
use crate::modules::{
    Args, Argument, BLANK, Module, ModuleError, Question, Rule, Spec, Step, TaskContext, TaskResult, probes,
};

/// The module.
pub struct Filesystem;

/// The module.
pub static MODULE: Filesystem = Filesystem;

static SPEC: Spec = Spec {
    name: "filesystem",
    collections: &["community.general", "ansible.builtin"],
    summary: "Makes file systems; those that are there are left alone unless told.",
    arguments: &[
        Argument::path("dev", "The device, or a file.").aliases(&["device"]).required(),
        Argument::text("fstype", "The kind; `resizefs` grows `ext2`, `ext3`, `ext4`, `xfs`, `btrfs` and `lvm`.")
            .aliases(&["type"])
            .choices(&[
                "btrfs", "ext2", "ext3", "ext4", "ext4dev", "f2fs", "gfs2", "lvm", "ocfs2", "reiserfs", "swap", "vfat",
                "xfs",
            ]),
        Argument::text("state", "Whether there is one; `absent` wipes every signature.")
            .default("present")
            .choices(&["present", "absent"]),
        Argument::bool("force", false, "Overwrites what is there."),
        Argument::bool("resizefs", false, "Grows the one that is there to its device."),
        Argument::text("opts", "Options of the program that makes it."),
        Argument::text("uuid", "Its UUID, also of the one that is there."),
        Argument::text("label", "Its label, where `gfs2` takes one; `opts` is for others."),
    ],
    rules: &[Rule::If("state", "present", &["fstype"]), Rule::Exclusive(&["resizefs", "uuid"])],
    ..BLANK
};

impl Module for Filesystem {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let name = if args.bool("resizefs") { args.needed("fstype") } else { "" };
        flow::ask(Question::new(&probes::FILESYSTEM, [args.needed("dev"), name]), move |answer| {
            let clients = Clients::read(&answer);
            let device = args.needed("dev");
            let present = args.needed("state") == "present";
            let Some(blkid) = clients.find("blkid") else {
                let message = format!("Device {device} not found.");
                return if present { Err(ModuleError::new(message)) } else { flow::done(TaskResult::ok().message(message)) };
            };
            clients.require("blkid", "blkid")?;
            let text = blkid.text().into_owned();
            let found = signature(&text);
            let mut result = TaskResult::ok();
            if !matches!(blkid.rc, 0 | 2) {
                let warning = format!("blkid failed probing {device} (rc={}): {}", blkid.rc, blkid.errors().trim());
                result.warnings.push(warning);
            }
            match kind(args.needed("fstype")).filter(|_| present) {
                Some(system) => settle(&args, system, found, &clients, result),
                None if found.is_empty() => flow::done(result),
                None => {
                    let call = flow::command(["wipefs", "--all", device]);
                    clients::change(vec![state_diff(&args, found, "")], call, result)
                }
            }
        })
    }
}

fn state_diff(args: &Args, before: &str, after: &str) -> crate::modules::Diff {
    let line = |system: &str| if system.is_empty() { String::new() } else { format!("{system}\n") };
    flow::diff(args.needed("dev"), line(before), line(after))
}

fn settle(args: &Args, system: &'static System, found: &str, clients: &Clients, result: TaskResult) -> Flow {
    let (device, name) = (args.needed("dev"), system.name);
    let uuid = args.text("uuid").filter(|uuid| !uuid.is_empty());
    if uuid.is_some() && system.change_uuid.is_none() && system.new_uuid.is_none() {
        return Err(ModuleError::new(format!("module does not support UUID option for this filesystem ({name}) yet.")));
    }
    let same = found == system.signature || (found == "ext4dev" && name == "ext4") || (found == "ext4" && name == "ext4dev");
    if same && args.bool("resizefs") {
        return grow(args, system, clients, result);
    }
    if let (true, Some(uuid)) = (same, uuid) {
        let (program, option) = system.change_uuid.ok_or_else(|| {
            ModuleError::new(format!("module does not support UUID option for this filesystem ({name}) yet."))
        })?;
        // pvchange makes a new one by itself.
        let value = Some(uuid).filter(|_| name != "lvm");
        let words = [program, option].into_iter().chain(value).chain([device]);
        let diff = flow::diff("uuid", "", format!("{uuid}\n"));
        return said(vec![diff], flow::command(words), result);
    }
    if same && !args.bool("force") {
        return flow::done(result);
    }
    if !found.is_empty() && !args.bool("force") {
        return Err(ModuleError::new(format!("'{device}' is already used as {found}, use force=true to overwrite")));
    }
    let mut options: Vec<String> = args.needed("opts").split_whitespace().map(str::to_owned).collect();
    let given = |options: &[String], option: &str| options.iter().any(|word| word == option);
    if let (Some(uuid), Some((option, more))) = (uuid, system.new_uuid)
        && !given(&options, option)
    {
        options.extend([option, uuid].iter().chain(more).map(|word| (*word).to_owned()));
    }
    if let (Some(label), Some(option)) = (args.text("label"), system.new_label)
        && !given(&options, option)
    {
        options.extend([option, label].map(str::to_owned));
    }
    let make: Vec<String> = flow::words(system.make.iter().copied()).into_iter().chain(options).chain([device.to_owned()]).collect();
    let mut commands = vec![make];
    if let (Some(uuid), None, Some((program, option))) = (uuid, system.new_uuid, system.change_uuid) {
        commands.push(flow::words([program, option, uuid, device]));
    }
    clients::change(vec![state_diff(args, found, system.signature)], flow::commands(commands), result)
}

/// Makes a change and ends the task with what the program said.
fn said(diff: Vec<crate::modules::Diff>, call: crate::modules::ScriptCall, result: TaskResult) -> Flow {
    flow::change(diff, call, move |answer| {
        accept(answer.as_ref())?;
        let text = answer.map(|answer| answer.text().into_owned()).unwrap_or_default();
        flow::done(TaskResult { changed: true, ..result }.message(text))
    })
}

fn grow(args: &Args, system: &'static System, clients: &Clients, result: TaskResult) -> Flow {
    let (device, name) = (args.needed("dev"), system.name);
    let Some(grow) = &system.grow else {
        return Err(ModuleError::new(format!("module does not support resizing {name} filesystem yet.")));
    };
    let mounted = clients.text("mounted").trim().to_owned();
    if mounted.is_empty() && (name == "btrfs") {
        return Err(ModuleError::new(format!("{device} needs to be mounted for {name} operations")));
    }
    let info = clients.said("info");
    if info.rc != 0 {
        return Err(refused(&info));
    }
    let whole: u64 = clients
        .text("size")
        .trim()
        .parse()
        .map_err(|_| ModuleError::new(format!("Target device not supported: {device}")))?;
    let used = size(name, &info.text())
        .ok_or_else(|| ModuleError::new(format!("unable to process the size of the file system for {device}")))?;
    if used.saturating_add(grow.slack) >= whole {
        return flow::done(result.message(format!("{name} filesystem is using the whole device {device}")));
    }
    if grow.mounted && mounted.is_empty() {
        return Err(ModuleError::new(format!("{device} needs to be mounted for {name} operations")));
    }
    let target = if grow.mounted { mounted.as_str() } else { device };
    let diff = flow::diff("size", format!("{used}\n"), format!("{whole}\n"));
    said(vec![diff], flow::command(grow.command.iter().copied().chain([target])), result)
}
