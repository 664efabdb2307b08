//! `cron`: jobs and variables of crontabs.

use crate::modules::services::crontab::{Crontab, Place};
use crate::modules::services::crontab_task::{Owner, edit, names};
use crate::template::Value;
use crate::modules::{Args, Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext};

/// The module.
pub struct Cron;

/// The module.
pub static MODULE: Cron = Cron;

const TIMES: [&str; 5] = ["minute", "hour", "day", "month", "weekday"];

static SPEC: Spec = Spec {
    name: "cron",
    summary: "Sets jobs and variables of crontabs, by name.",
    arguments: &[
        Argument::text("name", "What the job is known by: a comment before it; with `env` the variable.").required(),
        Argument::text("job", "The command; with `env` the variable's value.").aliases(&["value"]),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::text("minute", "0 to 59, `*`, `*/2`, …").default("*"),
        Argument::text("hour", "0 to 23, …").default("*"),
        Argument::text("day", "Of the month: 1 to 31, …").default("*").aliases(&["dom"]),
        Argument::text("month", "1 to 12, `JAN`, …").default("*"),
        Argument::text("weekday", "0 to 6 from Sunday, `SUN`, …").default("*").aliases(&["dow"]),
        Argument::text("special_time", "Instead of the times.").choices(&[
            "annually", "daily", "hourly", "monthly", "reboot", "weekly", "yearly",
        ]),
        Argument::bool("disabled", false, "Makes a comment of the job."),
        Argument::bool("env", false, "Sets a variable instead of a job."),
        Argument::text("insertafter", "The variable that a new one comes after."),
        Argument::text("insertbefore", "The variable that a new one comes before."),
        Argument::text("user", "Whose crontab; with `cron_file` who runs the job."),
        Argument::path("cron_file", "A file, below `/etc/cron.d` unless its path is absolute."),
        Argument::bool("backup", false, "Keeps the old crontab."),
    ],
    returns: &[
        Return { name: "jobs", about: "The names of the jobs that the crontab has." },
        Return { name: "envs", about: "The names of the variables that it has." },
        Return { name: "cron_file", about: "The file as it was named, when it is one." },
        Return { name: "state", about: "`absent`, when a whole file is gone." },
        Return { name: "backup_file", about: "Where the old crontab is kept." },
    ],
    ..BLANK
};

impl Module for Cron {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        check(&args)?;
        edit(Owner::of(&args), move |tab| alter(tab, &args), told)
    }
}

fn told(tab: Option<&Crontab>) -> Vec<(&'static str, Value)> {
    let Some(tab) = tab else { return vec![("state", "absent".into())] };
    vec![("jobs", names(tab.jobs())), ("envs", names(tab.variables()))]
}

fn check(args: &Args) -> Result<(), ModuleError> {
    let refuse = |message: &str| Err(ModuleError::new(message));
    let present = args.needed("state") == "present";
    if args.is_given("special_time") && TIMES.iter().any(|time| args.needed(time) != "*") {
        return refuse("You must specify time and date fields or special time.");
    }
    if present && args.is_given("cron_file") && !args.bool("env") && !args.is_given("user") {
        return refuse("To use cron_file=... parameter you must specify user=... as well");
    }
    if present && !args.is_given("job") {
        return refuse("You must specify 'job' to install a new cron job or variable");
    }
    if args.is_given("insertafter") && args.is_given("insertbefore") {
        return refuse("parameters are mutually exclusive: insertbefore|insertafter");
    }
    if (args.is_given("insertafter") || args.is_given("insertbefore")) && !args.bool("env") {
        return refuse("Insertafter and insertbefore parameters are valid only with env=yes");
    }
    if args.needed("job").trim_matches(['\r', '\n']).contains('\n') {
        return refuse("a job is one line");
    }
    Ok(())
}

fn alter(mut tab: Crontab, args: &Args) -> Result<Option<Crontab>, ModuleError> {
    let name = args.needed("name");
    let present = args.needed("state") == "present";
    match (args.bool("env"), present) {
        (false, true) => tab.set_job(name, &line(args)),
        (false, false) => tab.remove_job(name),
        (true, true) => {
            let place = match (args.text("insertafter"), args.text("insertbefore")) {
                (Some(other), _) => Place::After(other),
                (_, Some(other)) => Place::Before(other),
                _ => Place::First,
            };
            let text = format!("{name}=\"{}\"", args.needed("job"));
            let other = args.text("insertafter").or_else(|| args.text("insertbefore")).unwrap_or_default();
            tab.set_variable(name, &text, place)
                .map_err(|_| ModuleError::new(format!("Variable named '{other}' not found.")))?;
        }
        (true, false) => tab.remove_variable(name),
    }
    // A file of our own goes with its last line.
    let spent = !present && args.is_given("cron_file") && tab.text().is_empty();
    Ok((!spent).then_some(tab))
}

/// The job's line, as Ansible writes it.
fn line(args: &Args) -> String {
    let job = args.needed("job").trim_matches(['\r', '\n']);
    let prefix = if args.bool("disabled") { "#" } else { "" };
    let time = match args.text("special_time") {
        Some(special) => format!("@{special}"),
        None => TIMES.map(|time| args.needed(time)).join(" "),
    };
    match args.text("user").filter(|_| args.is_given("cron_file")) {
        Some(user) => format!("{prefix}{time} {user} {job}"),
        None => format!("{prefix}{time} {job}"),
    }
}
