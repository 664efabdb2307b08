//! `acl`: access control lists of files.

use crate::modules::flow;
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct Acl;

/// The module.
pub static MODULE: Acl = Acl;

static SPEC: Spec = Spec {
    name: "acl",
    collections: &["ansible.posix"],
    summary: "Sets entries of access control lists, takes them away, or tells them.",
    arguments: &[
        Argument::path("path", "The file or directory.").required().aliases(&["name"]),
        Argument::text("state", "Whether the entry is there; or only what is there.")
            .default("query")
            .choices(&["absent", "present", "query"]),
        Argument::bool("follow", true, "Follows links."),
        Argument::bool("default", false, "Means the entries that new files in a directory get."),
        Argument::text("entity", "The user or group.").default(""),
        Argument::text("etype", "What kind of entry it is.").choices(&["group", "mask", "other", "user"]),
        Argument::text("permissions", "Of `r`, `w`, `x` and `X`."),
        Argument::text("entry", "The entry as setfacl takes it: `user:ann:rw`; it is better said with the others."),
        Argument::bool("recursive", false, "Means everything below, too.").aliases(&["recurse"]),
        Argument::bool("use_nfsv4_acls", false, "Uses nfs4_setfacl and nfs4_getfacl."),
        Argument::text("recalculate_mask", "Whether the mask is computed anew.")
            .default("default")
            .choices(&["default", "mask", "no_mask"]),
    ],
    returns: &[Return { name: "acl", about: "The entries, after changes." }],
    ..BLANK
};

/// What is asked for.
#[derive(Default)]
struct Wanted {
    kind: String,
    entity: String,
    permissions: Option<String>,
    default: bool,
}

impl Module for Acl {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        check(&args).map_err(ModuleError::new)?;
        let wanted = wanted(&args)?;
        let nfs = args.bool("use_nfsv4_acls");
        let state = args.needed("state").to_owned();
        let entry = entry(&wanted, nfs, state == "present");
        let mut set = Vec::new();
        if state != "query" {
            set.push(if nfs { "nfs4_setfacl" } else { "setfacl" }.to_owned());
            if wanted.default {
                set.push("-d".to_owned());
            }
            let how = if state == "absent" { "-x" } else if nfs { "-a" } else { "-m" };
            set.extend([how.to_owned(), entry.clone()]);
            set.extend(options(&args, true));
        }
        let mut get = vec![if nfs { "nfs4_getfacl" } else { "getfacl" }.to_owned()];
        if wanted.default {
            get.push("-d".to_owned());
        }
        if !nfs {
            get.extend(["--absolute-names".to_owned(), "--omit-header".to_owned()]);
        }
        get.extend(options(&args, false));
        let mut test = set.clone();
        if let Some(program) = test.first().cloned() {
            test.splice(..1, [program, "--test".to_owned()]);
        }
        let path = args.needed("path").to_owned();
        let words = [path.clone(), test.len().to_string()].into_iter().chain(test).chain(get.iter().cloned());
        let question = Question::new(&probes::ACL, words);
        let message = match state.as_str() {
            "query" => "current acl".to_owned(),
            state => format!("{entry} is {state}"),
        };
        flow::ask(question, move |answer| {
            let (tested, acl) = read(&answer)?;
            let same = set.is_empty() || is_same(&tested, nfs, &entry);
            let result = TaskResult::ok().message(message);
            if same {
                return flow::done(result.field("acl", list(&acl)));
            }
            let must = if state == "present" { "must" } else { "" };
            let fixed = [path.clone(), must.to_owned(), set.len().to_string()];
            let call = ScriptCall::new(actions::ACL, fixed.into_iter().chain(set).chain(get));
            let after: Vec<String> = match state.as_str() {
                "present" => acl.iter().cloned().chain([entry.clone()]).collect(),
                _ => acl.iter().filter(|line| !line.starts_with(&entry)).cloned().collect(),
            };
            flow::change(vec![flow::diff_lines(&path, &acl, &after)], call, move |answer| {
                flow::succeeded(answer.as_ref(), "the list could not be set")?;
                let acl = answer.map_or(acl, |answer| lines(&answer.text()));
                flow::done(TaskResult { changed: true, ..result.field("acl", list(&acl)) })
            })
        })
    }
}

