//! `yum_repository`: repositories of dnf and yum, in their files.

use crate::modules::files::look::{Look, LookCall, PathState};
use crate::modules::files::set::{self, Set};
use crate::modules::files::{Attributes, Write, changed_by, diff, file_arguments};
use crate::modules::flow;
use crate::modules::packages::repo_file::RepoFile;
use crate::modules::{
    Answer, Args, Argument, BLANK, Change, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext,
    TaskResult,
};
use crate::template::Value;

/// The module.
pub struct YumRepository;

/// The module.
pub static MODULE: YumRepository = YumRepository;

const fn flag(name: &'static str, about: &'static str) -> Argument {
    Argument::of(name, Kind::Bool, about)
}

static SPEC: Spec = Spec {
    name: "yum_repository",
    summary: "Adds repositories of dnf and yum, and takes them away.",
    arguments: file_arguments![
        Argument::text("name", "Name of the repository: its section.").required(),
        Argument::text("description", "What it is called."),
        Argument::text("file", "Name of the file, without `.repo`; else the repository's."),
        Argument::path("reposdir", "The directory of the file.").default("/etc/yum.repos.d"),
        Argument::text("state", "Whether it is there.").default("present").choices(&["present", "absent"]),
        flag("async", "Whether packages are fetched side by side; of old systems."),
        Argument::text("bandwidth", "Bytes per second that there are."),
        Argument::list("baseurl", "Where it lies."),
        Argument::text("cost", "What it costs against others."),
        flag("countme", "Whether the host is counted."),
        Argument::text("deltarpm_metadata_percentage", "Of old systems."),
        Argument::text("deltarpm_percentage", "The largest delta against the package, in percent."),
        flag("enabled", "Whether it is used."),
        flag("enablegroups", "Whether its groups are used."),
        Argument::list("exclude", "Packages that are left alone.").aliases(&["excludepkgs"]),
        Argument::text("failovermethod", "In which order addresses are tried.").choices(&["roundrobin", "priority"]),
        Argument::text("gpgcakey", "Of old systems."),
        flag("gpgcheck", "Whether packages must be signed."),
        Argument::list("gpgkey", "Addresses of keys."),
        flag("module_hotfixes", "Whether modules hide none of its packages."),
        Argument::text("http_caching", "Of old systems.").choices(&["all", "packages", "none"]),
        Argument::text("include", "Another file to read."),
        Argument::list("includepkgs", "The only packages that are used."),
        Argument::text("ip_resolve", "Addresses of which family.").choices(&["4", "6", "IPv4", "IPv6", "whatever"]),
        flag("keepalive", "Of old systems."),
        Argument::text("keepcache", "Of old systems.").choices(&["0", "1"]),
        Argument::text("metadata_expire", "How long metadata are good."),
        Argument::text("metadata_expire_filter", "Of old systems.").choices(&[
            "never",
            "read-only:past",
            "read-only:present",
            "read-only:future",
        ]),
        Argument::text("metalink", "Address of a metalink."),
        Argument::text("mirrorlist", "Address of a list of mirrors."),
        Argument::text("mirrorlist_expire", "Of old systems."),
        Argument::text("password", "Password of its web server.").secret(),
        Argument::text("priority", "Its rank: 1 to 99."),
        flag("protect", "Of old systems."),
        Argument::text("proxy", "The proxy; `_none_` for none."),
        Argument::text("proxy_password", "Password of the proxy.").secret(),
        Argument::text("proxy_username", "User of the proxy."),
        flag("repo_gpgcheck", "Whether metadata must be signed."),
        Argument::text("retries", "How often fetching is tried."),
        flag("s3_enabled", "Whether it lies in S3."),
        flag("skip_if_unavailable", "Whether the others are used without it."),
        Argument::text("sslcacert", "Certificates of authorities.").aliases(&["ca_cert"]),
        flag("ssl_check_cert_permissions", "Of old systems."),
        Argument::text("sslclientcert", "Certificate of the host.").aliases(&["client_cert"]),
        Argument::text("sslclientkey", "Key of that certificate.").aliases(&["client_key"]),
        flag("sslverify", "Whether certificates are checked.").aliases(&["validate_certs"]),
        Argument::text("throttle", "The most that is fetched in a second."),
        Argument::text("timeout", "Seconds to wait for a connection."),
        Argument::text("ui_repoid_vars", "Of old systems."),
        Argument::text("username", "User of its web server."),
    ],
    rules: &[
        Rule::IfOneOf("state", "present", &["baseurl", "mirrorlist", "metalink"]),
        Rule::If("state", "present", &["description"]),
    ],
    returns: &[
        Return { name: "repo", about: "Name of the repository." },
        Return { name: "state", about: "What was wanted of it." },
    ],
    ..BLANK
};

