//! `zypper_repository`: repositories of SUSE and openSUSE.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::modules::clients::{self, Clients};
use crate::modules::flow::{self, Flow};
use crate::modules::packages::repo_file::RepoFile;
use crate::modules::packages::version::compare;
use crate::modules::packages::zypper::repositories;
use crate::modules::{
    Answer, Args, Argument, BLANK, CheckMode, Kind, Module, ModuleError, Question, Return, Spec, Step, TaskContext,
    TaskResult, probes,
};
use crate::template::{Dict, Value};

/// The module.
pub struct ZypperRepository;

/// The module.
pub static MODULE: ZypperRepository = ZypperRepository;

/// What names of files of repositories end with.
const ENDING: &str = ".repo";

static SPEC: Spec = Spec {
    name: "zypper_repository",
    collections: &["community.general", "ansible.builtin"],
    summary: "Adds and removes repositories of SUSE and openSUSE. Unproven on a real system.",
    arguments: &[
        Argument::text("name", "Its short name; not with files of repositories."),
        Argument::text("repo", "Its address, or a file or address that ends with `.repo`; `*` for all, to refresh them."),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::text("description", "Its long name."),
        Argument::of("disable_gpg_check", Kind::Bool, "Does not look at signatures."),
        Argument::of("autorefresh", Kind::Bool, "Fetches its lists by itself.").aliases(&["refresh"]),
        Argument::int("priority", "Its priority; smaller goes first. For zypper 1.12.25 and newer."),
        Argument::bool("overwrite_multiple", false, "Replaces several that have its name or its address."),
        Argument::bool("auto_import_keys", false, "Trusts its key, when it is new or changed."),
        Argument::bool("runrefresh", false, "Fetches its lists now."),
        Argument::of("enabled", Kind::Bool, "Whether it is used."),
    ],
    check_mode: CheckMode::Skipped,
    returns: &[
        Return { name: "repodata", about: "What it is to be." },
        Return { name: "state", about: "Whether it was to be there." },
        Return { name: "runrefresh", about: "True when the lists of all were fetched." },
    ],
    ..BLANK
};

impl Module for ZypperRepository {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let (repo, name) = (args.needed("repo"), args.needed("name"));
        let present = args.needed("state") == "present";
        let is_file = repo.ends_with(ENDING);
        if repo == "*" || name == "*" {
            if !args.bool("runrefresh") {
                return Err(ModuleError::new("repo=* can only be used with the runrefresh option."));
            }
            let call = flow::command(refresh(args.bool("auto_import_keys"), None));
            return flow::change(Vec::new(), call, |answer| {
                clients::accept(answer.as_ref())?;
                flow::done(TaskResult::ok().field("runrefresh", true))
            });
        }
        let message = match () {
            () if present && repo.is_empty() => "Module option state=present requires repo",
            () if repo.is_empty() && name.is_empty() => "Alias or repo parameter required when state=absent",
            () if is_file && !name.is_empty() => {
                "Incompatible option: 'name'. Do not use name when adding .repo files"
            }
            () if !is_file && name.is_empty() && present => "Name required when adding non-repo files.",
            () => "",
        };
        if !message.is_empty() {
            return Err(ModuleError::new(message));
        }
        let file = if is_file { repo } else { "" };
        let question = Question::new(&probes::ZYPPER_REPOSITORIES, [file]);
        flow::ask(question, move |answer| Repository::of(args, &answer)?.decide())
    }
}

fn zypper(words: &[&str]) -> Vec<String> {
    ["zypper", "--quiet", "--non-interactive"].iter().chain(words).map(|word| (*word).to_owned()).collect()
}

fn refresh(keys: bool, name: Option<&str>) -> Vec<String> {
    let mut words = zypper(if keys { &["--gpg-auto-import-keys"] } else { &[] });
    words.extend(flow::words(["refresh", "--force"]));
    words.extend(name.into_iter().flat_map(|name| ["-r".to_owned(), name.to_owned()]));
    words
}

struct Repository {
    args: Arc<Args>,
    /// What it is to be: alias, url, name, priority, enabled, gpgcheck, autorefresh.
    data: Dict,
    /// Whether its key is trusted.
    keys: bool,
    version: String,
    /// Those that have its name or its address.
    old: Vec<Dict>,
    /// Whether the only one of them is another.
    differs: bool,
    warnings: Vec<String>,
}

