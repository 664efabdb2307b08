//! `apt_key`: keys that apt trusts, through the host's own `apt-key`.

use std::sync::Arc;

use crate::modules::packages::apt_keys::{self, KeyId};
use crate::modules::packages::client;
use crate::modules::{
    Answer, Args, Argument, BLANK, Content, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step,
    TaskContext, TaskResult, actions, flow, probes,
};
use crate::template::Value;

/// The module.
pub struct AptKey;

/// The module.
pub static MODULE: AptKey = AptKey;

static SPEC: Spec = Spec {
    name: "apt_key",
    summary: "Adds keys that apt trusts, and takes them away; `deb822_repository` is the newer way.",
    arguments: &[
        Argument::text("id", "The key: 8, 16 or more hexadecimal digits."),
        Argument::text("url", "Where the key is fetched, by the host."),
        Argument::text("data", "The key itself."),
        Argument::path("file", "A file on the host that holds the key."),
        Argument::path("keyring", "A file below `/etc/apt/trusted.gpg.d` to put it into."),
        Argument::bool("validate_certs", true, "Whether the certificate of the address must be a good one."),
        Argument::text("keyserver", "A server of keys; needs `id`."),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
    ],
    rules: &[Rule::Exclusive(&["data", "file", "keyserver", "url"])],
    returns: &[
        Return { name: "id", about: "The key as given, or as found." },
        Return { name: "short_id", about: "Its last 8 digits." },
        Return { name: "fp", about: "Its last 16 digits." },
        Return { name: "key_id", about: "All digits." },
        Return { name: "before", about: "The keys that were there." },
        Return { name: "after", about: "The keys that are there now; after a change." },
    ],
    ..BLANK
};

impl Module for AptKey {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let given = args.text("id").filter(|id| !id.is_empty()).map(str::to_owned);
        if given.is_none() && args.is_given("keyserver") {
            return Err(ModuleError::new("Missing key_id, required with keyserver."));
        }
        let (kind, value) = source(&args);
        let looks = given.is_none() && kind != "keyserver";
        let words = [args.needed("keyring"), if looks { kind } else { "" }, if looks { value } else { "" }, trust(&args)];
        flow::ask(Question::new(&probes::APT_KEY, words), move |answer| {
            let (text, data) = split(&answer);
            match answer.rc {
                0 => {}
                90 => return Err(failed(&answer, &format!("Failed to download key at {}", shown(&args)))),
                91 => return Err(failed(&answer, &format!("Unable to extract key from '{}'", shown(&args)))),
                92 => return Err(failed(&answer, "Unable to list public keys")),
                _ => return Err(client::failure(&answer)),
            }
            let found = given.or_else(|| apt_keys::keys(&text, "@key ").into_iter().next());
            let id = found.as_deref().and_then(KeyId::parse);
            let Some(id) = id else {
                return Err(ModuleError::new("Invalid key_id").field("id", found.map_or(Value::Null, Value::text)));
            };
            Key { args, before: listed(&text, &id), given: found.unwrap_or_default(), id, data }.settle()
        })
    }
}

/// A key and what is known of it.
struct Key {
    args: Arc<Args>,
    given: String,
    id: KeyId,
    before: Vec<String>,
    /// What was fetched.
    data: Option<Vec<u8>>,
}

