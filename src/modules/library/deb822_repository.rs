//! `deb822_repository`: sources of apt in the newer format, with their keys.

use std::sync::Arc;

use crate::modules::files::attributes::Attributes;
use crate::modules::packages::client;
use crate::modules::packages::deb822::{self, Standing};
use crate::modules::{
    Args, Argument, BLANK, Content, Kind, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, flow, probes,
};
use crate::template::Value;

/// The module.
pub struct Deb822Repository;

/// The module.
pub static MODULE: Deb822Repository = Deb822Repository;

const fn flag(name: &'static str, about: &'static str) -> Argument {
    Argument::of(name, Kind::Bool, about)
}

static SPEC: Spec = Spec {
    name: "deb822_repository",
    summary: "Adds sources of packages to Debian and its kin in the newer format, with their keys.",
    arguments: &[
        Argument::text("name", "The source; its file is named after it.").required(),
        Argument::list("types", "`deb`, `deb-src`.").default("deb").choices(&["deb", "deb-src"]),
        Argument::list("uris", "Addresses."),
        Argument::list("suites", "Suites: `bookworm`, or a path that ends with `/`."),
        Argument::list("components", "Components: `main`."),
        Argument::list("architectures", "Architectures; all of the host unless given."),
        Argument::text("signed_by", "The key: a file on the host, an address that the host fetches, or itself."),
        Argument::list("languages", "Languages of descriptions."),
        Argument::list("targets", "What is fetched."),
        flag("enabled", "Whether it is used."),
        flag("trusted", "Whether it needs no key."),
        flag("by_hash", "Whether files are fetched by their hashes."),
        flag("check_date", "Whether dates in the future are refused."),
        flag("check_valid_until", "Whether outdated ones are refused."),
        flag("pdiffs", "Whether differences are fetched."),
        flag("allow_downgrade_to_insecure", "Whether it may lose its key."),
        flag("allow_insecure", "Whether it may have no key."),
        flag("allow_weak", "Whether its key may be a weak one."),
        Argument::int("date_max_future", "How many seconds in the future its date may be."),
        Argument::text("inrelease_path", "Where its `InRelease` is."),
        Argument::of("mode", Kind::Mode, "Permissions of the file.").default("0644"),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::bool("install_python_debian", false, "No matter: nothing needs to be installed."),
    ],
    returns: &[
        Return { name: "repo", about: "The text of the source." },
        Return { name: "dest", about: "Its file." },
        Return { name: "key_filename", about: "The file of its key, when it has one." },
    ],
    ..BLANK
};

impl Module for Deb822Repository {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let slug = deb822::slug(args.needed("name"));
        if slug.is_empty() {
            return Err(ModuleError::new(format!("`{}` gives no name of a file", args.needed("name"))));
        }
        let dest = format!("/etc/apt/sources.list.d/{slug}.sources");
        let key = format!("/etc/apt/keyrings/{slug}");
        let present = args.needed("state") == "present";
        let signed_by = if present { args.needed("signed_by") } else { "" };
        let signed_by = if signed_by.contains('\n') { "" } else { signed_by };
        flow::ask(Question::new(&probes::DEB822, [dest.as_str(), &key, signed_by]), move |answer| {
            if answer.rc == 90 {
                return Err(flow::failure(&answer, "Could not fetch signed_by key"));
            }
            client::check(&answer)?;
            let source = Source { args, dest, key, standing: Standing::parse(&answer.stdout)? };
            if present { source.write() } else { source.remove() }
        })
    }
}

struct Source {
    args: Arc<Args>,
    dest: String,
    /// The path of the key without its end.
    key: String,
    standing: Standing,
}

impl Source {
    fn remove(self) -> flow::Flow {
        let all = [self.dest.clone(), format!("{}.asc", self.key), format!("{}.gpg", self.key)];
        let result = TaskResult::ok()
            .field("repo", Value::Null)
            .field("dest", self.dest.as_str())
            .field("key_filename", all[2].as_str());
        let there: Vec<&String> =
            all.iter().zip(self.standing.modes).filter(|(_, mode)| mode.is_some()).map(|(path, _)| path).collect();
        if there.is_empty() {
            return flow::done(result);
        }
        let diff = flow::diff_lines(&self.dest, &there, &[]);
        client::change(vec![diff], ScriptCall::new(actions::REMOVE_FILE, there), result)
    }

    fn write(self) -> flow::Flow {
        let Standing { modes, is_file, source: old, key: old_key, fetched, folder: _ } = &self.standing;
        let signed_by = self.args.text("signed_by");
        let armored = fetched.as_deref().is_some_and(deb822::is_armored);
        let end = if armored { "asc" } else { "gpg" };
        let key_path = format!("{}.{end}", self.key);
        let key = fetched.as_deref().filter(|fetched| !fetched.is_empty());
        let key_filename = match (key, signed_by) {
            (Some(_), _) => Some(key_path.as_str()),
            (None, Some(path)) if *is_file => Some(path),
            _ => None,
        };
        let text = deb822::text(&self.args, key_filename.or(signed_by));
        let mode = mode(&self.args, modes[0])?;
        let mut words = vec![self.dest.clone(), String::new(), "-".to_owned(), key_path.clone(), "-".to_owned()];
        let mut input = Vec::new();
        let mut key_mode = "";
        if let Some(key) = key {
            if old_key.as_deref() != Some(key) {
                words[4] = key.len().to_string();
                input.extend_from_slice(key);
                key_mode = "644";
            } else if modes[if armored { 1 } else { 2 }] != Some(0o644) {
                key_mode = "644";
            }
        }
        words.push(key_mode.to_owned());
        if old.as_deref() != Some(text.as_bytes()) {
            words[2] = text.len().to_string();
            input.extend_from_slice(text.as_bytes());
        }
        if words[2] != "-" || modes[0] != Some(mode) {
            words[1] = format!("{mode:o}");
        }
        let result = TaskResult::ok()
            .field("repo", text.as_str())
            .field("dest", self.dest.as_str())
            .field("key_filename", key_filename.map_or(Value::Null, Value::text));
        if words[1].is_empty() && key_mode.is_empty() {
            return flow::done(result);
        }
        let old = old.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let diff = flow::diff(&self.dest, old, text);
        let mut script = ScriptCall::new(actions::DEB822, words);
        script.input = Some(Content::Bytes(Arc::from(input)));
        client::change(vec![diff], script, result)
    }
}

/// The permissions that the source is to have.
fn mode(args: &Args, now: Option<u32>) -> Result<u32, ModuleError> {
    let mode = Attributes::mode_of(args.value("mode"))?;
    let start = now.unwrap_or(0o600);
    Ok(mode.map_or(start, |mode| mode.bits(start, false, 0o022)))
}