impl Repository {
    fn of(args: Arc<Args>, answer: &Answer) -> Result<Self, ModuleError> {
        let clients = Clients::read(answer);
        clients.require("repos", "zypper")?;
        let repos = clients.said("repos");
        // 6: no repository is defined.
        if !matches!(repos.rc, 0 | 6) {
            return Err(flow::failure(&repos, "Failed to execute \"zypper --quiet --non-interactive --xmlout repos\""));
        }
        let version = clients.text("version").split_whitespace().nth(1).unwrap_or("1.0").to_owned();
        let mut this = Self {
            data: data(&args),
            keys: args.bool("auto_import_keys"),
            version,
            old: Vec::new(),
            differs: false,
            warnings: Vec::new(),
            args,
        };
        this.read_file(&clients)?;
        for name in ["enabled", "gpgcheck", "autorefresh"] {
            this.data.entry(name.into()).or_insert_with(|| "1".into());
        }
        let known = if repos.rc == 0 { repositories(&repos.text()) } else { Vec::new() };
        for name in ["alias", "url"] {
            let same = |repo: &&Dict| text(repo, name) == text(&this.data, name);
            let found: Vec<Dict> = known.iter().filter(same).filter(|repo| !this.old.contains(repo)).cloned().collect();
            this.old.extend(found);
        }
        let many = this.old.len() > 1;
        if many && !this.args.bool("overwrite_multiple") {
            let message = format!(
                "More than one repo matched \"{}\". Use overwrite_multiple to allow more than one repo to be overwritten",
                text(&this.data, "url")
            );
            return Err(ModuleError::new(message));
        }
        this.differs = many || this.old.iter().any(|old| this.is_other(old, &clients));
        Ok(this)
    }

    /// Takes what a file of a repository says.
    fn read_file(&mut self, clients: &Clients) -> Result<(), ModuleError> {
        let Some(said) = clients.find("file") else { return Ok(()) };
        let repo = self.args.needed("repo").to_owned();
        let web = repo.starts_with("http");
        if said.rc != 0 {
            if self.args.needed("state") == "present" {
                let what = if web { "Error downloading .repo file from provided URL" } else { "Error opening .repo file from provided path" };
                return Err(ModuleError::new(what));
            }
            let what = if web { "download .repo file from" } else { "open .repo file at" };
            self.warnings.push(format!("Could not {what} '{repo}'; will try to identify repository by alias"));
            let base = repo.rsplit('/').next().unwrap_or_default();
            self.data.insert("alias".into(), base.trim_end_matches(ENDING).into());
            return Ok(());
        }
        let file = RepoFile::parse(&said.text())
            .map_err(|_| ModuleError::new("Invalid format, .repo file could not be parsed"))?;
        let [(section, entries)] = file.sections() else {
            let count = file.sections().len();
            let message = format!("Invalid format, .repo file contains {count} repositories, expected 1");
            return Err(ModuleError::new(message));
        };
        let entry = |name: &str| entries.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let Some(url) = entry("baseurl") else { return Err(ModuleError::new("No baseurl found in .repo file")) };
        self.keys |= entry("gpgkey").is_some();
        self.data.insert("alias".into(), section.as_str().into());
        self.data.insert("url".into(), url.into());
        if let Some(name) = entry("name") {
            self.data.insert("name".into(), name.into());
        }
        for name in ["enabled", "autorefresh", "gpgcheck"] {
            if let (false, Some(value)) = (self.data.contains_key(name), entry(name)) {
                self.data.insert(name.into(), value.into());
            }
        }
        Ok(())
    }

    /// Whether a repository that is there is another than the one that is to be.
    fn is_other(&self, old: &Dict, clients: &Clients) -> bool {
        let variable = |url: String| {
            let url = url.replace("$releasever", &clients.text("release")).replace("$basearch", &clients.text("arch"));
            url.trim_end_matches('/').to_owned()
        };
        ["alias", "url", "name", "priority", "enabled", "gpgcheck", "autorefresh"].iter().any(|name| {
            let (wanted, found) = (text(&self.data, name), text(old, name));
            let (wanted, found) = if *name == "url" { (variable(wanted), variable(found)) } else { (wanted, found) };
            !wanted.is_empty() && wanted != found
        })
    }

