//! `openssh_keypair`: pairs of SSH keys.

use std::ffi::OsString;

use crate::modules::files::{Attributes, Fix, Look, LookCall, PathState, diff, file_arguments, paths};
use crate::modules::{
    Answer, Args, Argument, BLANK, Change, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::modules::{Action, flow};

/// The module.
pub struct OpensshKeypair;

/// The module.
pub static MODULE: OpensshKeypair = OpensshKeypair;

static SPEC: Spec = Spec {
    name: "openssh_keypair",
    collections: &["community.crypto"],
    summary: "Makes pairs of SSH keys with the host's ssh-keygen.",
    arguments: file_arguments![
        Argument::path("path", "The private key; the public one has `.pub` at its end.").required(),
        Argument::text("state", "Whether they are there.").default("present").choices(&["present", "absent"]),
        Argument::int("size", "Bits: 4096 for RSA, 256 for ECDSA, unless given; one size alone for the others."),
        Argument::text("type", "Their kind.").default("rsa").choices(&["rsa", "dsa", "rsa1", "ecdsa", "ed25519"]),
        Argument::text("comment", "The comment of the public key."),
        Argument::bool("force", false, "Makes new ones, as `regenerate: always`."),
        Argument::text("regenerate", "When new keys take the place of those there are.")
            .default("partial_idempotence")
            .choices(&["never", "fail", "partial_idempotence", "full_idempotence", "always"]),
        Argument::text("private_key_format", "ssh-keygen's own; others are not supported.")
            .default("auto")
            .choices(&["auto"]),
        Argument::text("backend", "ssh-keygen; it is what is used.").default("auto").choices(&["auto", "opensshbin"]),
    ],
    returns: &[
        Return { name: "size", about: "Bits." },
        Return { name: "type", about: "Their kind." },
        Return { name: "filename", about: "The private key." },
        Return { name: "fingerprint", about: "The key's fingerprint." },
        Return { name: "public_key", about: "The public key, without its comment." },
        Return { name: "comment", about: "The comment." },
    ],
    ..BLANK
};

/// How a pair is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Pair {
    /// Whether there is a private key.
    there: bool,
    /// Whether there is a public key.
    there_public: bool,
    /// Bits, fingerprint and kind of the private key, when it can be read.
    private: Option<(i64, String, String)>,
    /// The public key that belongs to it.
    belongs: Option<Public>,
    /// The public key that stands there.
    stored: Option<Public>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Public {
    key: String,
    comment: String,
}

impl Public {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim_matches([' ', '\n']).splitn(3, ' ');
        let key = format!("{} {}", parts.next()?, parts.next()?);
        Some(Self { key, comment: parts.next().unwrap_or_default().to_owned() })
    }
}

impl Pair {
    fn parse(text: &str) -> Self {
        let mut pair = Self::default();
        for line in text.lines() {
            match line.split_once(' ').unwrap_or((line, "")) {
                ("there", _) => pair.there = true,
                ("there-pub", _) => pair.there_public = true,
                ("private", rest) => {
                    let words: Vec<&str> = rest.split_whitespace().collect();
                    let [size, fingerprint, .., kind] = words.as_slice() else { continue };
                    let kind = kind.trim_matches(['(', ')']).to_lowercase();
                    pair.private = size.parse().ok().map(|size| (size, (*fingerprint).to_owned(), kind));
                }
                ("public", rest) => pair.belongs = Public::parse(rest),
                ("stored", rest) => pair.stored = Public::parse(rest),
                _ => {}
            }
        }
        pair
    }
}

impl Module for OpensshKeypair {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let size = size(args).map_err(ModuleError::new)?;
        let attributes = Attributes::of(args)?;
        let path = args.needed("path");
        let folder = match paths::parent(path) {
            "" => ".",
            folder => folder,
        };
        let call = LookCall::at([path, &format!("{path}.pub"), folder]).attributes(&attributes);
        let questions = vec![call.question(), Question::new(&probes::SSH_KEYPAIR, [path])];
        let next = move |answers: Vec<Answer>| {
            let look = Look::read(&call, answers.first().unwrap_or(&Answer::default()))?;
            let answer = answers.into_iter().nth(1).unwrap_or_default();
            if answer.rc == 127 {
                return Err(ModuleError::new("Failed to find required executable \"ssh-keygen\""));
            }
            decide(&context, &look, &attributes, size, &Pair::parse(&answer.text()))
        };
        Ok(Step::Ask(questions, Box::new(next)))
    }
}

fn size(args: &Args) -> Result<i64, &'static str> {
    let size = args.int("size");
    match args.needed("type") {
        "rsa" | "rsa1" if size.is_some_and(|size| size < 1024) => Err(
            "For RSA keys, the minimum size is 1024 bits and the default is 4096 bits. Attempting to use bit lengths \
             under 1024 will cause the module to fail.",
        ),
        "rsa" | "rsa1" => Ok(size.unwrap_or(4096)),
        "dsa" if size.is_some_and(|size| size != 1024) => {
            Err("DSA keys must be exactly 1024 bits as specified by FIPS 186-2.")
        }
        "dsa" => Ok(1024),
        "ecdsa" if size.is_some_and(|size| ![256, 384, 521].contains(&size)) => Err(
            "For ECDSA keys, size determines the key length by selecting from one of three elliptic curve sizes: 256, \
             384 or 521 bits. Attempting to use bit lengths other than these three values for ECDSA keys will cause \
             this module to fail.",
        ),
        "ecdsa" => Ok(size.unwrap_or(256)),
        _ => Ok(256),
    }
}

