//! `opsctl exec PATTERN -m MODULE -a ARGS`: one module on many hosts, as a play of one task.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use serde_json::json;

use super::run::{self, Identity, Prepared, ReachArgs};
use super::{Base, load, settings, vars};
use crate::cli::config::Config;
use crate::cli::run_args::RunArgs;
use crate::cli::selection::{self, Chosen};
use crate::cli::{self, AnsibleConfig, CliError, ExitCode, confirm, password, warn_all};
use crate::engine::deploy::DeployOptions;
use crate::event::Verb;
use crate::inventory::HostPattern;
use crate::modules::find;
use crate::playbook::{TagFilter, key_values};
use crate::render::{Format, RenderOptions, TaskView, View};
use crate::template::Dict;
use crate::transport::HostKeyPolicy;

/// The play's file in messages.
const NAME: &str = "exec -m";

/// What is run where.
pub struct AdHoc<'a> {
    /// The host pattern.
    pub pattern: &'a str,
    /// `-m`.
    pub module: &'a str,
    /// `-a`.
    pub args: &'a str,
    /// `--check`.
    pub check: bool,
    /// `--env`, resolved.
    pub env: Vec<(String, OsString)>,
    /// Values of `--env` that must not reach the record.
    pub secrets: Vec<String>,
    /// `-e`.
    pub extra_vars: &'a [String],
    /// All the rest.
    pub run: &'a RunArgs,
}

/// Runs the module.
///
/// # Errors
/// Fails before any host is touched; what happens on hosts is in the exit code.
pub fn run(ad_hoc: &AdHoc<'_>) -> Result<ExitCode, CliError> {
    let args = ad_hoc.run;
    refuse(args)?;
    let (config, ansible) = (Config::load()?, AnsibleConfig::of_process()?);
    let quiet = args.output.quiet;
    if !quiet {
        warn_all(&ansible.warnings);
    }
    let base = Base::new(&args.vault, ad_hoc.extra_vars, &ansible)?;
    base.secrets(&ad_hoc.secrets);
    let secrets = secret_arguments(ad_hoc);
    base.secrets(&secrets);
    let playbooks = [base.loader.given_playbook(Path::new(NAME), play(ad_hoc))];
    let playbooks = load::playbooks(playbooks.into_iter(), quiet)?;
    let loaded = base.inventory(&args.inventory, None, (&config, &ansible), quiet)?;
    let hosts = match selection::choose(&loaded, ad_hoc.pattern, args, &run::journal_dir(&args.record, &config)?)? {
        Chosen::Hosts(hosts, _) => hosts,
        Chosen::Ended(code) => return Ok(code),
    };
    if !args.limits.yes
        && let Some(code) = confirm::protected_hosts(&loaded.inventory, &hosts)?
    {
        return Ok(code);
    }
    let settings = settings::of(&args.privilege, &config, &ansible)?;
    let passwords = password::read(&settings.privilege)?;
    let secrets = [secrets, ad_hoc.secrets.clone(), passwords.texts(), loaded.secrets.clone()].concat();
    let forks = args.limits.forks.map_or(settings.forks, |forks| forks as usize);
    let identity = Identity {
        verb: Verb::Exec,
        name: args.record.name.as_deref(),
        words: ["-m", ad_hoc.module, "-a", ad_hoc.args].map(OsString::from).to_vec(),
        pattern: ad_hoc.pattern,
        forks,
    };
    let accepts = args.limits.accept_new_host_keys;
    run::execute(Prepared {
        playbooks,
        header: run::header(&identity, &loaded, Some(&hosts), &secrets),
        options: options(ad_hoc, &base.extra_vars, &hosts, forks, &settings.ssh_args, &ansible)?,
        secrets,
        loader: base.loader,
        environment: base.environment,
        loaded,
        reload: None,
        render: RenderOptions {
            format: args.output.format,
            view: if args.output.format == Format::Human { View::Tasks } else { View::Fold },
            tasks: TaskView { verbosity: args.output.verbose + 1, ad_hoc: true, ..settings.tasks },
            log: settings.log,
            quiet,
            color: args.output.color.unwrap_or(config.color),
            ..RenderOptions::detect()
        },
        record: &args.record,
        reach: ReachArgs {
            privilege: settings.privilege,
            passwords,
            connect_timeout: args.limits.connect_timeout.unwrap_or(settings.connect_timeout),
            host_keys: if accepts { HostKeyPolicy::AcceptNew } else { settings.host_keys },
            retries: args.limits.retries.unwrap_or(settings.retries),
        },
        config: &config,
        deadline: args.limits.deadline,
        detailed: false,
    })
}