impl Key {
    fn settle(self) -> flow::Flow {
        let present = self.args.needed("state") == "present";
        let result = TaskResult::ok()
            .field("id", self.given.as_str())
            .field("short_id", self.id.short.as_str())
            .field("fp", self.id.fingerprint.as_str())
            .field("key_id", self.id.full.as_str())
            .field("before", texts(&self.before));
        let there = if present { self.id.is_among(&self.before) } else { self.before.contains(&self.id.fingerprint) };
        if there == present {
            return flow::done(result);
        }
        let script = if present { self.addition()? } else { self.call(["remove", self.id.short.as_str(), ""]) };
        let line = vec![self.given.clone()];
        let (old, new): (&[String], &[String]) = if present { (&[], &line) } else { (&line, &[]) };
        let diff = flow::diff_lines("keys of apt", old, new);
        flow::change(vec![diff], script, move |answer| {
            let Some(answer) = answer else { return flow::done(TaskResult { changed: true, ..result }) };
            if answer.rc != 0 {
                return Err(failed(&answer, &self.trouble(present)));
            }
            let after = listed(&answer.text(), &self.id);
            let is = if present { self.id.is_among(&after) } else { after.contains(&self.id.fingerprint) };
            let result = TaskResult { changed: true, ..result }.field("after", texts(&after));
            if is == present {
                return flow::done(result);
            }
            let what = if present { "failed to add the key" } else { "the key was not removed" };
            let message = format!(
                "apt-key did not return an error, but {what} (check that the id is correct and *not* a subkey)"
            );
            Err(ModuleError::new(message).field("after", texts(&after)))
        })
    }

    fn addition(&self) -> Result<ScriptCall, ModuleError> {
        let (kind, value) = source(&self.args);
        let inline = match kind {
            "data" => Some(value.as_bytes().to_vec()),
            "url" => self.data.clone(),
            _ => None,
        };
        if let Some(bytes) = inline {
            let mut script = self.call(["data", "", ""]);
            script.input = Some(Content::Bytes(Arc::from(bytes)));
            return Ok(script);
        }
        match kind {
            "file" => Ok(self.call(["file", value, ""])),
            "url" => Ok(self.call(["url", value, trust(&self.args)])),
            "keyserver" => Ok(self.call(["keyserver", value, &self.id.full])),
            _ => Err(ModuleError::new("one of the following is required: data, file, keyserver, url")),
        }
    }

    fn call(&self, words: [&str; 3]) -> ScriptCall {
        ScriptCall::new(actions::APT_KEY, std::iter::once(self.args.needed("keyring")).chain(words))
    }

    fn trouble(&self, present: bool) -> String {
        match source(&self.args) {
            _ if !present => format!("Unable to remove a key with id {}", self.id.short),
            ("keyserver", server) => format!("Error fetching key {} from keyserver: {server}", self.id.full),
            ("file", file) => format!("Unable to add a key from file {file}"),
            _ => "Unable to add a key from binary data".to_owned(),
        }
    }
}

/// Where the key comes from: which argument, and its value.
fn source(args: &Args) -> (&'static str, &str) {
    let given = ["url", "file", "data", "keyserver"].into_iter().find_map(|name| Some((name, args.text(name)?)));
    given.unwrap_or_default()
}

fn trust(args: &Args) -> &'static str {
    if args.bool("validate_certs") { "" } else { "insecure" }
}

/// The source as a message names it: an address without a password.
fn shown(args: &Args) -> String {
    let (kind, value) = source(args);
    match (kind, value.split_once("://"), value.rsplit_once('@')) {
        ("data", _, _) => "inline data".to_owned(),
        (_, Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => value.to_owned(),
    }
}

fn split(answer: &Answer) -> (String, Option<Vec<u8>>) {
    const MARK: &[u8] = b"@data\n";
    let place = memchr::memmem::find(&answer.stdout, MARK);
    let text = String::from_utf8_lossy(&answer.stdout[..place.unwrap_or(answer.stdout.len())]).into_owned();
    (text, place.map(|place| answer.stdout[place + MARK.len()..].to_vec()))
}

/// The keys that are there; in short where the wanted one is.
fn listed(text: &str, id: &KeyId) -> Vec<String> {
    let keys = apt_keys::keys(text, "@has ");
    let short = |key: String| key.get(key.len().saturating_sub(8)..).map(str::to_owned).unwrap_or(key);
    if id.is_short() { keys.into_iter().map(short).collect() } else { keys }
}

fn texts(keys: &[String]) -> Value {
    Value::list(keys.iter().map(|key| Value::text(key.as_str())).collect())
}

fn failed(answer: &Answer, message: &str) -> ModuleError {
    flow::failure(answer, message)
}
