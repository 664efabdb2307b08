//! `gem`: packages of Ruby, through the host's own gem.

use std::sync::Arc;

use crate::modules::clients::{self, Clients};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};

/// The module.
pub struct Gem;

/// The module.
pub static MODULE: Gem = Gem;

static SPEC: Spec = Spec {
    name: "gem",
    collections: &["community.general", "ansible.builtin"],
    summary: "Installs and removes packages of Ruby with the host's own gem. Unproven on a real system.",
    arguments: &[
        Argument::text("name", "The package.").required(),
        Argument::text("state", "What is wanted of it.").default("present").choices(&["present", "absent", "latest"]),
        Argument::path("gem_source", "A file on the host that it comes from."),
        Argument::bool("include_dependencies", true, "Installs what it needs as well."),
        Argument::text("repository", "The server that it comes from.").aliases(&["source"]),
        Argument::bool("user_install", true, "Installs for the login alone."),
        Argument::path("executable", "The gem; further words are given to it first."),
        Argument::path("install_dir", "The directory of gems; with `user_install: false`."),
        Argument::path("bindir", "The directory of its programs."),
        Argument::bool("norc", true, "Reads no .gemrc; from version 2.5.2 on."),
        Argument::bool("env_shebang", false, "Has its programs look for Ruby with `/usr/bin/env`."),
        Argument::text("version", "Its version."),
        Argument::bool("pre_release", false, "Takes versions that are not released."),
        Argument::bool("include_doc", false, "Makes its documents."),
        Argument::text("build_flags", "Options for what it compiles."),
        Argument::bool("force", false, "Goes on where others need it, or something is missing."),
        Argument::bool("override_platform_install_dir", false, "Names the directory of the login's gems to gem."),
    ],
    rules: &[Rule::Exclusive(&["gem_source", "repository"]), Rule::Exclusive(&["gem_source", "version"])],
    returns: &[
        Return { name: "name", about: "The package." },
        Return { name: "state", about: "What was wanted of it." },
        Return { name: "version", about: "Its version, when one was asked for." },
    ],
    ..BLANK
};

impl Module for Gem {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let gem = Package { args: context.args };
        gem.check()?;
        let args = &gem.args;
        let yes = |wanted: bool| if wanted { "yes" } else { "" }.to_owned();
        let mut words = vec![
            args.needed("install_dir").to_owned(),
            args.needed("name").to_owned(),
            yes(args.bool("norc")),
            yes(args.needed("state") == "latest"),
            args.needed("repository").to_owned(),
            yes(args.bool("override_platform_install_dir")),
        ];
        words.extend(gem.program());
        flow::ask(Question::new(&probes::GEM, words), move |answer| gem.decide(&answer))
    }
}

struct Package {
    args: Arc<Args>,
}

impl Package {
    fn check(&self) -> Result<(), ModuleError> {
        let args = &self.args;
        let latest = args.needed("state") == "latest";
        let given = |name: &str| !args.needed(name).is_empty();
        let own = args.bool("override_platform_install_dir");
        let message = match () {
            () if given("version") && latest => "Cannot specify version when state=latest",
            () if given("gem_source") && latest => "Cannot maintain state=latest when installing from local source",
            () if args.bool("user_install") && given("install_dir") => "install_dir requires user_install=false",
            () if own && !args.bool("user_install") => "override_platform_install_dir requires user_install=true",
            () => return Ok(()),
        };
        Err(ModuleError::new(message))
    }

    fn program(&self) -> Vec<String> {
        let given: Vec<String> = self.args.needed("executable").split_whitespace().map(str::to_owned).collect();
        if given.is_empty() { vec!["gem".to_owned()] } else { given }
    }

    fn decide(self, answer: &Answer) -> Flow {
        let clients = Clients::read(answer);
        let program = self.program();
        clients.require("version", program.first().map_or("gem", String::as_str))?;
        for name in ["version", "list", "remote", "environment"] {
            clients::accept(clients.find(name))?;
        }
        let wanted = match self.args.text("version").filter(|version| !version.is_empty()) {
            Some(version) => Some(version.to_owned()),
            None => versions(&clients.text("remote")).into_iter().next(),
        };
        let there = is_there(&clients.text("list"), wanted.as_deref());
        let mut result = TaskResult::ok().field("name", self.args.needed("name")).field("state", self.args.needed("state"));
        if let Some(version) = &wanted {
            result = result.field("version", version.as_str());
        }
        let present = self.args.needed("state") != "absent";
        if there == present {
            return flow::done(result);
        }
        let gem = Version::of(&clients.text("version"));
        let folder = user_folder(&clients.text("environment"));
        let words = if present {
            self.install(gem, wanted.as_deref(), folder.as_deref())
        } else {
            self.uninstall(gem, wanted.as_deref(), folder.as_deref())
        };
        self.run(words, wanted, result)
    }

    fn norc(&self, gem: Version) -> Option<String> {
        (self.args.bool("norc") && gem >= Version(2, 5, 2)).then(|| "--norc".to_owned())
    }

