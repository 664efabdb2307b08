//! `django_manage`: commands of Django's manage.py.

use std::sync::Arc;

use crate::modules::clients;
use crate::modules::files::split;
use crate::modules::flow::{self, Flow};
use crate::modules::packages::client::Surroundings;
use crate::modules::{
    Args, Argument, BLANK, CheckMode, Kind, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes,
};
use crate::template::Value;

/// The module.
pub struct DjangoManage;

/// The module.
pub static MODULE: DjangoManage = DjangoManage;

static SPEC: Spec = Spec {
    name: "django_manage",
    collections: &["community.general", "ansible.builtin"],
    summary: "Runs commands of Django's manage.py. Unproven on a real system.",
    arguments: &[
        Argument::text("command", "The command: `migrate`, `collectstatic`, `createsuperuser --noinput`, …").required(),
        Argument::path("project_path", "The directory of manage.py.").required().aliases(&["app_path", "chdir"]),
        Argument::path("settings", "The module of settings."),
        Argument::path("pythonpath", "A further directory of Python's modules.").aliases(&["python_path"]),
        Argument::path("virtualenv", "The virtual environment; it must be there.").aliases(&["virtual_env"]),
        Argument::text("apps", "Apps, of `test` and `migrate`."),
        Argument::text("cache_table", "The table, of `createcachetable`."),
        Argument::bool("clear", false, "Clears the files first, of `collectstatic`."),
        Argument::text("database", "The database, of commands that take one."),
        Argument::bool("failfast", false, "Ends at the first failure, of `test`.").aliases(&["fail_fast"]),
        Argument::text("fixtures", "The fixtures, of `loaddata`, which needs them."),
        Argument::text("testrunner", "The runner, of `test`.").aliases(&["test_runner"]),
        Argument::of("skip", Kind::Bool, "Skips missing migrations, of `migrate`."),
        Argument::of("merge", Kind::Bool, "Runs missing migrations out of order, of `migrate`."),
        Argument::of("link", Kind::Bool, "Makes links, of `collectstatic`."),
    ],
    check_mode: CheckMode::Skipped,
    returns: &[
        Return { name: "cmd", about: "What was run." },
        Return { name: "out", about: "What it said." },
        Return { name: "app_path", about: "The directory of manage.py." },
        Return { name: "project_path", about: "The same." },
        Return { name: "virtualenv", about: "The argument." },
        Return { name: "settings", about: "The argument." },
        Return { name: "pythonpath", about: "The argument." },
    ],
    ..BLANK
};

/// Which arguments belong to which commands.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("createcachetable", &["cache_table", "database"]),
    ("flush", &["database"]),
    ("loaddata", &["database", "fixtures"]),
    ("test", &["failfast", "testrunner", "apps"]),
    ("migrate", &["apps", "skip", "merge", "database"]),
    ("collectstatic", &["clear", "link"]),
];

impl Module for DjangoManage {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let own = words(args.needed("command"))?;
        let Some(command) = own.first().cloned() else { return Err(ModuleError::new("the command is empty")) };
        check(&args, &command)?;
        let words = call(&args, own, &command)?;
        let Some(environment) = args.text("virtualenv").filter(|path| !path.is_empty()).map(str::to_owned) else {
            return run(args, command, words);
        };
        let activate = format!("{environment}/bin/activate");
        let question = Question::new(&probes::EXISTING, ["", activate.as_str(), ""]);
        flow::ask(question, move |answer| {
            if answer.text().trim() == "created" {
                return run(args, command, words);
            }
            Err(ModuleError::new(format!("{environment} does not point to a valid virtual environment")))
        })
    }
}

