//! `vars_prompt`: what a play asks before it begins.

use std::collections::HashMap;
use std::sync::Arc;

use super::context::RunContext;
use crate::engine::Phase;
use crate::playbook::{self, Play};
use crate::template::{Dict, Key, Origin, Templar, Text, TextOptions, Value};

/// The answers: of whoever is at the terminal, else the defaults; the command line's variables are not asked for.
pub(super) async fn prompted(run: &RunContext, play: &Play, templar: &Templar) -> Result<Dict, String> {
    let mut vars = Dict::new();
    for question in &play.vars_prompt {
        if run.options.extra_vars.contains_key(question.name.as_str()) {
            continue;
        }
        let rendered = |value: &Option<Value>| -> Result<Option<Value>, String> {
            let Some(value) = value else { return Ok(None) };
            templar.render(value).map(Some).map_err(|error| format!("vars_prompt: {error}"))
        };
        let (prompt, default) = (rendered(&question.prompt)?, rendered(&question.default)?);
        let prompt = shown(question, prompt.as_ref(), default.as_ref());
        let typed = ask(run, question, &prompt).await?.filter(|typed| !typed.is_empty());
        let origin = Origin { file: "vars_prompt".into(), line: 1, column: 1 };
        let answer = match (typed, default) {
            (Some(typed), _) if question.r#unsafe => Value::text(typed),
            (Some(typed), _) => Value::String(Text::template(typed, origin.clone())),
            (None, Some(default)) => default,
            (None, None) if run.prompt.is_some() => Value::text(""),
            (None, None) => {
                let name = &question.name;
                return Err(format!("vars_prompt: nobody is asked for `{name}`; give it with -e {name}=VALUE"));
            }
        };
        let answer = encrypted(question, answer, templar, &origin)?;
        vars.insert(Key::from(question.name.as_str()), answer);
    }
    Ok(vars)
}

/// The question as Ansible puts it.
fn shown(question: &playbook::Prompt, prompt: Option<&Value>, default: Option<&Value>) -> String {
    match (prompt, default) {
        (Some(prompt), Some(default)) => format!("{prompt} [{default}]: "),
        (Some(prompt), None) => format!("{prompt}: "),
        (None, _) => format!("input for {}: ", question.name),
    }
}

async fn ask(run: &RunContext, question: &playbook::Prompt, prompt: &str) -> Result<Option<String>, String> {
    let Some(person) = &run.prompt else { return Ok(None) };
    let echo = !question.private;
    let mut prompt = prompt.to_owned();
    loop {
        let typed = answer(run, person.ask(&prompt, echo, None)).await?;
        if !question.confirm {
            return Ok(typed);
        }
        let again = answer(run, person.ask(&format!("confirm {prompt}"), echo, None)).await?;
        if typed == again {
            return Ok(typed);
        }
        if !prompt.starts_with("These differ") {
            prompt = format!("These differ. {prompt}");
        }
    }
}

/// Waits for an answer, or for the end of the run.
async fn answer<T>(run: &RunContext, asking: impl Future<Output = T>) -> Result<T, String> {
    let mut phase = run.control.watch();
    tokio::select! {
        biased;
        _ = phase.wait_for(|phase| *phase != Phase::Run) => {
            Err("the run was stopped while it asked for variables".to_owned())
        }
        answer = asking => Ok(answer),
    }
}

/// The answer as a hash, where the question says so.
fn encrypted(question: &playbook::Prompt, answer: Value, templar: &Templar, origin: &Origin) -> Result<Value, String> {
    let Some(scheme) = &question.encrypt else { return Ok(answer) };
    let mut vars: HashMap<Arc<str>, Value> = HashMap::new();
    let mut named = String::new();
    if let Some(salt) = &question.salt {
        let salt = templar.render(salt).map_err(|error| format!("vars_prompt: {error}"))?;
        vars.insert("salt".into(), Value::text(salt.to_string()));
        named.push_str(", salt=salt");
    }
    if let Some(size) = question.salt_size {
        vars.insert("size".into(), size.into());
        named.push_str(", salt_size=size");
    }
    vars.insert("answer".into(), answer);
    vars.insert("scheme".into(), Value::text(scheme.trim_end_matches("_crypt")));
    let hash = format!("{{{{ answer | password_hash(scheme{named}) }}}}");
    let hash = templar.render_text_with(&hash, origin, &TextOptions::default(), vars);
    hash.map(Value::text).map_err(|error| format!("vars_prompt: {}: {error}", question.name))
}
