//! `stat`: what a path is.

use crate::modules::files::look::{LookCall, PathState, Stat};
use crate::modules::files::{Look, describe};
use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};
use crate::template::{Dict, Value};

/// The module.
pub struct StatModule;

/// The module.
pub static MODULE: StatModule = StatModule;

static SPEC: Spec = Spec {
    name: "stat",
    summary: "Says what a path is.",
    arguments: &[
        Argument::path("path", "The path.").required().aliases(&["dest", "name"]),
        Argument::bool("follow", false, "Follows a symbolic link."),
        Argument::bool("get_checksum", true, "Computes the checksum of a file."),
        Argument::text("checksum_algorithm", "The algorithm of the checksum.")
            .default("sha1")
            .choices(&["md5", "sha1", "sha224", "sha256", "sha384", "sha512"])
            .aliases(&["checksum", "checksum_algo"]),
        Argument::bool("get_mime", true, "Asks `file` for the MIME type.").aliases(&["mime", "mime_type", "mime-type"]),
        Argument::bool("get_attributes", true, "Asks `lsattr` for flags.").aliases(&["attr", "attributes"]),
    ],
    returns: &[Return { name: "stat", about: "`exists`, and when it does, everything there is to know." }],
    ..BLANK
};

impl Module for StatModule {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let mut call = LookCall::at([args.needed("path")]);
        if args.bool("get_checksum") {
            call.checksum = format!("{}sum", args.needed("checksum_algorithm"));
        }
        for (name, letter) in [("get_mime", 'm'), ("get_attributes", 'a')] {
            call.options.extend(args.bool(name).then_some(letter));
        }
        let (follow, options) = (args.bool("follow"), call.options.clone());
        let question = call.question();
        let next = move |answers: Vec<crate::modules::Answer>| {
            let look = Look::read(&call, answers.first().unwrap_or(&crate::modules::Answer::default()))?;
            Ok(Step::Done(TaskResult::ok().field("stat", everything(&look.paths[0], follow, &options))))
        };
        Ok(Step::Ask(vec![question], Box::new(next)))
    }
}

fn everything(state: &PathState, follow: bool, options: &str) -> Value {
    let stat = if follow { state.followed() } else { state.stat.as_ref() };
    let mut all = Dict::new();
    let Some(stat) = stat else {
        all.insert("exists".into(), false.into());
        return Value::dict(all);
    };
    all.insert("exists".into(), true.into());
    all.insert("path".into(), state.name.as_str().into());
    describe::numbers(stat, &mut all);
    blocks(stat, &mut all);
    let mut set = |name: &str, value: Value| all.insert(name.into(), value);
    for (name, letter) in [("readable", 'r'), ("writeable", 'w'), ("executable", 'x')] {
        set(name, state.access.contains(letter).into());
    }
    if let Some(link) = state.link.as_ref().filter(|_| !follow) {
        set("lnk_source", link.real.as_str().into());
        set("lnk_target", link.target.as_str().into());
    }
    if stat.owner != stat.uid.to_string() {
        set("pw_name", stat.owner.as_str().into());
    }
    if stat.group != stat.gid.to_string() {
        set("gr_name", stat.group.as_str().into());
    }
    if stat.is_file() && !state.checksum.is_empty() {
        set("checksum", state.checksum.as_str().into());
    }
    if options.contains('m') {
        let (mime, charset) = state.mime.split_once(';').unwrap_or(("unknown", "=unknown"));
        set("mimetype", mime.trim().into());
        set("charset", charset.split_once('=').map_or("unknown", |(_, charset)| charset.trim()).into());
    }
    if options.contains('a') {
        flags(&state.flags, &mut all);
    }
    Value::dict(all)
}

/// What `stat` alone says.
fn blocks(stat: &Stat, all: &mut Dict) {
    let (major, minor) = stat.rdev;
    let device = ((major & 0xfff) << 8) | (minor & 0xff) | ((minor & !0xff) << 12) | ((major & !0xfff) << 32);
    for (name, number) in [("blocks", stat.blocks), ("block_size", stat.block_size), ("device_type", device)] {
        all.insert(name.into(), describe::integer(number));
    }
}

/// Version, flags and their names, from `lsattr -v`.
fn flags(text: &str, all: &mut Dict) {
    let mut words = text.split_whitespace();
    let version = words.next().map_or(Value::Null, Value::from);
    let letters = words.next().unwrap_or_default().replace('-', "");
    let names: Vec<Value> =
        letters.chars().filter_map(|letter| FLAGS.iter().find(|(known, _)| *known == letter)).map(|(_, name)| Value::from(*name)).collect();
    all.insert("version".into(), version);
    all.insert("attributes".into(), names.into());
    all.insert("attr_flags".into(), letters.into());
}

const FLAGS: &[(char, &str)] = &[
    ('A', "noatime"),
    ('a', "append"),
    ('c', "compressed"),
    ('C', "nocow"),
    ('d', "nodump"),
    ('D', "dirsync"),
    ('e', "extents"),
    ('E', "encrypted"),
    ('h', "blocksize"),
    ('i', "immutable"),
    ('I', "indexed"),
    ('j', "journalled"),
    ('N', "inline"),
    ('s', "zero"),
    ('S', "synchronous"),
    ('t', "notail"),
    ('T', "blockroot"),
    ('u', "undelete"),
    ('X', "compressedraw"),
    ('Z', "compresseddirty"),
];
