//! `stat`: what a path is.

use crate::modules::files::look::{LookCall, PathState, Stat};
use crate::modules::files::{Look, mode};
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
            Ok(Step::Done(TaskResult::ok().field("stat", describe(&look.paths[0], follow, &options))))
        };
        Ok(Step::Ask(vec![question], Box::new(next)))
    }
}

fn describe(state: &PathState, follow: bool, options: &str) -> Value {
    let stat = if follow { state.followed() } else { state.stat.as_ref() };
    let mut all = Dict::new();
    let Some(stat) = stat else {
        all.insert("exists".into(), false.into());
        return Value::dict(all);
    };
    all.insert("exists".into(), true.into());
    all.insert("path".into(), state.name.as_str().into());
    numbers(stat, &mut all);
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

fn numbers(stat: &Stat, all: &mut Dict) {
    let mut set = |name: &str, value: Value| all.insert(name.into(), value);
    set("mode", format!("{:04o}", stat.permissions()).into());
    for (name, kind) in [
        ("isdir", 0o040_000),
        ("ischr", 0o020_000),
        ("isblk", 0o060_000),
        ("isreg", 0o100_000),
        ("isfifo", 0o010_000),
        ("islnk", 0o120_000),
        ("issock", 0o140_000),
    ] {
        set(name, (stat.kind() == kind).into());
    }
    let (major, minor) = stat.rdev;
    let device = ((major & 0xfff) << 8) | (minor & 0xff) | ((minor & !0xff) << 12) | ((major & !0xfff) << 32);
    for (name, number) in [
        ("uid", u64::from(stat.uid)),
        ("gid", u64::from(stat.gid)),
        ("size", stat.size),
        ("inode", stat.inode),
        ("dev", stat.dev),
        ("nlink", stat.nlink),
        ("blocks", stat.blocks),
        ("block_size", stat.block_size),
        ("device_type", device),
    ] {
        set(name, i64::try_from(number).unwrap_or(i64::MAX).into());
    }
    for (name, (seconds, fraction)) in ["atime", "mtime", "ctime"].into_iter().zip(stat.times) {
        #[expect(clippy::cast_precision_loss, reason = "as Python gives times")]
        set(name, (seconds as f64 + f64::from(fraction) / 1e9).into());
    }
    for (place, name) in ["xoth", "woth", "roth", "xgrp", "wgrp", "rgrp", "xusr", "wusr", "rusr"].iter().enumerate() {
        set(name, (stat.bits >> place & 1 == 1).into());
    }
    set("isuid", (stat.bits & 0o4000 != 0).into());
    set("isgid", (stat.bits & 0o2000 != 0).into());
    debug_assert!(mode::show(stat.permissions()).starts_with('0'));
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
