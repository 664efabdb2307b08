//! `pip`: packages of Python, through the host's own `pip`.

use std::sync::Arc;

use crate::modules::files::split;
use crate::modules::packages::client;
use crate::modules::packages::python::{Requirement, requirements};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, flow, probes,
};
use crate::template::Value;

/// The module.
pub struct Pip;

/// The module.
pub static MODULE: Pip = Pip;

static SPEC: Spec = Spec {
    name: "pip",
    summary: "Installs and removes packages of Python with the host's own pip.",
    arguments: &[
        Argument::list("name", "Packages: `flask`, `flask>=2,<3`, `git+https://…`, a path."),
        Argument::text("version", "The version of the only package."),
        Argument::text("requirements", "A file of requirements on the host."),
        Argument::path("virtualenv", "A virtual environment; made when it is missing."),
        Argument::bool("virtualenv_site_packages", false, "A new one sees the packages of the host."),
        Argument::path("virtualenv_command", "What makes a new one: `virtualenv`, `python3 -m venv`.").default("virtualenv"),
        Argument::text("virtualenv_python", "The Python of a new one."),
        Argument::text("state", "What is wanted of them.").default("present").choices(&[
            "absent", "forcereinstall", "latest", "present",
        ]),
        Argument::text("extra_args", "Further words for pip."),
        Argument::bool("editable", false, "Installs from where the source is."),
        Argument::path("chdir", "The directory to run in."),
        Argument::path("executable", "The pip: `pip3.11`; that of `python3` unless given."),
        Argument::text("umask", "The umask while pip runs, octal."),
        Argument::bool("break_system_packages", false, "Alters a Python that the system manages."),
    ],
    rules: &[
        Rule::OneOf(&["name", "requirements"]),
        Rule::Exclusive(&["name", "requirements"]),
        Rule::Exclusive(&["executable", "virtualenv"]),
    ],
    returns: &[
        Return { name: "cmd", about: "The call of pip, when it ran." },
        Return { name: "name", about: "The argument." },
        Return { name: "version", about: "The argument." },
        Return { name: "requirements", about: "The argument." },
        Return { name: "virtualenv", about: "The argument." },
        Return { name: "state", about: "The argument." },
        Return { name: "stdout", about: "What pip said." },
        Return { name: "stderr", about: "Its errors." },
    ],
    ..BLANK
};

impl Module for Pip {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let wanted = Wanted::of(context.args)?;
        let words = ["chdir", "virtualenv", "executable"].map(|name| wanted.args.needed(name).to_owned());
        let check = context.check;
        flow::ask(Question::new(&probes::PIP, words), move |answer| {
            client::check(&answer)?;
            let text = answer.text();
            let missing = text.trim() == "@missing";
            if !missing && !wanted.needs_pip(&text, check) {
                let (stdout, stderr) = client::said(Some(&answer));
                return flow::done(wanted.result().field("stdout", stdout).field("stderr", stderr));
            }
            wanted.run(missing)
        })
    }
}

/// What is asked of pip.
struct Wanted {
    args: Arc<Args>,
    packages: Vec<Requirement>,
    extra: Vec<String>,
    /// Words that make a virtual environment.
    maker: Vec<String>,
}

impl Wanted {
    fn of(args: Arc<Args>) -> Result<Self, ModuleError> {
        let refuse = |message: &str| Err(ModuleError::new(message));
        let names = args.texts("name");
        let mut packages: Vec<Requirement> =
            requirements(&names).iter().map(|name| Requirement::parse(name)).collect();
        if let Some(version) = args.text("version").filter(|version| !version.is_empty()) {
            if args.needed("state") == "latest" {
                return refuse("version is incompatible with state=latest");
            }
            if packages.len() > 1 {
                return refuse(
                    "'version' argument is ambiguous when installing multiple package distributions. Please specify \
                     version restrictions next to each package in 'name' argument.",
                );
            }
            if let Some(package) = packages.first_mut() {
                if !package.versions.is_empty() {
                    return refuse(
                        "The 'version' argument conflicts with any version specifier provided along with a package \
                         name. Please keep the version specifier, but remove the 'version' argument.",
                    );
                }
                let sign = if version.starts_with(|first: char| first.is_ascii_digit()) { "==" } else { "" };
                *package = Requirement::parse(&format!("{}{sign}{}", package.text, version.trim()));
            }
        }
        if args.text("umask").is_some_and(|umask| u32::from_str_radix(umask.trim_start_matches("0o"), 8).is_err()) {
            return refuse("umask must be an octal integer");
        }
        let unclosed = |line: &str| ModuleError::new(format!("No closing quotation in: {line}"));
        let line = args.needed("extra_args");
        let mut extra = split::words(line).ok_or_else(|| unclosed(line))?;
        if args.bool("editable") && !extra.iter().any(|word| word == "-e") {
            extra.push("-e".to_owned());
        }
        let maker = maker(&args)?;
        Ok(Self { args, packages, extra, maker })
    }

