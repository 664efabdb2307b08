//! `script`: runs a script of the controller.

use super::raw::ended;
use crate::modules::files::split;
use crate::modules::{
    Action, Answer, Argument, BLANK, Change, CommandCall, Content, FreeForm, LocalFile, LocalRead, LocalReply, Module,
    ModuleError, Question, Return, Rule, Spec, Step, TaskContext, TaskResult, probes, running,
};

/// The module.
pub struct Script;

/// The module.
pub static MODULE: Script = Script;

static SPEC: Spec = Spec {
    name: "script",
    summary: "Runs a script of the controller on a host.",
    arguments: &[
        running::CMD,
        running::CHDIR,
        running::CREATES,
        running::REMOVES,
        Argument::text("executable", "The interpreter; an absolute path."),
        Argument::bool("decrypt", true, "Decrypts a vaulted script."),
    ],
    rules: &[Rule::Exclusive(&["_raw_params", "cmd"])],
    free_form: FreeForm::Command,
    returns: &[
        Return { name: "rc", about: "Its exit code." },
        Return { name: "stderr", about: "Its standard error." },
        Return { name: "stderr_lines", about: "The same as a list of lines." },
        Return { name: "stdout", about: "Its standard output." },
        Return { name: "stdout_lines", about: "The same as a list of lines." },
    ],
    ..BLANK
};

impl Module for Script {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let line = args.text("_raw_params").or_else(|| args.text("cmd")).unwrap_or_default();
        let words = split::words(line).ok_or_else(|| ModuleError::new(format!("No closing quotation in: {line}")))?;
        let Some(name) = words.first().cloned() else { return Err(ModuleError::new("no script given")) };
        let (creates, removes) = (args.needed("creates").to_owned(), args.needed("removes").to_owned());
        if creates.is_empty() && removes.is_empty() {
            if context.check {
                let skipped = TaskResult { skipped: true, ..TaskResult::ok() };
                return Ok(Step::Done(skipped.message("Check mode is not supported for this task.")));
            }
            return Ok(read(context, name, words));
        }
        let question = Question::new(&probes::EXISTING, ["", &creates, &removes]);
        let next = move |answers: Vec<Answer>| {
            let message = match answers.first().unwrap_or(&Answer::default()).text().trim() {
                "created" => format!("{creates} exists, matching creates option"),
                "removed" => format!("{removes} does not exist, matching removes option"),
                _ => return Ok(read(context, name, words)),
            };
            Ok(Step::Done(TaskResult { skipped: true, ..TaskResult::ok() }.message(message)))
        };
        Ok(Step::Ask(vec![question], Box::new(next)))
    }
}

fn read(context: TaskContext, name: String, words: Vec<String>) -> Step {
    let decrypt = context.args.bool("decrypt");
    let next = move |reply: LocalReply| {
        let LocalReply::File(file) = reply else { return Err(ModuleError::new("the script is no file")) };
        let call = CommandCall {
            words: words.into_iter().map(Into::into).collect(),
            env: Vec::new(),
            chdir: context.args.text("chdir").map(str::to_owned),
            input: None,
            script: Some(content(&file, context.args.text("executable"))?),
        };
        let change = Change { diff: Vec::new(), action: Action::Command(call) };
        Ok(Step::Change(
            change,
            Box::new(|answer| Ok(Step::Done(answer.as_ref().map_or_else(TaskResult::changed, ended)))),
        ))
    };
    Step::Local(LocalRead::Source { kind: "files", name, follow: true, decrypt }, Box::new(next))
}

/// The script; its first line names the interpreter that was asked for.
fn content(file: &LocalFile, executable: Option<&str>) -> Result<Content, ModuleError> {
    let Some(executable) = executable else {
        return Ok(file.content.clone().map_or_else(|| Content::File(file.path.clone()), Content::Bytes));
    };
    let Some(bytes) = &file.content else {
        return Err(ModuleError::new("a script with `executable` may not be larger than 1 MiB"));
    };
    let program = if executable.starts_with('/') { String::new() } else { "/usr/bin/env ".to_owned() };
    let mut all = format!("#!{program}{executable}\n").into_bytes();
    let rest = match memchr::memchr(b'\n', bytes) {
        Some(end) if bytes.starts_with(b"#!") => &bytes[end + 1..],
        _ => &bytes[..],
    };
    all.extend_from_slice(rest);
    Ok(Content::Bytes(all.into()))
}