fn options(
    ad_hoc: &AdHoc<'_>,
    extra_vars: &Dict,
    hosts: &[Arc<str>],
    forks: usize,
    ssh_args: &[(&'static str, String)],
    ansible: &AnsibleConfig,
) -> Result<DeployOptions, CliError> {
    let args = ad_hoc.run;
    // Those that a run before left are no pattern of the user's.
    let limit = match args.limits.rerun {
        Some(_) => Some(HostPattern::parse(&hosts.join(","))?),
        None => cli::limit(&args.inventory)?,
    };
    Ok(DeployOptions {
        check: ad_hoc.check,
        diff: args.output.diff_output || ansible.boolean("always_diff") == Some(true),
        verbosity: args.output.verbose.min(4),
        forks,
        tags: TagFilter::default(),
        limit,
        extra_vars: extra_vars.clone(),
        start_at: None,
        step: false,
        force_handlers: false,
        gathers: false,
        any_errors_fatal: args.limits.fail_fast,
        strategy: "linear".to_owned(),
        ssh_args: ssh_args.to_vec(),
        fixed_vars: vars::fixed_vars(&args.inventory, ansible),
    })
}

/// Refuses what means something only for commands.
fn refuse(args: &RunArgs) -> Result<(), CliError> {
    let (limits, output) = (&args.limits, &args.output);
    let given = [
        ("--max-fail", limits.max_fail.is_some()),
        ("--pause", limits.pause.is_some()),
        ("--stream", output.stream),
        ("--fields", output.fields),
        ("--passthrough", output.passthrough),
        ("--maxrc", output.maxrc),
        ("--output-dir", output.output_dir.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(CliError::usage(anyhow!("{name} does not go with -m"))),
        None => Ok(()),
    }
}

/// The play. JSON is YAML, so that whatever was given is quoted as it should be.
fn play(ad_hoc: &AdHoc<'_>) -> String {
    let limits = &ad_hoc.run.limits;
    let mut play =
        format!("- hosts: {}\n  name: {}\n  gather_facts: false\n", json!(ad_hoc.pattern), json!(ad_hoc.module));
    // Writing to a String cannot fail, here and below.
    if !limits.serial.is_empty() {
        let sizes: Vec<String> = limits.serial.iter().map(ToString::to_string).collect();
        _ = writeln!(play, "  serial: {}", json!(sizes));
    }
    let trimmed = ad_hoc.args.trim();
    let arguments = match trimmed {
        "" => String::new(),
        // A dictionary, as Ansible takes it too.
        text if text.starts_with('{') && !text.starts_with("{{") => text.replace('\n', " "),
        text => json!(text).to_string(),
    };
    _ = writeln!(play, "  tasks:\n    - {}: {arguments}", json!(ad_hoc.module));
    if !ad_hoc.env.is_empty() {
        let environment: serde_json::Map<_, _> =
            ad_hoc.env.iter().map(|(name, value)| (name.clone(), json!(value.to_string_lossy()))).collect();
        _ = writeln!(play, "      environment: {}", json!(environment));
    }
    if let Some(timeout) = limits.timeout {
        _ = writeln!(play, "      timeout: {}", timeout.as_secs_f64().ceil());
    }
    play
}

/// Arguments that the module says are secret: they must not reach the record of the command line.
fn secret_arguments(ad_hoc: &AdHoc<'_>) -> Vec<String> {
    let Some(spec) = find(ad_hoc.module).map(crate::modules::Module::spec) else { return Vec::new() };
    let is_secret = |name: &str| spec.argument(name).is_some_and(|argument| argument.secret);
    let named: Vec<(String, String)> = match serde_json::from_str::<serde_json::Map<_, _>>(ad_hoc.args) {
        Ok(given) => given.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect(),
        Err(_) => key_values(ad_hoc.args).unwrap_or_default(),
    };
    named.into_iter().filter(|(name, _)| is_secret(name)).map(|(_, value)| value).collect()
}