/// Arguments that do not stand in the repository's section.
const NOT_IN_SECTION: [&str; 13] = [
    "attributes", "description", "file", "group", "mode", "owner", "reposdir", "selevel", "serole", "setype", "seuser",
    "state", "unsafe_writes",
];

/// The largest file that is read, in bytes.
const LIMIT: usize = 4 * 1024 * 1024;

impl Module for YumRepository {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let attributes = Attributes::of(&args)?;
        let file = args.text("file").unwrap_or(args.needed("name"));
        let path = format!("{}/{file}.repo", args.needed("reposdir").trim_end_matches('/'));
        let call = LookCall::at([path]).content(LIMIT).attributes(&attributes);
        flow::ask(call.question(), move |answer| {
            let look = Look::read(&call, &answer)?;
            let state = look.paths[0].follow();
            if !look.paths[0].has_parent() {
                return Err(ModuleError::new(format!("Repo directory '{}' does not exist.", args.needed("reposdir"))));
            }
            let text = String::from_utf8_lossy(look.content.as_deref().unwrap_or_default()).into_owned();
            let before = RepoFile::parse(&text)?;
            let mut after = before.clone();
            after.remove(args.needed("name"));
            if args.needed("state") == "present" {
                after.add(args.needed("name"), section(&args));
            }
            let result = TaskResult::ok().field("repo", args.needed("name")).field("state", args.needed("state"));
            if before.dump() == after.dump() {
                return settle(&look, &state, &attributes, result);
            }
            let mut change = Change {
                diff: vec![flow::diff(&state.name, before.dump(), after.dump())],
                action: Set { what: "absent", path: state.name.clone(), ..Set::default() }.action(),
            };
            if !after.is_empty() {
                change.action = Write::new(state, after.text(), attributes).action(&look)?;
            }
            Ok(end(change, result))
        })
    }
}

/// Only owner, mode and the like.
fn settle(look: &Look, state: &PathState, attributes: &Attributes, result: TaskResult) -> flow::Flow {
    if !state.is_file() {
        return flow::done(result);
    }
    let fix = attributes.fix(look, state)?;
    if fix.is_empty() {
        return flow::done(result);
    }
    let diff = vec![diff::properties(&state.name, &fix.before, &fix.after)];
    Ok(end(Change { diff, action: set::attributes(&state.name, fix) }, result))
}

fn end(change: Change, result: TaskResult) -> Step {
    Step::Change(
        change,
        Box::new(move |answer: Option<Answer>| {
            answer.as_ref().map(changed_by).transpose()?;
            flow::done(TaskResult { changed: true, ..result })
        }),
    )
}

/// The entries of the section.
fn section(args: &Args) -> Vec<(String, String)> {
    let mut entries: Vec<(String, String)> = args
        .iter()
        .filter(|(name, _)| !NOT_IN_SECTION.contains(name))
        .map(|(name, value)| {
            let text = match (name, value) {
                ("name", _) => args.needed("description").to_owned(),
                (_, Value::Bool(value)) => i32::from(*value).to_string(),
                ("exclude" | "includepkgs", _) => args.texts(name).join(" "),
                (_, Value::List(_)) => args.texts(name).join("\n"),
                _ => value.to_string(),
            };
            (name.to_owned(), text)
        })
        .collect();
    entries.sort();
    entries
}
