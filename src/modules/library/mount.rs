//! `mount`: what is mounted, now and at every start.

use crate::modules::files::edit::EDIT_LIMIT;
use crate::modules::files::fstab::{self, Entry, Mounted};
use crate::modules::files::{Look, LookCall, PathState, diff};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Content, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step,
    TaskContext, TaskResult, actions, probes,
};

/// The module.
pub struct Mount;

/// The module.
pub static MODULE: Mount = Mount;

static SPEC: Spec = Spec {
    name: "mount",
    collections: &["ansible.posix"],
    summary: "Sees that file systems are mounted, and stand in fstab, or are not and do not.",
    arguments: &[
        Argument::path("path", "Where.").required().aliases(&["name"]),
        Argument::path("src", "What: a device, `UUID=…`, a directory, a share."),
        Argument::text("fstype", "Type of the file system."),
        Argument::text("opts", "Options; `defaults` unless given."),
        Argument::bool("opts_no_log", false, "Shows the options nowhere."),
        Argument::text("dump", "Fifth field of fstab.").default("0"),
        Argument::text("passno", "Sixth field of fstab.").default("0"),
        Argument::text("state", "What is to be: in fstab, mounted, both, or neither.").required().choices(&[
            "absent", "absent_from_fstab", "mounted", "present", "unmounted", "remounted", "ephemeral",
        ]),
        Argument::path("fstab", "The file instead of `/etc/fstab`."),
        Argument::bool("boot", true, "Whether it is mounted at every start; without, `noauto` is added."),
        Argument::bool("backup", false, "Keeps the old fstab."),
    ],
    rules: &[
        Rule::If("state", "mounted", &["src", "fstype"]),
        Rule::If("state", "present", &["src", "fstype"]),
        Rule::If("state", "ephemeral", &["src", "fstype"]),
    ],
    returns: &[
        Return { name: "name", about: "Where." },
        Return { name: "src", about: "What, if it was given." },
        Return { name: "fstype", about: "Type of the file system, if it was given." },
        Return { name: "opts", about: "Options." },
        Return { name: "dump", about: "Fifth field of fstab." },
        Return { name: "passno", about: "Sixth field of fstab." },
        Return { name: "boot", about: "`yes` or `no`." },
        Return { name: "fstab", about: "The file." },
        Return { name: "backup_file", about: "Where the old fstab was kept; empty when it was not." },
    ],
    ..BLANK
};

/// Stands for options that are shown nowhere.
const HIDDEN: &str = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER";

impl Module for Mount {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        if let Some(options) = args.text("opts").filter(|_| args.bool("opts_no_log")) {
            context.templar.environment().add_secret(options);
        }
        let path = args.needed("path").to_owned();
        let file = args.text("fstab").unwrap_or("/etc/fstab").to_owned();
        let call = LookCall::at([file, path.clone(), format!("{path}/..")]).content(EDIT_LIMIT);
        let none: [&str; 0] = [];
        let questions = vec![call.question(), Question::new(&probes::MOUNTS, none)];
        let next = move |answers: Vec<Answer>| {
            let look = Look::read(&call, answers.first().unwrap_or(&Answer::default()))?;
            let mounts = answers.get(1).map(|answer| fstab::mounts(&answer.text())).unwrap_or_default();
            Plan::new(&context.args, &look, &mounts)?.step()
        };
        Ok(Step::Ask(questions, Box::new(next)))
    }
}

/// What is at the path, and what is to be.
struct Plan<'a> {
    args: &'a Args,
    entry: Entry,
    options: String,
    boot: bool,
    file: &'a PathState,
    text: String,
    path: &'a PathState,
    /// Whether it is a mount point of another device than the directory above.
    device: bool,
    mounted: Option<&'a Mounted>,
}

impl<'a> Plan<'a> {
    fn new(args: &'a Args, look: &'a Look, mounts: &'a [Mounted]) -> Result<Self, ModuleError> {
        let [file, path, above] = look.paths.as_slice() else { return Err(ModuleError::new("the answer is short")) };
        let ephemeral = args.needed("state") == "ephemeral";
        let text = match &look.content {
            Some(bytes) if file.is_file() => String::from_utf8_lossy(bytes).into_owned(),
            _ if file.is_file() && !ephemeral => {
                return Err(ModuleError::new(format!("Failed to open {} due to permission issue", file.name)));
            }
            _ => String::new(),
        };
        let mut options = args.text("opts").unwrap_or("defaults").to_owned();
        let boot = args.bool("boot");
        if !boot {
            options += ",noauto";
        }
        let name = path.name.as_str();
        let name = if name.len() > 1 { name.trim_end_matches('/') } else { name };
        let device = match (&path.stat, &above.stat) {
            (Some(here), Some(above)) if !here.is_link() => {
                here.dev != above.dev || (here.dev, here.inode) == (above.dev, above.inode)
            }
            _ => false,
        };
        let entry = Entry {
            source: args.text("src").map(str::to_owned),
            path: path.name.clone(),
            kind: args.needed("fstype").to_owned(),
            options: options.clone(),
            dump: args.needed("dump").to_owned(),
            pass: args.needed("passno").to_owned(),
        };
        let mounted = mounts.iter().rev().find(|mount| mount.path == name);
        Ok(Self { args, entry, options, boot, file, text, path, device, mounted })
    }