    fn result(&self) -> TaskResult {
        let result = TaskResult::ok().field("repodata", Value::dict(self.data.clone()));
        TaskResult { warnings: self.warnings.clone(), ..result.field("state", self.args.needed("state")) }
    }

    /// What names it to zypper.
    fn short(&self) -> String {
        let alias = text(&self.data, "alias");
        if alias.is_empty() { self.args.needed("repo").to_owned() } else { alias }
    }

    fn decide(mut self) -> Flow {
        let short = self.short();
        let present = self.args.needed("state") == "present";
        let runs = self.args.bool("runrefresh");
        if present && !self.old.is_empty() && !self.differs && runs {
            let call = flow::command(refresh(self.keys, Some(&short)));
            return flow::change(Vec::new(), call, move |answer| {
                clients::accept(answer.as_ref())?;
                flow::done(self.result())
            });
        }
        if present == (!self.old.is_empty() && !self.differs) && (present || self.old.is_empty()) {
            return flow::done(self.result());
        }
        let mut calls = Vec::new();
        if present {
            calls.extend(self.old.iter().map(|old| zypper(&["removerepo", &text(old, "url")])));
            calls.push(self.addition());
            if runs || self.keys {
                calls.push(refresh(self.keys, Some(&short)));
            }
        } else {
            calls.push(zypper(&["removerepo", &short]));
        }
        flow::change(Vec::new(), flow::commands(calls), move |answer| {
            let answer = answer.unwrap_or_default();
            if answer.rc != 0 {
                let message = format!("Zypper failed with rc {}", answer.rc);
                return Err(ModuleError { message, ..flow::failure(&answer, "") });
            }
            flow::done(TaskResult { changed: true, ..self.result() })
        })
    }

    /// The call that adds it.
    fn addition(&mut self) -> Vec<String> {
        let data = self.data.clone();
        let newer = |version: &str| compare(&self.version, version) != Ordering::Less;
        let mut words = zypper(&["addrepo", "--check"]);
        let mut option = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
        let (name, priority) = (text(&data, "name"), text(&data, "priority"));
        if !name.is_empty() {
            option("--name", &name);
        }
        let mut warnings = Vec::new();
        match priority.as_str() {
            "" => {}
            priority if newer("1.12.25") => option("--priority", priority),
            _ => warnings.push("Setting priority only available for zypper >= 1.12.25. Ignoring priority argument."),
        }
        if text(&data, "enabled") == "0" {
            words.push("--disable".to_owned());
        }
        if newer("1.6.2") {
            words.push(if text(&data, "gpgcheck") == "1" { "--gpgcheck" } else { "--no-gpgcheck" }.to_owned());
        } else {
            warnings.push("Enabling/disabling gpgcheck only available for zypper >= 1.6.2. Using zypper default value.");
        }
        if text(&data, "autorefresh") == "1" {
            words.push("--refresh".to_owned());
        }
        let url = text(&data, "url");
        words.push(url.clone());
        if !url.ends_with(ENDING) {
            words.push(text(&data, "alias"));
        }
        self.warnings.extend(warnings.into_iter().map(str::to_owned));
        words
    }
}

/// What the arguments say of it.
fn data(args: &Args) -> Dict {
    let mut data = Dict::new();
    let given = |name: &str| args.value(name).cloned().unwrap_or(Value::Null);
    data.insert("url".into(), given("repo"));
    data.insert("alias".into(), given("name"));
    data.insert("name".into(), given("description"));
    data.insert("priority".into(), given("priority"));
    for (argument, name, inverted) in
        [("enabled", "enabled", false), ("disable_gpg_check", "gpgcheck", true), ("autorefresh", "autorefresh", false)]
    {
        if let Some(value) = args.maybe_bool(argument) {
            data.insert(name.into(), if value == inverted { "0" } else { "1" }.into());
        }
    }
    data
}

/// The text of an entry; empty without.
fn text(repo: &Dict, name: &str) -> String {
    match repo.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(value) => value.to_string(),
    }
}