    /// Whether pip has to be run, given what is installed. In check mode it is not asked, so a guess must do.
    fn needs_pip(&self, installed: &str, check: bool) -> bool {
        let state = self.args.needed("state");
        let certain = self.packages.iter().all(|package| package.name.is_some());
        if !self.extra.is_empty() || self.packages.is_empty() || state == "latest" {
            return true;
        }
        let met = |package: &Requirement| package.is_met(installed);
        match state {
            "absent" => self.packages.iter().any(|package| package.name.is_none() || met(package)),
            "forcereinstall" => !check || !certain,
            _ => !certain || !self.packages.iter().all(met),
        }
    }

    fn result(&self) -> TaskResult {
        ["name", "version", "requirements", "virtualenv", "state"].into_iter().fold(TaskResult::ok(), |result, name| {
            result.field(name, self.args.value(name).cloned().unwrap_or(Value::Null))
        })
    }

    fn words(&self) -> Vec<String> {
        let verb: &[&str] = match self.args.needed("state") {
            "absent" => &["uninstall", "-y"],
            "latest" => &["install", "-U"],
            "forcereinstall" => &["install", "-U", "--force-reinstall"],
            _ => &["install"],
        };
        let mut words = flow::words(verb.iter().copied());
        words.extend(self.extra.iter().cloned());
        words.extend(self.packages.iter().map(|package| package.text.clone()));
        if let Some(file) = self.args.text("requirements") {
            words.extend(["-r".to_owned(), file.to_owned()]);
        }
        words
    }

    fn run(self, missing: bool) -> flow::Flow {
        let args = &self.args;
        let absent = args.needed("state") == "absent";
        let sources = ["git+", "hg+", "svn+", "bzr+"];
        let is_source = |name: &String| sources.iter().any(|source| name.starts_with(source));
        let freeze = args.is_given("requirements") || args.texts("name").iter().any(is_source);
        let maker: &[String] = if missing { &self.maker } else { &[] };
        let mut call = ["chdir", "virtualenv", "executable", "umask"].map(|name| args.needed(name).to_owned()).to_vec();
        call.push(if freeze { "freeze" } else { "" }.to_owned());
        call.push(if args.bool("break_system_packages") { "break" } else { "" }.to_owned());
        call.push(maker.len().to_string());
        call.extend(maker.iter().cloned());
        let words = self.words();
        call.extend(words.iter().cloned());
        let diff = flow::diff("pip", "", format!("pip {}\n", words.join(" ")));
        flow::change(vec![diff], ScriptCall::new(actions::PIP, call), move |answer| {
            let Some(answer) = answer else { return flow::done(TaskResult { changed: true, ..self.result() }) };
            let (cmd, text, same) = read(&answer);
            let said = format!("{text}{}", answer.errors());
            let not_there = absent && answer.rc == 1 && said.contains("not installed");
            let cmd = Value::list(cmd.into_iter().chain(words).map(Value::text).collect());
            if answer.rc != 0 && !not_there {
                let errors = answer.errors();
                let stderr = if errors.is_empty() { String::new() } else { format!("\n:stderr: {errors}") };
                let stdout = if text.is_empty() { String::new() } else { format!("stdout: {text}") };
                return Err(ModuleError::new(format!("{stdout}{stderr}")).field("cmd", cmd));
            }
            let changed = match (absent, freeze) {
                (true, _) => text.contains("Successfully uninstalled"),
                (false, true) => !same,
                (false, false) => text.contains("Successfully installed"),
            };
            let result = TaskResult { changed: changed || missing, ..self.result() };
            flow::done(result.field("cmd", cmd).field("stdout", text).field("stderr", answer.errors().into_owned()))
        })
    }
}

/// The words that make a virtual environment.
fn maker(args: &Args) -> Result<Vec<String>, ModuleError> {
    if !args.is_given("virtualenv") {
        return Ok(Vec::new());
    }
    let line = args.needed("virtualenv_command");
    let mut words = split::words(line).filter(|words| !words.is_empty());
    let words = words.as_mut().ok_or_else(|| ModuleError::new("virtualenv_command is no command"))?;
    let is_venv = words[0] == "pyvenv" || words.windows(2).any(|pair| pair == ["-m", "venv"]);
    if args.bool("virtualenv_site_packages") {
        words.push("--system-site-packages".to_owned());
    }
    match args.text("virtualenv_python") {
        Some(_) if is_venv => {
            return Err(ModuleError::new(
                "virtualenv_python should not be used when using the venv module or pyvenv as virtualenv_command",
            ));
        }
        Some(python) => words.push(format!("-p{python}")),
        None if !is_venv => words.push("@python".to_owned()),
        None => {}
    }
    Ok(std::mem::take(words))
}

/// The call of pip, what it said, and whether nothing came or went.
fn read(answer: &Answer) -> (Vec<String>, String, bool) {
    let text = answer.text();
    let (mut cmd, mut said, mut same) = (Vec::new(), String::new(), false);
    for line in text.split_inclusive('\n') {
        match (line.strip_prefix("@pip "), line.trim_end()) {
            (Some(word), _) => cmd.push(word.trim_end_matches('\n').to_owned()),
            (None, "@same") => same = true,
            (None, _) => said.push_str(line),
        }
    }
    (cmd, said, same)
}
