//! A container as a task asks for it.

use serde_json::{Map, Value as Json, json};

use super::compare::{Comparisons, Facet, Shape, entries, texts};
use super::docker::{Calls, Seen};
use super::networks::{self, Network};
use super::options::{self, Setting};
use super::special::{self, Command};
use super::{mounts, ports};
use crate::modules::{Args, ModuleError};
use crate::secret::Secret;

/// Arguments that name a container whose namespace is shared: argument, option, where docker says it.
pub const SHARED: [(&str, &str, &str); 2] =
    [("ipc_mode", "--ipc", "/HostConfig/IpcMode"), ("pid_mode", "--pid", "/HostConfig/PidMode")];

/// What a container is to be.
pub struct Wanted {
    name: String,
    settings: Vec<Setting>,
    environment: Option<Map<String, Json>>,
    command: Command,
    /// The networks, when they are given.
    pub networks: Option<Vec<Network>>,
    mode: Option<String>,
}

impl Wanted {
    /// Reads the arguments. `others` are containers whose namespaces are shared, in the order of their arguments: the
    /// network's, then those of [`SHARED`].
    ///
    /// # Errors
    /// When arguments are not what they should be.
    pub fn of(args: &Args, seen: &Seen, image: Option<&Json>, others: &[Option<Json>]) -> Result<Self, ModuleError> {
        let name = args.needed("name").to_owned();
        let labels = entries(image.and_then(|image| image.pointer("/Config/Labels")));
        let mut settings = options::settings(args, &labels)?;
        settings.extend(ports::settings(args)?);
        settings.extend(mounts::settings(args, seen)?);
        settings.extend(special::settings(args, &name)?);
        let networks = Network::all(args);
        let mode = networks::mode(args, networks.as_deref());
        let other = |place: usize| others.get(place).and_then(Option::as_ref);
        if let Some(mode) = &mode {
            let pointer = "/HostConfig/NetworkMode";
            settings.push(networks::mode_setting("network_mode", "--network", pointer, mode, other(0)));
        }
        for (place, (name, option, pointer)) in SHARED.into_iter().enumerate() {
            if let Some(mode) = args.text(name) {
                settings.push(networks::mode_setting(name, option, pointer, mode, other(place + 1)));
            }
        }
        let command = Command::of(args)?;
        settings.extend(command.compared());
        let environment = special::environment(args)?;
        if let Some(given) = &environment {
            settings.push(environment_setting(given, image));
        }
        Ok(Self { name, settings, environment, command, networks, mode })
    }

    /// The options that a container has otherwise.
    #[must_use]
    pub fn differing(&self, container: &Json, comparisons: &Comparisons) -> Vec<Facet> {
        comparisons.differing(self.settings.iter().map(|setting| setting.facet(container)).collect())
    }

    /// Adds the call that gives a container the limits that differ.
    pub fn update(&self, calls: &mut Calls, differing: &[Facet]) {
        let changed = self.settings.iter().filter(|setting| differing.iter().any(|facet| facet.name == setting.name));
        let mut words = vec!["update".to_owned()];
        words.extend(changed.flat_map(|setting| setting.words.iter().cloned()));
        words.push(self.name.clone());
        calls.add(words);
    }

    /// Adds the calls that make the container and connect it to its networks.
    ///
    /// # Errors
    /// When an environment cannot be handed over.
    pub fn create(&self, calls: &mut Calls, image: &str) -> Result<(), ModuleError> {
        let mut words = vec!["create".to_owned(), format!("--name={}", self.name)];
        words.extend(self.settings.iter().flat_map(|setting| setting.words.iter().cloned()));
        let networks = self.networks.as_deref().unwrap_or_default();
        let (first, rest) = match networks.split_first() {
            Some((first, rest)) if self.mode.as_deref() == Some(&first.name) => (Some(first), rest),
            _ => (None, networks),
        };
        words.extend(first.map(Network::create_words).unwrap_or_default());
        words.extend(self.hand_over(calls)?);
        words.push(image.to_owned());
        words.extend(self.command.arguments.iter().cloned());
        calls.add(words);
        for network in rest {
            network.connect(calls, &self.name);
        }
        Ok(())
    }

    /// Puts the environment where no process list shows it, and gives the options that fetch it there.
    fn hand_over(&self, calls: &mut Calls) -> Result<Vec<String>, ModuleError> {
        let Some(environment) = self.environment.as_ref().filter(|environment| !environment.is_empty()) else {
            return Ok(Vec::new());
        };
        let mut words = Vec::new();
        for (name, value) in environment {
            let value = value.as_str().unwrap_or_default();
            if name.is_empty() || name.contains(|character: char| character.is_whitespace() || character == '=') {
                return Err(ModuleError::new(format!("env: `{name}` is no name of a variable")));
            }
            if !value.contains(['\n', '\r']) && !name.starts_with('#') {
                calls.input.extend([name, "=", value, "\n"]);
                continue;
            }
            // Docker reads a file line by line; what has more lines it takes from its own environment.
            let plain = |character: char| character.is_ascii_alphanumeric() || character == '_';
            let own =
                ["PATH", "HOME"].contains(&name.as_str()) || name.starts_with("DOCKER_") || name.starts_with("LD_");
            if own || !name.chars().all(plain) || name.starts_with(|first: char| first.is_ascii_digit()) {
                return Err(ModuleError::new(format!("env: the value of {name} cannot have more than one line")));
            }
            calls.secrets.push((name.clone(), Secret::new(value.to_owned())));
            words.push(format!("--env={name}"));
        }
        if !calls.input.is_empty() {
            words.push("--env-file=/dev/stdin".to_owned());
        }
        Ok(words)
    }
}

fn environment_setting(given: &Map<String, Json>, image: Option<&Json>) -> Setting {
    let inherited = texts(image.and_then(|image| image.pointer("/Config/Env")));
    let mut all: Map<String, Json> = inherited
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    all.extend(given.clone());
    let pairs = all.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()));
    Setting::new("env", Vec::new(), Shape::Set(pairs.collect()), |container| {
        Shape::Set(texts(container.pointer("/Config/Env")).into_iter().collect())
    })
}
