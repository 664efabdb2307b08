//! `git`: checkouts.

use std::sync::Arc;

use crate::modules::checkouts::git::{State, Wanted};
use crate::modules::{
    Answer, Args, Argument, BLANK, Kind, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step,
    TaskContext, TaskResult, actions, flow, probes,
};
use crate::template::Value;

/// The module.
pub struct Git;

/// The module.
pub static MODULE: Git = Git;

static SPEC: Spec = Spec {
    name: "git",
    summary: "Brings checkouts of git to a version.",
    arguments: &[
        Argument::path("dest", "The directory of the checkout."),
        Argument::text("repo", "The repository: a URL, an address for SSH, or a path.").required().aliases(&["name"]),
        Argument::text("version", "The branch, tag or commit.").default("HEAD"),
        Argument::text("remote", "Name of the remote.").default("origin"),
        Argument::text("refspec", "What is fetched besides."),
        Argument::text("reference", "A repository of the host that objects are taken from."),
        Argument::bool("force", false, "Throws local changes away."),
        Argument::int("depth", "How many commits are fetched."),
        Argument::bool("clone", true, "Makes the checkout where there is none; else only says what the remote has."),
        Argument::bool("update", true, "Fetches from the remote where there is a checkout."),
        Argument::bool("verify_commit", false, "Checks the signature."),
        Argument::list("gpg_allowlist", "Fingerprints of the keys that may have signed.").aliases(&["gpg_whitelist"]),
        Argument::bool("accept_hostkey", false, "Lets SSH take any key of the server."),
        Argument::bool("accept_newhostkey", false, "Lets SSH take the key of a server that it does not know."),
        Argument::path("key_file", "The private key for SSH; stands on the host."),
        Argument::text("ssh_opts", "Options of SSH."),
        Argument::path("executable", "The program."),
        Argument::bool("bare", false, "Makes a repository without files."),
        Argument::bool("recursive", true, "Brings submodules along."),
        Argument::bool("single_branch", false, "Clones one branch alone."),
        Argument::bool("track_submodules", false, "Has submodules follow their remotes."),
        Argument::of("umask", Kind::Raw, "The umask, as octal text."),
        Argument::path("archive", "An archive that is made of the version: .zip, .tar, .tar.gz or .tgz."),
        Argument::text("archive_prefix", "Stands in front of the names in the archive."),
        Argument::path("separate_git_dir", "Where the git directory stands, if not in the checkout."),
    ],
    rules: &[
        Rule::Exclusive(&["separate_git_dir", "bare"]),
        Rule::Exclusive(&["accept_hostkey", "accept_newhostkey"]),
        Rule::By("archive_prefix", &["archive"]),
    ],
    returns: &[
        Return { name: "before", about: "The commit before; null where there was no checkout." },
        Return { name: "after", about: "The commit after." },
        Return { name: "remote_url_changed", about: "Whether the remote had another URL." },
        Return { name: "submodules_changed", about: "Whether submodules were changed." },
        Return { name: "git_dir_before", about: "Where the git directory was, when it moved." },
        Return { name: "git_dir_now", about: "Where it is now." },
    ],
    ..BLANK
};

/// The most that a remote may say, in bytes.
const REFERENCES: usize = 64 * 1024 * 1024;

/// A task that goes on with what is known.
struct Task {
    args: Arc<Args>,
    wanted: Wanted,
    state: State,
    ssh: String,
    umask: String,
    format: &'static str,
}

impl Module for Git {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let (clone, check) = (args.bool("clone"), context.check);
        if args.needed("dest").is_empty() && clone {
            return Err(ModuleError::new("the destination directory must be specified unless clone=no"));
        }
        let (ssh, umask, format) = (ssh_options(&args), umask(&args)?, format(&args)?);
        let wanted = wanted(&args);
        let mut flags = String::new();
        flags.extend(wanted.bare.then_some('b'));
        flags.extend((!args.bool("update")).then_some('r'));
        let words = [
            ssh.as_str(),
            args.needed("executable"),
            args.needed("dest"),
            args.needed("repo"),
            &wanted.remote,
            &wanted.version,
            args.needed("separate_git_dir"),
            &flags,
        ]
        .map(str::to_owned);
        let mut question = Question::new(&probes::GIT, words);
        question.limit = REFERENCES;
        flow::ask(question, move |answer| {
            let state = State::read(&answer)?;
            Task { args, wanted, state, ssh, umask, format }.go_on(check)
        })
    }
}

