//! `patch`: files as a patch makes them.

use std::sync::Arc;

use crate::modules::flow;
use crate::modules::{
    Args, Argument, BLANK, Content, LocalRead, LocalReply, Module, ModuleError, Question, Rule, ScriptCall, Spec, Step,
    TaskContext, TaskResult, actions, probes,
};

/// The module.
pub struct Patch;

/// The module.
pub static MODULE: Patch = Patch;

static SPEC: Spec = Spec {
    name: "patch",
    collections: &["ansible.posix"],
    summary: "Applies patches with the host's patch program, or takes them away.",
    arguments: &[
        Argument::path("src", "The patch.").required().aliases(&["patchfile"]),
        Argument::path("dest", "The file that is patched, where the patch does not name it.").aliases(&["originalfile"]),
        Argument::path("basedir", "The directory in which the files stand that the patch names."),
        Argument::text("state", "Whether the patch is applied.").default("present").choices(&["absent", "present"]),
        Argument::bool("remote_src", false, "Takes `src` from the host."),
        Argument::int("strip", "How many leading parts of the names in the patch are left out.").default("0"),
        Argument::bool("backup", false, "Keeps the old files, under numbered names."),
        Argument::bool("binary", false, "Leaves line ends alone."),
        Argument::bool("ignore_whitespace", false, "Lets blanks differ."),
    ],
    rules: &[Rule::OneOf(&["dest", "basedir"])],
    ..BLANK
};

/// The largest part of a patch that is one word of a question, in bytes.
const PART: usize = 60_000;

impl Module for Patch {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let name = args.needed("src").to_owned();
        if args.bool("remote_src") {
            return ask(&args, &name, None);
        }
        let next = move |reply: LocalReply| {
            let LocalReply::File(file) = reply else { return Err(ModuleError::new("the patch is no file")) };
            let shown = file.path.display();
            let bytes = file.content.ok_or_else(|| ModuleError::new(format!("{shown} is larger than 1 MiB")))?;
            ask(&args, "", Some(bytes))
        };
        Ok(Step::Local(LocalRead::File { kind: "files", name }, Box::new(next)))
    }
}

fn ask(args: &Args, source: &str, bytes: Option<Arc<[u8]>>) -> Result<Step, ModuleError> {
    let back = if args.needed("state") == "absent" { "back" } else { "" };
    let fixed = [args.needed("basedir"), args.needed("dest"), source, back].map(str::to_owned);
    let mut options = vec![format!("--strip={}", args.int("strip").unwrap_or_default())];
    for (name, option) in [("binary", "--binary"), ("ignore_whitespace", "--ignore-whitespace")] {
        options.extend(args.bool(name).then(|| option.to_owned()));
    }
    let text = bytes.as_deref().map(|bytes| std::str::from_utf8(bytes).map(str::to_owned)).transpose();
    let text = text.ok().filter(|text| !text.as_ref().is_some_and(|text| text.contains('\0')));
    let text = text.ok_or_else(|| ModuleError::new("the patch is no text"))?;
    let words = fixed.iter().cloned().chain([options.len().to_string()]).chain(options.iter().cloned());
    let question = Question::new(&probes::PATCH, words.chain(parts(text.as_deref().unwrap_or_default())));
    if args.bool("backup") {
        options.extend(["--backup", "--version-control=numbered"].map(str::to_owned));
    }
    let shown = if args.needed("dest").is_empty() { &fixed[0] } else { &fixed[1] }.clone();
    flow::ask(question, move |answer| {
        let said = |answer: &crate::modules::Answer| match answer.errors() {
            errors if errors.is_empty() => answer.text().into_owned(),
            errors => errors.into_owned(),
        };
        if answer.rc != 0 {
            return Err(ModuleError::new(said(&answer).trim_end()));
        }
        if answer.text().trim() == "same" {
            return flow::done(TaskResult::ok());
        }
        let mut call = ScriptCall::new(actions::PATCH, fixed.into_iter().chain(options));
        call.input = bytes.map(Content::Bytes);
        let diff = flow::diff(&shown, "", text.unwrap_or_default());
        flow::change(vec![diff], call, move |answer| {
            match answer.filter(|answer| answer.rc != 0) {
                Some(answer) => Err(ModuleError::new(said(&answer).trim_end())),
                None => flow::done(TaskResult::changed()),
            }
        })
    })
}

/// A text in parts that each are short enough for a word.
fn parts(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = text;
    while rest.len() > PART {
        let end = (0..=PART).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        all.push(part.to_owned());
        rest = after;
    }
    all.push(rest.to_owned());
    all
}
