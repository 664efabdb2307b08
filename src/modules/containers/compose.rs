//! The steps of `docker_compose_v2` and its older names: what they ask of `docker compose`, and what it says it did.

use serde_json::Value as Json;

use super::docker::Calls;
use crate::modules::flow::{self, Flow};
use crate::modules::{Args, ModuleError, Question, TaskContext, TaskResult, probes};
use crate::secret::Secret;
use crate::template::{Dict, Value};

/// What is to be done with a project.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// Its directory.
    pub directory: String,
    /// Its definition, as JSON, when it stands in no file.
    pub definition: Option<String>,
    /// Options of `docker compose` that say which project it is.
    pub options: Vec<String>,
    /// What is called: its words.
    pub calls: Vec<Vec<String>>,
    /// Whether what images are built from does not count as a change.
    pub ignore_builds: bool,
}

impl Project {
    /// Reads the arguments that all names of the module share.
    ///
    /// # Errors
    /// When the definition has no name.
    pub fn of(args: &Args) -> Result<Self, ModuleError> {
        let mut options: Vec<String> = flow::words(["--ansi", "never"]);
        let mut pair = |option: &str, value: &str| options.extend([option.to_owned(), value.to_owned()]);
        if let Some(name) = args.text("project_name") {
            pair("--project-name", name);
        }
        for (argument, option) in
            [("files", "--file"), ("env_files", "--env-file"), ("env_file", "--env-file"), ("profiles", "--profile")]
        {
            let one = args.text(argument).map(str::to_owned);
            one.into_iter().chain(args.texts(argument)).for_each(|value| pair(option, &value));
        }
        let definition = args.value("definition").map(|definition| definition.to_json().to_string());
        if definition.is_some() {
            pair("--file", "-");
            if !args.is_given("project_name") {
                return Err(ModuleError::new("missing parameter(s) required by 'definition': project_name"));
            }
        }
        let directory = args.text("project_src").unwrap_or_default().to_owned();
        Ok(Self { directory, definition, options, calls: Vec::new(), ignore_builds: true })
    }

    fn words(&self, call: &[String]) -> Vec<String> {
        self.options.iter().chain(call).cloned().collect()
    }

    /// The question what a call says that only reads.
    #[must_use]
    pub fn question(&self, call: &[&str]) -> Question {
        let call = call.iter().map(|word| (*word).to_owned());
        let words = std::iter::once(self.directory.clone()).chain(self.options.iter().cloned()).chain(call);
        let mut question = Question::new(&probes::DOCKER_COMPOSE, words);
        let definition = self.definition.clone().unwrap_or_default();
        question.secrets = vec![("DEFINITION".to_owned(), Secret::new(definition))];
        question
    }

    /// The steps.
    ///
    /// # Errors
    /// When compose fails.
    pub fn run(self, context: &TaskContext) -> Flow {
        if context.check { self.foresee(Vec::new()) } else { self.act() }
    }

    /// Asks what each call would do.
    fn foresee(mut self, mut events: Vec<Event>) -> Flow {
        if self.calls.is_empty() {
            return flow::done(self.result(&events, "", &[]));
        }
        let mut call = self.calls.remove(0);
        call.insert(1, "--dry-run".to_owned());
        let words: Vec<&str> = call.iter().map(String::as_str).collect();
        flow::ask(self.question(&words), move |answer| {
            let text = answer.text().into_owned();
            if answer.rc != 0 {
                return Err(failure(&format!("{text}{}", answer.errors()), answer.rc));
            }
            events.extend(Event::all(&text));
            self.foresee(events)
        })
    }

    fn act(self) -> Flow {
        let mut calls = Calls::default();
        calls.directory.clone_from(&self.directory);
        calls.input = self.definition.clone().unwrap_or_default();
        for call in &self.calls {
            calls.add(std::iter::once("compose".to_owned()).chain(self.words(call)));
        }
        // The definition can be read once; afterwards the name is enough.
        let named = |words: &[&str]| -> Vec<String> {
            let mut options = self.options.clone();
            if self.definition.is_some() {
                options.truncate(options.len() - 2);
            }
            let words = words.iter().map(|word| (*word).to_owned());
            std::iter::once("compose".to_owned()).chain(options).chain(words).collect()
        };
        calls.add(named(&["ps", "--all", "--format", "json"]));
        calls.add(named(&["images", "--format", "json"]));
        calls.run(Vec::new(), move |said| {
            let Some(said) = said else { return flow::done(TaskResult::changed()) };
            let texts: Vec<&str> = (0..self.calls.len()).map(|place| said.text(place)).collect();
            let text = texts.join("\n");
            let events: Vec<Event> = Event::all(&text).collect();
            let result = self.result(&events, &text, &json_stream(said.last(1)));
            flow::done(
                result.field("images", Value::list(json_stream(said.last(0)).iter().map(Value::of_json).collect())),
            )
        })
    }