fn wanted(args: &Args) -> Wanted {
    let some = |name: &str| args.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
    Wanted {
        version: args.needed("version").to_owned(),
        remote: args.needed("remote").to_owned(),
        bare: args.bool("bare"),
        depth: args.int("depth").filter(|depth| *depth != 0),
        refspec: some("refspec"),
        reference: some("reference"),
        separate: some("separate_git_dir").is_some(),
        single_branch: args.bool("single_branch"),
        force: args.bool("force"),
        recursive: args.bool("recursive"),
        track_submodules: args.bool("track_submodules"),
    }
}

/// The options of SSH; the host's shell reads them, as it does for Ansible.
fn ssh_options(args: &Args) -> String {
    let mut options = args.needed("ssh_opts").to_owned();
    let has_policy = |options: &str| {
        options.contains("-o StrictHostKeyChecking=no") || options.contains("-o StrictHostKeyChecking=accept-new")
    };
    for (name, policy) in [("accept_hostkey", "no"), ("accept_newhostkey", "accept-new")] {
        if args.bool(name) && !has_policy(&options) {
            options.push_str(" -o StrictHostKeyChecking=");
            options.push_str(policy);
        }
    }
    if !options.contains("BatchMode=yes") {
        options.push_str(" -o BatchMode=yes");
    }
    if let Some(key) = args.text("key_file").filter(|key| !key.is_empty()) {
        options.push_str(" -i ");
        options.push_str(key);
        if !options.contains("IdentitiesOnly=yes") {
            options.push_str(" -o IdentitiesOnly=yes");
        }
    }
    options
}

fn umask(args: &Args) -> Result<String, ModuleError> {
    match args.value("umask") {
        None => Ok(String::new()),
        Some(Value::String(text)) => match u32::from_str_radix(text.as_str().trim_start_matches("0o"), 8) {
            Ok(umask) => Ok(format!("{umask:04o}")),
            Err(_) => Err(ModuleError::new("umask must be an octal integer")),
        },
        Some(_) => Err(ModuleError::new("umask must be defined as a quoted octal integer")),
    }
}

/// The format of the archive, which its name tells.
fn format(args: &Args) -> Result<&'static str, ModuleError> {
    let name = args.needed("archive");
    match name.rsplit('/').next().unwrap_or_default().rsplit_once('.') {
        _ if name.is_empty() => Ok(""),
        Some((_, "zip")) => Ok("zip"),
        Some((_, "gz")) => Ok("tar.gz"),
        Some((_, "tar")) => Ok("tar"),
        Some((_, "tgz")) => Ok("tgz"),
        _ => Err(ModuleError::new(format!("Unable to get file extension from archive file name : {name}"))),
    }
}

impl Task {
    fn go_on(self, check: bool) -> Result<Step, ModuleError> {
        let archives = !self.format.is_empty();
        if !self.state.exists() {
            if !self.args.bool("clone") {
                return self.predicted(true, None);
            }
            let (words, warning) = self.state.clone_words(&self.wanted);
            if self.wanted.separate && !self.state.line("taken").is_empty() {
                let taken = self.state.line("separate");
                return Err(ModuleError::new(format!("Separate-git-dir path {taken} already exists.")));
            }
            // A clone in check mode says what it would check out.
            let after = if check { self.state.remote_head(&self.wanted)? } else { self.wanted.version.clone() };
            return self.act("clone", &words, &after, warning);
        }
        let before = self.state.line("head");
        if !self.args.bool("update") {
            if archives {
                return self.act("none", &[], &before, None);
            }
            return flow::done(TaskResult::ok().field("before", before.as_str()).field("after", before));
        }
        if self.state.is_modified() && !self.wanted.force {
            let dest = self.state.line("dest");
            return Err(ModuleError::new(format!("Local modifications exist in the destination: {dest} (force=no)."))
                .field("before", before));
        }
        if self.relocates() && !self.state.line("taken").is_empty() {
            let taken = self.state.line("separate");
            return Err(ModuleError::new(format!("Separate-git-dir path {taken} already exists.")));
        }
        let verifies = self.args.bool("verify_commit");
        if self.state.is_current(&self.wanted) && !archives && !verifies && !self.relocates() {
            return self.predicted(false, Some(&before));
        }
        let after = if check { self.state.remote_head(&self.wanted)? } else { self.wanted.version.clone() };
        let words = self.state.fetch_words(&self.wanted);
        self.act("update", &words, &after, None)
    }

    /// Whether the git directory moves.
    fn relocates(&self) -> bool {
        self.wanted.separate && self.state.exists() && self.state.line("separate") != self.state.line("folder")
    }