fn run(args: Arc<Args>, command: String, words: Vec<String>) -> Flow {
    let environment = args.text("virtualenv").map(|path| format!("{path}/bin")).unwrap_or_default();
    let place = Surroundings { directory: args.needed("project_path"), programs: &environment, ..Surroundings::default() };
    let diff = flow::diff("django", "", format!("{}\n", words.join(" ")));
    flow::change(vec![diff], place.call(&words), move |answer| {
        let answer = answer.unwrap_or_default();
        let (mut out, errors) = (answer.text().into_owned(), answer.errors());
        if answer.rc != 0 {
            let there = command == "createcachetable" && errors.contains("table") && errors.contains("already exists");
            if !there {
                let unknown = errors.contains("Unknown command:");
                let message = if unknown { format!("Unknown django command: {command}") } else { String::new() };
                let said = clients::refused(&answer);
                let message = if unknown { format!("{message}\n{}", said.message) } else { said.message.clone() };
                return Err(ModuleError { message, ..said }.field("cmd", list(&words)));
            }
            "already exists.".clone_into(&mut out);
        }
        let result = TaskResult::with_changed(has_changed(&command, &out)).field("cmd", list(&words));
        let given = |name: &str| args.value(name).cloned().unwrap_or(Value::Null);
        let result = result.field("app_path", given("project_path")).field("project_path", given("project_path"));
        let named = ["virtualenv", "settings", "pythonpath"];
        let result = named.into_iter().fold(result, |result, name| result.field(name, given(name)));
        flow::done(result.field("out", out))
    })
}

fn list(words: &[String]) -> Value {
    Value::list(words.iter().map(|word| Value::text(word.as_str())).collect())
}

fn words(line: &str) -> Result<Vec<String>, ModuleError> {
    split::words(line).ok_or_else(|| ModuleError::new(format!("No closing quotation in: {line}")))
}

fn is_set(args: &Args, name: &str) -> bool {
    args.bool(name) || args.text(name).is_some_and(|text| !text.is_empty())
}

fn check(args: &Args, command: &str) -> Result<(), ModuleError> {
    let allowed = ALLOWED.iter().find(|(name, _)| *name == command).map_or(&[][..], |(_, allowed)| allowed);
    for name in ["apps", "clear", "database", "failfast", "fixtures", "testrunner"] {
        if is_set(args, name) && !allowed.contains(&name) {
            return Err(ModuleError::new(format!("{name} param is incompatible with command={command}")));
        }
    }
    if command == "loaddata" && !is_set(args, "fixtures") {
        return Err(ModuleError::new("fixtures param is required for command=loaddata"));
    }
    Ok(())
}

fn call(args: &Args, own: Vec<String>, command: &str) -> Result<Vec<String>, ModuleError> {
    let quiet = matches!(command, "flush" | "migrate" | "test" | "collectstatic") && !own.iter().any(|word| word == "--noinput");
    let mut all = vec!["./manage.py".to_owned()];
    all.extend(own);
    all.extend(quiet.then(|| "--noinput".to_owned()));
    for name in ["settings", "pythonpath", "database", "testrunner"] {
        all.extend(args.text(name).filter(|text| !text.is_empty()).map(|text| format!("--{name}={text}")));
    }
    for name in ["clear", "failfast", "skip", "merge", "link"] {
        all.extend(args.bool(name).then(|| format!("--{name}")));
    }
    all.extend(words(args.needed("apps"))?);
    all.extend(args.text("cache_table").filter(|table| !table.is_empty()).map(str::to_owned));
    all.extend(words(args.needed("fixtures"))?);
    Ok(all)
}

/// Whether what a command said tells of a change.
fn has_changed(command: &str, out: &str) -> bool {
    let installed = |line: &str| line.contains("Installed") && !line.contains("Installed 0 object");
    match command {
        "createcachetable" => !out.contains("already exists"),
        "flush" | "loaddata" => out.lines().any(installed),
        "migrate" => out.lines().any(|line| {
            line.contains("Migrating forwards ") || installed(line) || line.contains("Applying")
        }),
        "collectstatic" => out.lines().any(|line| !line.is_empty() && !line.contains("0 static files")),
        _ => false,
    }
}
