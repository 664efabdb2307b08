//! `known_hosts`: keys of the hosts that a host connects to.

use crate::modules::files::Attributes;
use crate::modules::files::edit::{Current, Edit, Edited};
use crate::modules::files::known_hosts::{self, Fate};
use crate::modules::files::regex::FileText;
use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext};
use crate::template::Value;

/// The module.
pub struct KnownHosts;

/// The module.
pub static MODULE: KnownHosts = KnownHosts;

static SPEC: Spec = Spec {
    name: "known_hosts",
    summary: "Sees that keys of hosts are in a file of known hosts, or are not.",
    arguments: &[
        Argument::text("name", "The host, as the key names it; with its port as `[host]:2222`.")
            .required()
            .aliases(&["host"]),
        Argument::text("key", "The line with the key: `host ssh-ed25519 AAAA…`; all keys of the host without, if absent."),
        Argument::path("path", "The file.").default("~/.ssh/known_hosts"),
        Argument::bool("hash_host", false, "Writes the host's hash, and not its name."),
        Argument::text("state", "Whether the key is there.").default("present").choices(&["absent", "present"]),
    ],
    returns: &[
        Return { name: "name", about: "The host." },
        Return { name: "key", about: "The key." },
        Return { name: "path", about: "The file." },
        Return { name: "hash_host", about: "Whether the host is hashed." },
        Return { name: "state", about: "Whether the key is there." },
    ],
    ..BLANK
};

impl Module for KnownHosts {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let host = args.needed("name").to_lowercase();
        let present = args.needed("state") == "present";
        let key = key(&context, &host)?;
        if key.is_none() && present {
            return Err(ModuleError::new("No key specified when adding a host"));
        }
        let edit = Edit {
            attributes: Attributes::default(),
            backup_field: ("backup", false),
            attributes_message: "",
            follow: false,
            ..Edit::of(&args, "path")?
        };
        let compute = move |current: &Current<'_>| {
            let path = &current.state.name;
            if !current.state.has_parent() && present {
                return Err(ModuleError::new(format!("Failed to write to file '{path}'.")));
            }
            let text = FileText::of(current.content.unwrap_or_default());
            let fate = match &key {
                Some(key) if present => known_hosts::add(text.as_str(), &host, &text.native(key)),
                key => known_hosts::remove(text.as_str(), &host, key.as_deref()),
            };
            let new = match fate {
                Fate::Stays => None,
                Fate::Becomes(new) => Some(text.bytes(&new)),
            };
            let given = |name: &str| args.text(name).map_or(Value::Null, Value::text);
            let fields = vec![
                ("name", given("name")),
                ("key", given("key")),
                ("path", path.as_str().into()),
                ("hash_host", args.bool("hash_host").into()),
                ("state", given("state")),
            ];
            // Without a key there is nothing to write to a file that is not there.
            let end = new.is_none() && current.content.is_none();
            Ok(Edited { content: new, fields, end, ..Edited::default() })
        };
        Ok(edit.start(&context, Box::new(compute)))
    }
}

/// The line of the key, hashed where it is to be.
fn key(context: &TaskContext, host: &str) -> Result<Option<String>, ModuleError> {
    let args = &context.args;
    let Some(key) = args.text("key").filter(|key| !key.is_empty()) else { return Ok(None) };
    if host.split_once(',').is_some_and(|(before, _)| !before.trim().is_empty()) {
        return Err(ModuleError::new(
            "Comma separated list of names is not supported. Please pass a single name to lookup in the known_hosts file.",
        ));
    }
    let key = if args.bool("hash_host") {
        let mut salt = [0; 20];
        getrandom::fill(&mut salt).map_err(|error| ModuleError::new(format!("no random numbers: {error}")))?;
        known_hosts::hash(key, host, &salt)
    } else {
        key.to_owned()
    };
    if !known_hosts::is_of(&key, host) {
        return Err(ModuleError::new("Host parameter does not match hashed host field in supplied key"));
    }
    Ok(Some(key))
}