    fn step(&self) -> Flow {
        let is_mounted = self.device || self.mounted.is_some();
        let source = self.args.text("src");
        let is_source = self.mounted.is_some_and(|mount| Some(mount.source.as_str()) == source);
        match self.args.needed("state") {
            "present" => self.change(self.entry.set(&self.text), ""),
            "absent_from_fstab" => self.change(self.entry.unset(&self.text), ""),
            "unmounted" if is_mounted => self.change(None, "unmount"),
            "unmounted" => self.change(None, ""),
            "absent" => match self.entry.unset(&self.text) {
                Some(text) => self.change(Some(text), "remove"),
                None => self.change(None, ""),
            },
            "remounted" => self.change(None, "remount"),
            "mounted" => match self.entry.set(&self.text) {
                text if !(self.device || is_source) => self.change(text, "mount"),
                None => self.change(None, ""),
                text => self.change(text, "remount"),
            },
            _ if !(self.device || is_source) => self.change(None, "mount"),
            _ if is_source || self.mounted.is_some_and(|mount| Some(mount.device.as_str()) == source) => {
                self.change(None, "remount")
            }
            _ => Err(ModuleError::new(
                "Ephemeral mount point is already mounted with a different source than the specified one. Failing in \
                 order to prevent an unwanted unmount or override operation. Try replacing this command with a \
                 \"state: unmounted\" followed by a \"state: ephemeral\", or use a different destination path.",
            )),
        }
    }

    /// The words of mount, and those for mounting anew.
    fn words(&self) -> (Vec<String>, Vec<String>) {
        let mut mount = Vec::new();
        if self.args.needed("state") == "ephemeral" {
            mount.extend(["-t".to_owned(), self.entry.kind.clone()]);
            if self.options != "defaults" {
                mount.extend(["-o".to_owned(), self.options.clone()]);
            }
            mount.extend(self.entry.source.clone());
        } else if self.file.name != "/etc/fstab" {
            mount.extend(["-T".to_owned(), self.file.name.clone()]);
        }
        mount.push(self.path.name.clone());
        let options = match self.options.as_str() {
            options if self.strict() => format!("remount,{options}"),
            _ => "remount".to_owned(),
        };
        let remount = ["-o".to_owned(), options].into_iter().chain(mount.iter().cloned()).collect();
        (mount, remount)
    }

    /// Whether a mounting anew with these very options must succeed.
    fn strict(&self) -> bool {
        self.args.needed("state") == "remounted" && self.options != "defaults"
    }

    fn change(&self, text: Option<String>, what: &'static str) -> Flow {
        let result = self.result();
        if text.is_none() && what.is_empty() {
            return flow::done(result);
        }
        let (mount, remount) = self.words();
        let mark = |set: bool| if set { "yes" } else { "" };
        let strict = match what {
            "remove" => self.device || self.mounted.is_some(),
            _ => self.strict(),
        };
        let count = mount.len().to_string();
        let keep = mark(self.args.bool("backup") && text.is_some());
        let fixed = [
            self.file.name.as_str(), mark(text.is_some()), keep, &self.path.name, what, mark(strict), &count,
        ];
        let words = fixed.into_iter().map(str::to_owned).chain(mount).chain(remount);
        let mut call = ScriptCall::new(actions::MOUNT, words);
        let mut diffs = Vec::new();
        if let Some(text) = text {
            if !self.args.bool("opts_no_log") {
                diffs.push(diff::contents((&self.file.name, &self.file.name), self.text.as_bytes(), text.as_bytes()));
            }
            call.input = Some(Content::Bytes(text.into_bytes().into()));
        }
        let name = self.path.name.clone();
        let state = self.args.needed("state").to_owned();
        let secret = self.options.clone();
        let hide = self.args.bool("opts_no_log");
        flow::change(diffs, call, move |answer| {
            let answer = answer.unwrap_or_default();
            let said = answer.errors().trim().to_owned();
            let said = if hide { said.replace(&secret, "********") } else { said };
            let result = TaskResult { changed: true, ..result };
            match answer.rc {
                0 => flow::done(result.field("backup_file", answer.text().into_owned())),
                code => Err(failure(code, &name, &state, &said)),
            }
        })
    }

    fn result(&self) -> TaskResult {
        let mut result = TaskResult::ok();
        if self.boot && self.options.split(',').any(|option| option == "noauto") {
            result.warnings.push("Ignore the 'boot' due to 'opts' contains 'noauto'.".to_owned());
        }
        let options = if self.args.bool("opts_no_log") { HIDDEN } else { &self.options };
        for name in ["src", "fstype"] {
            if let Some(text) = self.args.text(name) {
                result = result.field(name, text);
            }
        }
        result
            .field("name", self.path.name.as_str())
            .field("opts", options)
            .field("dump", self.entry.dump.as_str())
            .field("passno", self.entry.pass.as_str())
            .field("fstab", self.file.name.as_str())
            .field("boot", if self.boot { "yes" } else { "no" })
            .field("backup_file", "")
    }
}

fn failure(code: i32, name: &str, state: &str, said: &str) -> ModuleError {
    ModuleError::new(match code {
        10 if state == "remounted" => format!("Error remounting {name}: {said}"),
        10 => format!("Error mounting {name}: {said}"),
        11 => format!("Error unmounting {name}: {said}"),
        12 => format!("Error rmdir {name}: {said}"),
        13 => "Options were specified with remounted, but the remount command failed. Failing in order to prevent an \
               unexpected mount result. Try replacing this command with a \"state: unmounted\" followed by a \
               \"state: mounted\" using the full desired mount options instead."
            .to_owned(),
        15 => format!("Failed to open the fstab: {said}"),
        _ => said.to_owned(),
    })
}