fn check(args: &Args) -> Result<(), String> {
    let state = args.needed("state");
    let has = |name: &str| args.text(name).is_some_and(|text| !text.is_empty());
    if state == "query" {
        if args.bool("recursive") {
            return Err("'recursive' MUST NOT be set when 'state=query'.".to_owned());
        }
        if args.needed("recalculate_mask") != "default" {
            let message = "'recalculate_mask' MUST NOT be set to 'mask' or 'no_mask' when 'state=query'.";
            return Err(message.to_owned());
        }
    }
    if !has("entry") {
        if state == "absent" && has("permissions") && !args.bool("use_nfsv4_acls") {
            return Err("'permissions' MUST NOT be set when 'state=absent'.".to_owned());
        }
        if state == "absent" && !has("entity") {
            return Err("'entity' MUST be set when 'state=absent'.".to_owned());
        }
        if state != "query" && !has("etype") {
            return Err(format!("'etype' MUST be set when 'state={state}'."));
        }
        return Ok(());
    }
    let colons = args.needed("entry").matches(':').count();
    if ["etype", "entity", "permissions"].iter().any(|name| has(name)) {
        return Err("'entry' MUST NOT be set when 'entity', 'etype' or 'permissions' are set.".to_owned());
    }
    match state {
        "present" if !(2..=3).contains(&colons) => {
            Err("'entry' MUST have 3 or 4 sections divided by ':' when 'state=present'.".to_owned())
        }
        "absent" if !(1..=2).contains(&colons) => {
            Err("'entry' MUST have 2 or 3 sections divided by ':' when 'state=absent'.".to_owned())
        }
        "query" => Err("'entry' MUST NOT be set when 'state=query'.".to_owned()),
        _ => Ok(()),
    }
}

fn wanted(args: &Args) -> Result<Wanted, ModuleError> {
    let Some(entry) = args.text("entry").filter(|entry| !entry.is_empty()) else {
        return Ok(Wanted {
            kind: args.needed("etype").to_owned(),
            entity: args.needed("entity").to_owned(),
            permissions: args.text("permissions").map(str::to_owned),
            default: args.bool("default"),
        });
    };
    let mut parts: Vec<&str> = entry.split(':').collect();
    let default = entry.to_lowercase().starts_with('d');
    if default {
        parts.remove(0);
    }
    let kind = match parts.first().and_then(|kind| kind.chars().next()).map(|letter| letter.to_ascii_lowercase()) {
        Some('u') => "user",
        Some('g') => "group",
        Some('m') => "mask",
        Some('o') => "other",
        _ => return Err(ModuleError::new(format!("'{entry}' names no type of entry"))),
    };
    Ok(Wanted {
        kind: kind.to_owned(),
        entity: (*parts.get(1).unwrap_or(&"")).to_owned(),
        permissions: parts.get(2).map(|permissions| (*permissions).to_owned()),
        default: default || args.bool("default"),
    })
}

fn entry(wanted: &Wanted, nfs: bool, present: bool) -> String {
    let Wanted { kind, entity, permissions, .. } = wanted;
    if nfs {
        let group = if kind == "group" { "g" } else { "" };
        return format!("A:{group}:{entity}:{}tcy", permissions.as_deref().unwrap_or_default());
    }
    match permissions.as_deref().filter(|permissions| present && !permissions.is_empty()) {
        Some(permissions) => format!("{kind}:{entity}:{permissions}"),
        None => format!("{kind}:{entity}"),
    }
}

fn options(args: &Args, set: bool) -> Vec<String> {
    let nfs = args.bool("use_nfsv4_acls");
    let mask = match args.needed("recalculate_mask") {
        "mask" if set => "--mask",
        "no_mask" if set => "--no-mask",
        _ => "",
    };
    let recursive = if args.bool("recursive") && !nfs { "--recursive" } else { "" };
    let physical = if args.bool("follow") || nfs { "" } else { "--physical" };
    [recursive, mask, physical].into_iter().filter(|option| !option.is_empty()).map(str::to_owned).collect()
}

/// What the test said, and the list.
fn read(answer: &Answer) -> Result<(Vec<String>, Vec<String>), ModuleError> {
    match answer.rc {
        0 => {
            let text = answer.text();
            let (tested, acl) = text.split_once('\0').unwrap_or(("", &text));
            Ok((lines(tested), lines(acl)))
        }
        3 => Err(ModuleError::new("Path not found or not accessible.")),
        127 => Err(ModuleError::new(format!("Failed to find required executable \"{}\"", answer.errors().trim()))),
        _ => Err(flow::failure(answer, "the list could not be read")),
    }
}

fn lines(text: &str) -> Vec<String> {
    let mut all: Vec<String> =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.trim().to_owned()).collect();
    if all.last().is_some_and(String::is_empty) {
        all.pop();
    }
    all
}

fn list(acl: &[String]) -> Value {
    Value::list(acl.iter().map(|line| line.as_str().into()).collect())
}

/// Whether nothing would change: setfacl marks a list that stays with `*,*`, `nfs4_setfacl` shows an entry twice.
fn is_same(tested: &[String], nfs: bool, entry: &str) -> bool {
    if nfs {
        return tested.iter().filter(|line| *line == entry).count() == 2;
    }
    tested.iter().all(|line| line.ends_with("*,*"))
}