fn decide(
    context: &TaskContext,
    look: &Look,
    attributes: &Attributes,
    size: i64,
    pair: &Pair,
) -> Result<Step, ModuleError> {
    let args = &context.args;
    let [private, public, folder] = look.paths.as_slice() else { return Err(ModuleError::new("the answer is short")) };
    if !folder.is_directory() {
        let message = format!("The directory {} does not exist or the file is not a directory", folder.name);
        return Err(ModuleError::new(message).field("name", folder.name.as_str()));
    }
    if private.is_directory() {
        return Err(ModuleError::new(format!("{} is a directory. Please specify a path to a file.", private.name)));
    }
    let what = what(args, size, pair)?;
    let fix = |state: &PathState, is_new: bool| match what {
        "remove" => Ok(Fix::default()),
        _ if is_new => attributes.new_fix(look, false),
        _ => attributes.fix(look, state),
    };
    let fixes = [fix(private, what == "generate")?, fix(public, matches!(what, "generate" | "public"))?];
    let result = result(args, &private.name, size, pair);
    if what.is_empty() && fixes.iter().all(Fix::is_empty) {
        return Ok(Step::Done(result));
    }
    let comment = args.needed("comment");
    let commented = if args.is_given("comment") { "yes" } else { "" };
    let kind = args.needed("type");
    let first = [private.name.as_str(), what, kind, &size.to_string(), comment, commented].map(OsString::from);
    let words = first.into_iter().chain(fixes.iter().flat_map(Fix::words));
    let action = Action::Script(ScriptCall::new(actions::SSH_KEYPAIR, words));
    let diff = match what {
        "" => diff::properties(&private.name, &fixes[0].before, &fixes[0].after),
        "remove" => diff::state(&private.name, "file", "absent"),
        "public" => diff::state(&public.name, public.state(), "file"),
        _ => diff::state(&private.name, private.state(), "file"),
    };
    let context = context.clone();
    let name = private.name.clone();
    let next = move |answer: Option<Answer>| {
        let Some(answer) = answer else { return Ok(Step::Done(TaskResult { changed: true, ..result })) };
        flow::succeeded(Some(&answer), "the keys could not be made")?;
        let pair = Pair::parse(&answer.text());
        let result = if what == "remove" { result } else { self::result(&context.args, &name, size, &pair) };
        Ok(Step::Done(TaskResult { changed: true, ..result }))
    };
    Ok(Step::Change(Change { diff: vec![diff], action }, Box::new(next)))
}

/// What is to be done: `generate`, `public`, `remove`, or nothing.
fn what(args: &Args, size: i64, pair: &Pair) -> Result<&'static str, ModuleError> {
    if args.needed("state") == "absent" {
        return Ok(if pair.there || pair.there_public { "remove" } else { "" });
    }
    let regenerate = if args.bool("force") { "always" } else { args.needed("regenerate") };
    let readable = pair.private.is_some() && pair.belongs.is_some();
    if pair.there && !readable && matches!(regenerate, "never" | "fail" | "partial_idempotence") {
        return Err(ModuleError::new(
            "Unable to read the key. The key is protected with a passphrase or broken. Will not proceed. To force \
             regeneration, call the module with `generate` set to `full_idempotence` or `always`, or with `force=true`.",
        ));
    }
    let fits = pair.private.as_ref().is_some_and(|(bits, _, kind)| *bits == size && kind == args.needed("type"));
    let generate = match regenerate {
        _ if pair.private.is_none() => true,
        "never" => false,
        "fail" if !fits => {
            return Err(ModuleError::new(
                "Key has wrong type and/or size. Will not proceed. To force regeneration, call the module with \
                 `generate` set to `partial_idempotence`, `full_idempotence` or `always`, or with `force=true`.",
            ));
        }
        "always" => true,
        _ => !fits,
    };
    let belongs = match (&pair.stored, &pair.belongs) {
        (Some(stored), Some(belongs)) => {
            stored.key == belongs.key && args.text("comment").is_none_or(|comment| stored.comment == comment)
        }
        _ => false,
    };
    Ok(match (generate, belongs) {
        (true, _) => "generate",
        (false, false) => "public",
        (false, true) => "",
    })
}

fn result(args: &Args, name: &str, size: i64, pair: &Pair) -> TaskResult {
    let public = pair.stored.clone().unwrap_or_default();
    let fingerprint = pair.private.as_ref().map(|(_, fingerprint, _)| fingerprint.as_str()).unwrap_or_default();
    TaskResult::ok()
        .field("size", size)
        .field("type", args.needed("type"))
        .field("filename", name)
        .field("fingerprint", fingerprint)
        .field("public_key", public.key)
        .field("comment", public.comment)
}
