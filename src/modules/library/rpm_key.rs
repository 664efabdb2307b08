//! `rpm_key`: keys that packages of rpm are signed with, through the host's own `rpm` and `gpg`.

use std::sync::Arc;

use crate::modules::clients::{self, Clients, missing, refused};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Args, Argument, BLANK, Content, Module, ModuleError, Question, ScriptCall, Spec, Step, TaskContext, TaskResult,
    actions, probes,
};

/// The module.
pub struct RpmKey;

/// The module.
pub static MODULE: RpmKey = RpmKey;

static SPEC: Spec = Spec {
    name: "rpm_key",
    summary: "Has rpm trust a key, or no longer.",
    arguments: &[
        Argument::text("key", "An address, a file on the host, or the number of a key that rpm has.").required(),
        Argument::text("state", "Whether rpm has it.").default("present").choices(&["absent", "present"]),
        Argument::list("fingerprint", "Fingerprints that the key must have."),
        Argument::bool("validate_certs", true, "Whether the certificate of the address is checked."),
    ],
    ..BLANK
};

impl Module for RpmKey {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let checks = if args.bool("validate_certs") { "yes" } else { "no" };
        flow::ask(Question::new(&probes::RPM_KEY, [args.needed("key"), checks]), move |answer| {
            let clients = Clients::read(&answer);
            for tool in ["rpm", "gpg"] {
                if !clients.holds(tool) {
                    return Err(missing(tool));
                }
            }
            let number = number(&args, &clients)?;
            let known = fields(&clients.text("known"), "pub", 4).any(|known| known.contains(&number));
            match (args.needed("state") == "present", known) {
                (true, true) | (false, false) => flow::done(TaskResult::ok()),
                (true, false) => import(&args, &clients, &number),
                (false, true) => {
                    let short = number.get(number.len().saturating_sub(8)..).unwrap_or(&number).to_lowercase();
                    let words = ["rpm", "--erase", "--allmatches", &format!("gpg-pubkey-{short}")].map(str::to_owned);
                    let diff = flow::diff("gpg-pubkey", format!("{number}\n"), "");
                    clients::change(vec![diff], flow::command(words), TaskResult::ok())
                }
            }
        })
    }
}

/// The number of the key, in capitals.
fn number(args: &Args, clients: &Clients) -> Result<String, ModuleError> {
    let key = args.needed("key");
    let bare = key.strip_prefix("0x").or_else(|| key.strip_prefix("0X")).unwrap_or(key);
    let is_number = bare.len() >= 8 && bare.bytes().take(8).all(|byte| byte.is_ascii_hexdigit());
    if key.contains("://") {
        if let Some(said) = clients.find("fetched").filter(|said| said.rc != 0) {
            let error = refused(said);
            let message = format!("failed to fetch key at {key} , error was: {}", error.message);
            return Err(ModuleError { message, ..error });
        }
        let text = clients.text("key");
        if !text.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----") || !text.contains("-----END PGP PUBLIC KEY BLOCK-----") {
            return Err(ModuleError::new(format!("Not a public key: {key}")));
        }
    } else if is_number {
        return Ok(bare.trim().to_uppercase());
    } else if clients.find("key").is_none() {
        return Err(ModuleError::new(format!("Not a valid key {key}")));
    }
    let parts = clients.said("parts");
    let found = fields(&parts.text(), "pub", 4).next().map(|number| number.to_uppercase());
    found.ok_or_else(|| if parts.rc == 0 { ModuleError::new("Unexpected gpg output") } else { refused(&parts) })
}

/// A field of the lines of that kind in what gpg says.
fn fields<'a>(text: &'a str, kind: &'a str, place: usize) -> impl Iterator<Item = String> + 'a {
    let lines = text.lines().map(|line| line.trim().split(':').collect::<Vec<_>>());
    lines.filter(move |fields| fields[0] == kind).filter_map(move |fields| fields.get(place).map(|field| (*field).to_owned()))
}

fn import(args: &Args, clients: &Clients, number: &str) -> Flow {
    let Some(key) = clients.find("key").filter(|key| key.rc == 0) else {
        return Err(ModuleError::new("When importing a key, a valid file must be given"));
    };
    let wanted: Vec<String> =
        args.texts("fingerprint").iter().map(|wanted| wanted.replace(' ', "").to_uppercase()).collect();
    let found: Vec<String> = fields(&clients.text("parts"), "fpr", 9).collect();
    if wanted.iter().any(|wanted| !found.contains(wanted)) {
        return Err(ModuleError::new(format!(
            "The specified fingerprint, '{}', does not match any key fingerprints in '{}'",
            wanted.join(", "),
            found.join(", ")
        )));
    }
    let mut script = ScriptCall::new(actions::RPM_KEY, [""; 0]);
    script.input = Some(Content::Bytes(Arc::from(key.stdout.as_slice())));
    clients::change(vec![flow::diff("gpg-pubkey", "", format!("{number}\n"))], script, TaskResult::ok())
}