    /// The end of a task that does nothing.
    fn predicted(&self, changed: bool, before: Option<&str>) -> Result<Step, ModuleError> {
        let after = self.state.remote_head(&self.wanted)?;
        let mut result = TaskResult::with_changed(changed)
            .field("before", before.map_or(Value::Null, Value::from))
            .field("after", after);
        if before.is_some() {
            result = result.field("remote_url_changed", false);
        }
        flow::done(result)
    }

    fn call(&self, mode: &str, words: &[String]) -> ScriptCall {
        let (state, wanted, args) = (&self.state, &self.wanted, &self.args);
        let mut flags = String::new();
        for (flag, holds) in [
            ('b', wanted.bare),
            ('f', wanted.force),
            ('l', state.is_modified()),
            ('m', self.relocates()),
            ('r', wanted.recursive),
            ('t', wanted.track_submodules),
            ('u', state.exists() && state.is_moved()),
            ('v', args.bool("verify_commit")),
        ] {
            flags.extend(holds.then_some(flag));
        }
        let folder = if mode == "clone" { wanted.refspec.clone().unwrap_or_default() } else { state.line("folder") };
        // The mark in front tells a prefix that is empty from none.
        let prefix = args.text("archive_prefix").map(|prefix| format!("={prefix}")).unwrap_or_default();
        let fixed = [
            mode.to_owned(),
            self.ssh.clone(),
            args.needed("executable").to_owned(),
            self.umask.clone(),
            state.line("dest"),
            state.line("repo"),
            wanted.remote.clone(),
            wanted.version.clone(),
            state.names(&wanted.version).word().to_owned(),
            wanted.depth.map(|depth| depth.to_string()).unwrap_or_default(),
            flags,
            folder,
            state.line("separate"),
            args.texts("gpg_allowlist").join(" "),
            args.needed("archive").to_owned(),
            self.format.to_owned(),
            prefix,
        ];
        ScriptCall::new(actions::GIT, fixed.into_iter().chain(words.iter().cloned()))
    }

    /// Changes the checkout. `after` is the commit that is expected.
    fn act(
        self,
        mode: &'static str,
        words: &[String],
        after: &str,
        warning: Option<&'static str>,
    ) -> Result<Step, ModuleError> {
        let before = (mode != "clone").then(|| self.state.line("head"));
        let line = |text: &str| if text.is_empty() { String::new() } else { format!("{text}\n") };
        let shown = before.clone().unwrap_or_default();
        let diff = flow::diff(&self.state.line("dest"), line(&shown), line(after));
        let (call, after) = (self.call(mode, words), after.to_owned());
        flow::change(vec![diff], call, move |answer| {
            let done = match &answer {
                Some(answer) => done(answer)?,
                None => Done { after, archived: !self.format.is_empty(), ..Done::default() },
            };
            let mut result = TaskResult::ok();
            let (moved, modified) = (self.state.exists() && self.state.is_moved(), self.state.is_modified());
            if mode == "update" {
                result = result.field("remote_url_changed", moved);
                if modified {
                    let dest = self.state.line("dest");
                    result = result.message(format!("Local modifications exist in the destination: {dest}"));
                }
                if self.relocates() {
                    result = result
                        .field("git_dir_before", self.state.line("folder"))
                        .field("git_dir_now", self.state.line("separate"));
                }
                result.changed = moved || modified || self.relocates();
            }
            if done.submodules {
                result = result.field("submodules_changed", true);
            }
            result.changed |= done.submodules || done.archived || before.as_ref() != Some(&done.after);
            result.warnings.extend(warning.map(str::to_owned));
            let before = before.map_or(Value::Null, Value::from);
            flow::done(result.field("before", before).field("after", done.after))
        })
    }
}

/// How the action ended.
#[derive(Default)]
struct Done {
    after: String,
    submodules: bool,
    archived: bool,
}

fn done(answer: &Answer) -> Result<Done, ModuleError> {
    let text = answer.text();
    let fields: Vec<&str> = text.split('\0').collect();
    if let ["done", after, submodules, archived, ..] = fields[..] {
        return Ok(Done { after: after.to_owned(), submodules: submodules == "1", archived: archived == "1" });
    }
    let (label, stdout) = match fields[..] {
        ["failed", label, stdout, ..] => (label, stdout),
        _ => ("", ""),
    };
    let errors = answer.errors().trim_end().to_owned();
    let message = match label {
        "" => errors.clone(),
        // As Ansible: these say what git said, the others say it in fields.
        label if label.ends_with(':') => format!("{label} {stdout} {errors}"),
        label => label.to_owned(),
    };
    Err(ModuleError::new(message).field("rc", answer.rc).field("stdout", stdout).field("stderr", errors))
}