    fn install(&self, gem: Version, version: Option<&str>, folder: Option<&str>) -> Vec<String> {
        let args = &self.args;
        let old = gem < Version(2, 0, 0);
        let flag = |wanted: bool, option: &str| wanted.then(|| option.to_owned());
        let pair = |option: &str, value: Option<&str>| {
            let value = value.filter(|value| !value.is_empty());
            value.map(|value| [option.to_owned(), value.to_owned()]).into_iter().flatten().collect::<Vec<_>>()
        };
        let folder_of_programs = folder.map(|folder| format!("{folder}/bin"));
        let dependencies = match (args.bool("include_dependencies"), old) {
            (true, true) => Some("--include-dependencies"),
            (false, _) => Some("--ignore-dependencies"),
            (true, false) => None,
        };
        let for_user = args.bool("user_install") && folder.is_none();
        let mut words = vec!["install".to_owned()];
        words.extend(self.norc(gem));
        words.extend(pair("--version", version));
        words.extend(pair("--source", args.text("repository")));
        words.extend(dependencies.map(str::to_owned));
        words.push(if for_user { "--user-install" } else { "--no-user-install" }.to_owned());
        words.extend(pair("--install-dir", args.text("install_dir").or(folder)));
        words.extend(pair("--bindir", args.text("bindir").or(folder_of_programs.as_deref())));
        words.extend(flag(args.bool("pre_release"), "--pre"));
        if !args.bool("include_doc") {
            words.extend(flow::words(if old { ["--no-rdoc", "--no-ri"].iter() } else { ["--no-document"].iter() }.copied()));
        }
        words.extend(flag(args.bool("env_shebang"), "--env-shebang"));
        words.extend(flag(args.bool("force"), "--force"));
        let source = args.text("gem_source").filter(|source| !source.is_empty());
        words.push(source.unwrap_or(args.needed("name")).to_owned());
        words.extend(pair("--", args.text("build_flags")));
        words
    }

    fn uninstall(&self, gem: Version, version: Option<&str>, folder: Option<&str>) -> Vec<String> {
        let args = &self.args;
        let mut words = vec!["uninstall".to_owned()];
        words.extend(self.norc(gem));
        for (option, value) in [("--install-dir", args.text("install_dir").or(folder)), ("--bindir", args.text("bindir"))] {
            words.extend(value.into_iter().flat_map(|value| [option.to_owned(), value.to_owned()]));
        }
        match version {
            Some(version) => words.extend(["--version".to_owned(), version.to_owned()]),
            None => words.push("--all".to_owned()),
        }
        words.push("--executable".to_owned());
        words.extend(args.bool("force").then(|| "--force".to_owned()));
        words.push(args.needed("name").to_owned());
        words
    }

    fn run(self, gem_words: Vec<String>, version: Option<String>, result: TaskResult) -> Flow {
        let name = self.args.needed("name").to_owned();
        let absent = gem_words.first().is_some_and(|verb| verb == "uninstall");
        let program = self.program();
        let line = [program.join(" "), gem_words.join(" ")].join(" ");
        let mut words = vec![self.args.needed("install_dir").to_owned(), if absent { name.clone() } else { String::new() }];
        words.push(program.len().to_string());
        words.extend(program.into_iter().chain(gem_words));
        let diff = flow::diff_lines("gem", &[], &[line]);
        flow::change(vec![diff], ScriptCall::new(actions::GEM, words), move |answer| {
            let Some(answer) = answer else { return flow::done(TaskResult { changed: true, ..result }) };
            let clients = Clients::read(&answer);
            let ran = clients.said("run");
            clients::accept(Some(&ran))?;
            if absent && is_there(&clients.text("list"), version.as_deref()) {
                let message = format!(
                    "Failed to uninstall gem '{name}': it is still present after 'gem uninstall'. This usually happens \
                     with default or system gems provided by the OS, which cannot be removed with the gem command."
                );
                return Err(ModuleError { message, ..flow::failure(&ran, "") });
            }
            flow::done(TaskResult { changed: true, ..result })
        })
    }
}

/// A version of gem itself.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Version(u32, u32, u32);

impl Version {
    /// One that cannot be read is a new one, but not new enough for all options.
    fn of(text: &str) -> Self {
        let mut numbers = text.trim().split('.').map(|part| part.parse().ok());
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch))) => Self(major, minor, patch),
            _ => Self(2, 0, 0),
        }
    }
}

/// The versions in `NAME (default: 1.2, 1.1)`.
fn versions(list: &str) -> Vec<String> {
    let inside = |line: &str| {
        let (name, rest) = line.trim().split_once(' ')?;
        let inside = rest.trim_start().strip_prefix('(')?.rsplit_once(')')?.0;
        (!name.is_empty()).then(|| inside.to_owned())
    };
    let all = list.lines().filter_map(inside).collect::<Vec<_>>();
    let versions = all.iter().flat_map(|line| line.split(", "));
    let plain = |version: &str| version.trim_start_matches("default: ").split_whitespace().next().map(str::to_owned);
    versions.filter_map(plain).collect()
}

fn is_there(list: &str, version: Option<&str>) -> bool {
    let there = versions(list);
    version.map_or(!there.is_empty(), |version| there.iter().any(|known| known == version))
}

/// Where `gem environment` says that the gems of the login are.
fn user_folder(environment: &str) -> Option<String> {
    let line = environment.lines().find_map(|line| line.split_once("USER INSTALLATION DIRECTORY:"))?;
    Some(line.1.trim().to_owned())
}
