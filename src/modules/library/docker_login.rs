//! `docker_login`: credentials of registries.

use base64::Engine as _;
use serde_json::Value as Json;

use crate::modules::containers::docker::{Calls, DEBUG};
use crate::modules::flow;
use crate::modules::{
    Argument, BLANK, Module, ModuleError, Question, Return, Rule, Spec, Step, TaskContext, TaskResult, probes,
};
use crate::template::{Dict, Value};

/// The module.
pub struct DockerLogin;

/// The module.
pub static MODULE: DockerLogin = DockerLogin;

/// Docker's own registry.
const HUB: &str = "https://index.docker.io/v1/";

static SPEC: Spec = Spec {
    name: "docker_login",
    collections: &["community.docker", "community.general"],
    summary: "Logs in to registries and out of them. Unproven on a real system.",
    arguments: &[
        Argument::text("registry_url", "The registry.").default(HUB).aliases(&["registry", "url"]),
        Argument::text("username", "Who logs in."),
        Argument::text("password", "The password; docker reads it from its input.").secret(),
        Argument::text("email", "No matter: registries ask no more for it."),
        Argument::bool("reauthorize", false, "Logs in although the credentials are there.").aliases(&["reauth"]),
        Argument::text("state", "Whether the login's docker has credentials.").default("present").choices(&["present", "absent"]),
        DEBUG,
    ],
    rules: &[Rule::If("state", "present", &["username", "password"])],
    returns: &[Return { name: "login_result", about: "What docker said: `Status`." }],
    ..BLANK
};

impl Module for DockerLogin {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        flow::ask(Question::new(&probes::DOCKER_LOGIN, [""]), move |answer| {
            let registry = args.needed("registry_url").to_owned();
            let config: Json = serde_json::from_slice(&answer.stdout).unwrap_or_default();
            let known = known(&config, &registry);
            let present = args.needed("state") == "present";
            let (user, password) = (args.needed("username"), args.needed("password"));
            let mut calls = Calls::default();
            if present {
                let same = match &known {
                    Known::No => false,
                    Known::Elsewhere => true,
                    Known::As(found) => *found == format!("{user}:{password}"),
                };
                if !same || args.bool("reauthorize") {
                    let mut words = flow::words(["login", "--username", user, "--password-stdin"]);
                    words.extend((registry != HUB).then(|| registry.clone()));
                    calls.add(words);
                    password.clone_into(&mut calls.input);
                }
            } else if !matches!(known, Known::No) {
                calls.add(["logout".to_owned()].into_iter().chain((registry != HUB).then(|| registry.clone())));
            }
            let said = |text: &str| Value::dict([("Status".into(), Value::text(text))].into_iter().collect::<Dict>());
            if calls.is_empty() {
                let result = TaskResult::ok();
                let result = if present { result.field("login_result", said("Login Succeeded")) } else { result };
                return flow::done(result);
            }
            let shown = |user: &str| if user.is_empty() { String::new() } else { format!("{user}\n") };
            let before = match &known {
                Known::As(found) => found.split(':').next().unwrap_or_default().to_owned(),
                _ => String::new(),
            };
            let diff = flow::diff(&format!("login to {registry}"), shown(&before), shown(if present { user } else { "" }));
            calls.run(vec![diff], move |_| {
                let result = TaskResult::changed();
                flow::done(if present { result.field("login_result", said("Login Succeeded")) } else { result })
            })
        })
    }
}

/// What docker's file knows of a registry.
enum Known {
    No,
    /// User and password, with a colon between them.
    As(String),
    /// A program keeps them.
    Elsewhere,
}

fn known(config: &Json, registry: &str) -> Known {
    let bare = |name: &str| {
        let name = name.trim_start_matches("https://").trim_start_matches("http://");
        name.split('/').next().unwrap_or(name).to_owned()
    };
    let entries = config["auths"].as_object().into_iter().flatten();
    let Some((_, entry)) = entries.into_iter().find(|(name, _)| *name == registry || bare(name) == bare(registry)) else {
        return Known::No;
    };
    let decoded = entry["auth"].as_str().and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
    decoded.map_or(Known::Elsewhere, |bytes| Known::As(String::from_utf8_lossy(&bytes).into_owned()))
}
