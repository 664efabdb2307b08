//! What an apt task asks of apt-get, as words.

use super::apt_plan::Request;
use super::glob;
use crate::modules::{Args, ModuleError};

/// An apt task.
#[derive(Clone, Debug)]
pub struct AptTask {
    /// The packages.
    pub requests: Vec<Request>,
    /// `present`, `latest`, `absent`, `build-dep` or `fixed`.
    pub state: String,
    /// Whether `*` stands among the packages.
    pub everything: bool,
    /// Whether configuration goes too.
    pub purge: bool,
    /// Whether packages that nobody needs go too.
    pub autoremove: bool,
    /// Options for every call of apt-get.
    pub common: Vec<String>,
    /// Options for installing.
    pub install: Vec<String>,
    /// Options for removing.
    pub remove: Vec<String>,
    /// How long to wait for a lock, in seconds.
    pub lock_timeout: i64,
    /// What `policy-rc.d` answers meanwhile.
    pub policy: Option<i64>,
    /// Options of dpkg.
    pub dpkg: Vec<String>,
}

impl AptTask {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When a package's name makes no sense.
    pub fn of(args: &Args) -> Result<Self, ModuleError> {
        let names: Vec<String> = args.texts("package").into_iter().filter(|name| !name.trim().is_empty()).collect();
        let requests: Result<Vec<Request>, String> =
            names.iter().filter(|name| *name != "*").map(|name| Request::parse(name)).collect();
        let lock_timeout = args.int("lock_timeout").unwrap_or(60);
        let dpkg: Vec<String> =
            args.needed("dpkg_options").split(',').filter(|option| !option.is_empty()).map(str::to_owned).collect();
        let mut common = vec!["-y".to_owned()];
        for option in &dpkg {
            common.extend(["-o".to_owned(), format!("Dpkg::Options::=--{option}")]);
        }
        common.extend(["-o".to_owned(), format!("DPkg::Lock::Timeout={lock_timeout}")]);
        let state = match args.needed("state") {
            "installed" => "present",
            "removed" => "absent",
            other => other,
        };
        Ok(Self {
            requests: requests.map_err(ModuleError::new)?,
            state: state.to_owned(),
            everything: names.iter().any(|name| name == "*"),
            purge: args.bool("purge"),
            autoremove: args.bool("autoremove"),
            common,
            install: install_options(args, state),
            remove: remove_options(args),
            lock_timeout,
            policy: args.int("policy_rc_d"),
            dpkg,
        })
    }

    /// The words of the probe `apt_state`.
    #[must_use]
    pub fn question(&self, release: &str) -> Vec<String> {
        let versions = self.requests.iter().any(|request| request.text != request.name);
        let when = match self.state.as_str() {
            "absent" | "build-dep" => "never",
            "present" | "fixed" if !versions => "missing",
            _ => "always",
        };
        let (patterns, names): (Vec<&Request>, Vec<&Request>) =
            self.requests.iter().partition(|request| glob::is_pattern(&request.name));
        let patterns: Vec<String> = patterns.iter().map(|request| glob::expression(&request.name)).collect();
        let mut words = vec![when.to_owned(), release.to_owned(), patterns.join("\n")];
        words.extend(names.into_iter().map(|request| request.name.clone()));
        words
    }

    /// The words of `apt-get` after it: options, then what to do.
    #[must_use]
    pub fn words(&self, options: &[String], verb: &str, packages: &[String]) -> Vec<String> {
        let mut words = self.common.clone();
        words.extend_from_slice(options);
        words.push(verb.to_owned());
        words.extend_from_slice(packages);
        words
    }

    /// The words of the action `apt` for a command.
    #[must_use]
    pub fn action(&self, command: &[String]) -> Vec<String> {
        let policy = self.policy.map(|policy| policy.to_string()).unwrap_or_default();
        let mut words = vec![self.lock_timeout.to_string(), policy];
        words.extend_from_slice(command);
        words
    }
}

fn install_options(args: &Args, state: &str) -> Vec<String> {
    let mut options = Vec::new();
    let mut push = |wanted: bool, option: &str| {
        if wanted {
            options.push(option.to_owned());
        }
    };
    push(args.bool("only_upgrade"), "--only-upgrade");
    push(state == "fixed", "--fix-broken");
    push(args.bool("force"), "--force-yes");
    push(args.bool("autoremove"), "--auto-remove");
    push(args.bool("fail_on_autoremove"), "--no-remove");
    push(args.bool("allow_unauthenticated"), "--allow-unauthenticated");
    push(args.bool("allow_downgrade"), "--allow-downgrades");
    push(args.bool("allow_change_held_packages"), "--allow-change-held-packages");
    if let Some(release) = args.text("default_release") {
        options.extend(["-t".to_owned(), release.to_owned()]);
    }
    if let Some(recommends) = args.maybe_bool("install_recommends") {
        let answer = if recommends { "yes" } else { "no" };
        options.extend(["-o".to_owned(), format!("APT::Install-Recommends={answer}")]);
    }
    options
}

fn remove_options(args: &Args) -> Vec<String> {
    let options = [
        ("purge", "--purge"),
        ("force", "--force-yes"),
        ("autoremove", "--auto-remove"),
        ("allow_change_held_packages", "--allow-change-held-packages"),
    ];
    options.iter().filter(|(name, _)| args.bool(name)).map(|(_, option)| (*option).to_owned()).collect()
}