    fn result(&self, events: &[Event], text: &str, containers: &[Json]) -> TaskResult {
        let action = |event: &&Event| {
            let entries = [("what", &event.what), ("id", &event.id), ("status", &event.status)];
            Value::dict(
                entries.into_iter().map(|(name, value)| (name.into(), Value::text(value.as_str()))).collect::<Dict>(),
            )
        };
        let working: Vec<&Event> = events.iter().filter(|event| event.is_change(self.ignore_builds)).collect();
        let result = TaskResult::with_changed(!working.is_empty())
            .field(
                "actions",
                Value::list(events.iter().filter(|event| event.is_work()).map(|event| action(&event)).collect()),
            )
            .field("containers", Value::list(containers.iter().map(Value::of_json).collect()));
        if text.is_empty() { result } else { result.field("stderr", text) }
    }
}

/// A failure with the last line that says something.
#[must_use]
pub fn failure(text: &str, code: i32) -> ModuleError {
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("docker compose failed");
    ModuleError::new(last).field("rc", code).field("stderr", text)
}

/// A list of JSON, or JSON line by line.
#[must_use]
pub fn json_stream(text: &str) -> Vec<Json> {
    match serde_json::from_str(text.trim()) {
        Ok(Json::Array(items)) => items,
        Ok(Json::Object(entries)) if entries.contains_key("ID") || entries.contains_key("Name") => {
            vec![Json::Object(entries)]
        }
        Ok(Json::Object(entries)) => entries.into_iter().map(|(_, value)| value).collect(),
        _ => text.lines().filter_map(|line| serde_json::from_str(line.trim()).ok()).collect(),
    }
}

/// What compose says that it does to something.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Event {
    what: String,
    id: String,
    status: String,
}

const WORKING: [&str; 10] = [
    "Creating",
    "Starting",
    "Restarting",
    "Stopping",
    "Killing",
    "Removing",
    "Recreate",
    "Pulling",
    "Building",
    "Layer",
];

impl Event {
    fn all(text: &str) -> impl Iterator<Item = Self> {
        text.lines().filter_map(Self::parse)
    }

    fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        let line = line.strip_prefix("DRY-RUN MODE -").map_or(line, str::trim);
        let words: Vec<&str> = line.split_whitespace().collect();
        let event = |what: &str, id: &str, status: &str| Self {
            what: what.to_lowercase(),
            id: id.to_owned(),
            status: status.to_owned(),
        };
        match *words.as_slice() {
            [what @ ("Container" | "Network" | "Volume" | "Image" | "Service"), id, status, ..] => {
                Some(event(what, id.trim_matches('"'), status))
            }
            [id, status @ ("Pulling" | "Pulled" | "Building" | "Built")] => Some(event("service", id, status)),
            [id, "Pulling", "fs", "layer"] | [id, "Downloading" | "Extracting", ..]
                if id.len() == 12 && id.chars().all(|character| character.is_ascii_hexdigit()) =>
            {
                Some(event("image-layer", id, "Layer"))
            }
            _ => None,
        }
    }

    fn is_work(&self) -> bool {
        WORKING.contains(&self.status.as_str())
    }

    fn is_change(&self, ignore_builds: bool) -> bool {
        self.is_work() && self.status != "Pulling" && !(ignore_builds && self.status == "Building")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_from_every_form() {
        for (line, status, change) in [
            (" Container web-1  Creating", Some("Creating"), true),
            (" DRY-RUN MODE -  Container web-1  Recreate ", Some("Recreate"), true),
            (" Container web-1  Running", Some("Running"), false),
            (" web Pulling ", Some("Pulling"), false),
            (" 0123456789ab Pulling fs layer ", Some("Layer"), true),
            (" Service web  Building", Some("Building"), false),
            (" Network app_default  Removing", Some("Removing"), true),
            ("#5 [2/3] RUN make", None, false),
        ] {
            let event = Event::parse(line);
            assert_eq!(event.as_ref().map(|event| event.status.as_str()), status, "{line}");
            assert_eq!(event.is_some_and(|event| event.is_change(true)), change, "{line}");
        }
    }

    #[test]
    fn json_comes_in_three_forms() {
        assert_eq!(json_stream("[{\"ID\":\"a\"}]").len(), 1);
        assert_eq!(json_stream("{\"ID\":\"a\"}\n{\"ID\":\"b\"}\n").len(), 2);
        assert_eq!(json_stream("{\"x\":{\"ID\":\"a\"}}").len(), 1);
        assert!(json_stream("").is_empty());
    }
}
