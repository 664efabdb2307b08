//! `make`: runs targets of a makefile.

use crate::modules::packages::client::{self, Surroundings};
use crate::modules::{
    Args, Argument, BLANK, Kind, Module, ModuleError, Question, Return, Rule, Spec, Step, TaskContext, TaskResult,
    flow, probes,
};
use crate::template::Value;
use crate::template::filters::quoted;

/// The module.
pub struct Make;

/// The module.
pub static MODULE: Make = Make;

static SPEC: Spec = Spec {
    name: "make",
    collections: &["community.general"],
    summary: "Runs targets of a makefile that are not up to date.",
    arguments: &[
        Argument::path("chdir", "The directory to run in.").required(),
        Argument::text("target", "The target."),
        Argument::list("targets", "Several targets."),
        Argument::of("params", Kind::Dict, "Variables for make: `NAME: value`; without a value the name alone."),
        Argument::path("file", "The makefile."),
        Argument::path("make", "The program; `gmake` or `make` unless given."),
        Argument::int("jobs", "How many jobs at once."),
    ],
    rules: &[Rule::Exclusive(&["target", "targets"])],
    returns: &[
        Return { name: "command", about: "What is run." },
        Return { name: "stdout", about: "What make said." },
        Return { name: "stderr", about: "Its errors." },
        Return { name: "chdir", about: "The argument." },
        Return { name: "file", about: "The argument." },
        Return { name: "jobs", about: "The argument." },
        Return { name: "params", about: "The argument." },
        Return { name: "target", about: "The argument." },
        Return { name: "targets", about: "The argument." },
    ],
    ..BLANK
};

impl Module for Make {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let words = arguments(&args);
        let asked = [args.needed("chdir").to_owned(), args.needed("make").to_owned()];
        let question = Question::new(&probes::MAKE_QUESTION, asked.into_iter().chain(words.iter().cloned()));
        flow::ask(question, move |mut answer| {
            let text = answer.text().into_owned();
            let Some((make, said)) = text.split_once('\n') else { return Err(client::failure(&answer)) };
            let command: Vec<String> = std::iter::once(make.to_owned()).chain(words).collect();
            answer.stdout = said.as_bytes().to_vec();
            let shown = command.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
            let mut result = TaskResult::ok().field("command", shown.as_str());
            for name in ["chdir", "file", "jobs", "params", "target", "targets"] {
                result = result.field(name, args.value(name).cloned().unwrap_or(Value::Null));
            }
            if answer.rc == 0 {
                return flow::done(output(result, &client::said(Some(&answer))));
            }
            let call = Surroundings { directory: args.needed("chdir"), ..Surroundings::default() }.call(&command);
            let diff = flow::diff("make", "", shown + "\n");
            flow::change(vec![diff], call, move |ran| {
                if let Some(ran) = &ran {
                    client::check(ran)?;
                }
                let said = client::said(Some(&ran.unwrap_or(answer)));
                flow::done(output(TaskResult { changed: true, ..result }, &said))
            })
        })
    }
}

fn output(result: TaskResult, (stdout, stderr): &(String, String)) -> TaskResult {
    result.field("stdout", stdout.as_str()).field("stderr", stderr.as_str())
}

fn arguments(args: &Args) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(jobs) = args.int("jobs") {
        words.extend(["-j".to_owned(), jobs.to_string()]);
    }
    if let Some(file) = args.text("file") {
        words.extend(["-f".to_owned(), file.to_owned()]);
    }
    words.extend(args.text("target").filter(|target| !target.is_empty()).map(str::to_owned));
    words.extend(args.texts("targets"));
    words.extend(args.dict("params").into_iter().flatten().map(|(name, value)| match value {
        Value::Null => name.to_string(),
        value => format!("{name}={value}"),
    }));
    words
}
