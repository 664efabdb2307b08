//! Asks docker about things, and calls it.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, Content, Diff, ModuleError, Question, ScriptCall, TaskResult, actions, probes,
};
use crate::secret::Secret;
use crate::template::Value;

/// Which daemon; only the one that the host's client speaks to.
pub const DEBUG: Argument = Argument::bool("debug", false, "No matter: `-vvv` shows what is done.");
/// How long the daemon may take.
pub const TIMEOUT: Argument = Argument::int("timeout", "No matter: the task's `timeout` is what counts.");

/// Bytes that are kept of what docker says.
const LIMIT: usize = 8 * 1024 * 1024;

/// What docker knows of the things that were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The login's home directory.
    pub home: String,
    /// Its working directory.
    pub directory: String,
    things: Vec<Option<Json>>,
}

/// The question about things: kind and name of each.
#[must_use]
pub fn inspect(things: &[(&str, &str)]) -> Question {
    let words: Vec<&str> = things.iter().flat_map(|(kind, name)| [*kind, *name]).collect();
    Question { limit: LIMIT, ..Question::new(&probes::DOCKER_INSPECT, words) }
}

/// Asks about things.
///
/// # Errors
/// Never; the type is that of a step.
pub fn look(things: &[(&str, &str)], next: impl FnOnce(Seen) -> Flow + Send + 'static) -> Flow {
    flow::ask(inspect(things), move |answer| next(Seen::parse(&answer)?))
}

impl Seen {
    /// Reads the answer.
    ///
    /// # Errors
    /// When docker is not there, or its daemon does not answer.
    pub fn parse(answer: &Answer) -> Result<Self, ModuleError> {
        if answer.rc != 0 {
            return Err(flow::failure(answer, "Error connecting to docker"));
        }
        let text = answer.text();
        let mut lines = text.lines().filter_map(|line| line.strip_prefix('@')).map(str::trim);
        let mut text = || lines.next().unwrap_or_default().to_owned();
        let (home, directory) = (text(), text());
        Ok(Self { home, directory, things: lines.map(|line| serde_json::from_str(line).ok()).collect() })
    }

    /// One of the things, by its place in the question; none where it is not there.
    #[must_use]
    pub fn thing(&self, place: usize) -> Option<&Json> {
        self.things.get(place).and_then(Option::as_ref)
    }

    /// A path as the host's shell and docker would take it.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        match path.strip_prefix('~') {
            Some("") => return self.home.clone(),
            Some(rest) if rest.starts_with('/') => return format!("{}{rest}", self.home),
            _ => {}
        }
        if !path.starts_with('.') {
            return path.to_owned();
        }
        let mut parts: Vec<&str> = self.directory.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        format!("/{}", parts.join("/"))
    }
}

/// Calls of docker, one after another until one fails.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    list: Vec<Vec<String>>,
    /// The directory in which they run; the login's when it is empty.
    pub directory: String,
    /// What one of them reads.
    pub input: String,
    /// Added to the environment.
    pub secrets: Vec<(String, Secret)>,
}

/// What docker said to each call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said(Vec<String>);

impl Calls {
    /// Adds a call.
    pub fn add<W: Into<String>>(&mut self, words: impl IntoIterator<Item = W>) {
        self.list.push(words.into_iter().map(Into::into).collect());
    }

    /// Adds a call that says how a thing is then.
    pub fn inspect(&mut self, kind: &str, name: &str) {
        self.add([kind, "inspect", "--format", "{{json .}}", name]);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Makes the change. In check mode `next` is given none.
    ///
    /// # Errors
    /// Never; the type is that of a step.
    pub fn run(self, diff: Vec<Diff>, next: impl FnOnce(Option<Said>) -> Flow + Send + 'static) -> Flow {
        let mut words = vec![self.directory];
        for call in &self.list {
            words.push(call.len().to_string());
            words.extend(call.iter().cloned());
        }
        let mut script = ScriptCall::new(actions::DOCKER, words);
        script.secrets = self.secrets;
        script.input = Some(Content::Bytes(Arc::from(self.input.into_bytes())));
        let calls = self.list;
        flow::change(diff, script, move |answer| {
            let Some(answer) = answer else { return next(None) };
            let said = Said::parse(&answer.text(), calls.len());
            if answer.rc != 0 {
                let failed = calls.get(said.0.len().saturating_sub(1));
                let verb = failed.map(|call| call.iter().take_while(|word| !word.starts_with('-')).take(2));
                let verb: Vec<&str> = verb.into_iter().flatten().map(String::as_str).collect();
                return Err(flow::failure(&answer, &format!("docker {} failed", verb.join(" "))));
            }
            next(Some(said))
        })
    }
}

impl Said {
    /// What the last call may say is not looked into: it may be anything.
    fn parse(text: &str, calls: usize) -> Self {
        let mut said: Vec<String> = Vec::new();
        for line in text.split_inclusive('\n') {
            let number = line.trim_end().strip_prefix('@').and_then(|number| number.parse::<usize>().ok());
            if said.len() < calls && number == Some(said.len() + 1) {
                said.push(String::new());
            } else if let Some(last) = said.last_mut() {
                last.push_str(line);
            }
        }
        Self(said)
    }

    /// What a call said, by its place.
    #[must_use]
    pub fn text(&self, place: usize) -> &str {
        self.0.get(place).map(|text| text.trim_end()).unwrap_or_default()
    }

    /// What the last call said, or one before it.
    #[must_use]
    pub fn last(&self, from_end: usize) -> &str {
        self.0.len().checked_sub(from_end + 1).map(|place| self.text(place)).unwrap_or_default()
    }

    /// The same as JSON.
    #[must_use]
    pub fn json(&self, from_end: usize) -> Option<Json> {
        serde_json::from_str(self.last(from_end)).ok()
    }
}

/// Sets a field to what docker says of a thing; an empty dictionary when there is none.
#[must_use]
pub fn with_fact(result: TaskResult, name: &str, thing: Option<&Json>) -> TaskResult {
    result.field(name, thing.map_or_else(|| Value::dict(crate::template::Dict::new()), Value::of_json))
}

/// The entries of a dictionary argument as options: `--label=name=value`.
#[must_use]
pub fn pairs(args: &Args, argument: &str, option: &str) -> Vec<String> {
    let entries = args.dict(argument).into_iter().flatten();
    entries.map(|(name, value)| format!("{option}={name}={}", lower(value))).collect()
}

/// A value as docker takes it: booleans in lower case.
#[must_use]
pub fn lower(value: &Value) -> String {
    if let Value::Bool(yes) = value { yes.to_string() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_last_call_says_is_not_looked_into() {
        let said = Said::parse("@1\nid\n@2\n{}\n@3\n@4\n", 2);
        assert_eq!((said.text(0), said.text(1)), ("id", "{}\n@3\n@4"));
        assert_eq!(Said::parse("noise\n@2\n", 3), Said::default());
    }

    #[test]
    fn paths_are_made_absolute_as_on_the_host() {
        let seen = Seen { home: "/home/app".into(), directory: "/srv/x".into(), things: Vec::new() };
        for (path, absolute) in
            [("~/a", "/home/app/a"), ("./a/../b", "/srv/x/b"), ("../../..", "/"), ("/a", "/a"), ("name", "name")]
        {
            assert_eq!(seen.absolute(path), absolute);
        }
    }
}
