//! Arguments that every run on hosts takes: which hosts, as whom, within which limits, shown how, recorded where.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};

use super::InventoryArgs;
use super::amount::Amount;
use super::quantity::parse_duration;
use super::rerun::Rerun;
use super::vault_args::VaultArgs;
use crate::inventory::PrivilegeMethod;
use crate::render::{Color, Format};
use crate::transport::TransportKind;

/// Which hosts, as whom, within which limits, shown how, recorded where.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    pub inventory: InventoryArgs,
    #[command(flatten)]
    pub privilege: PrivilegeArgs,
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub record: RecordArgs,
}

/// As which user.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Privilege")]
pub struct PrivilegeArgs {
    /// Log in as this user
    #[arg(short = 'u', long, value_name = "USER")]
    pub user: Option<String>,
    /// Use this private key
    #[arg(long, value_name = "FILE")]
    pub private_key: Option<PathBuf>,
    /// Ask for the password that logs in
    #[arg(short = 'k', long)]
    pub ask_pass: bool,
    /// Read the password that logs in from the first line of this file
    #[arg(long, value_name = "FILE", conflicts_with = "ask_pass")]
    pub connection_password_file: Option<PathBuf>,
    /// What connects: this process where it does exactly what ssh would do, else ssh (auto), or one of them [default: auto]
    #[arg(long, value_enum, value_name = "auto|native|openssh")]
    pub transport: Option<TransportKind>,
    /// Run as another user (root unless told)
    #[arg(short = 'b', long = "become")]
    pub raise: bool,
    /// The other user
    #[arg(long, value_name = "USER")]
    pub become_user: Option<String>,
    /// How to become the other user
    #[arg(long, value_enum, value_name = "METHOD")]
    pub become_method: Option<PrivilegeMethod>,
    /// Ask for the become password
    #[arg(short = 'K', long)]
    pub ask_become_pass: bool,
    /// Read the become password from the first line of this file
    #[arg(long, value_name = "FILE", conflicts_with = "ask_become_pass")]
    pub become_password_file: Option<PathBuf>,
}

/// Within which limits.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct LimitArgs {
    /// Hosts in flight at once [default: 64]
    #[arg(short = 'f', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub forks: Option<u32>,
    /// Limit for one connection attempt, up to a working shell [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub connect_timeout: Option<Duration>,
    /// Limit for the command on each host; armed on the host as well
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// Limit for the whole run (exit code 124)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub deadline: Option<Duration>,
    /// Further connection attempts; a command is never started twice [default: 2]
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// Hosts a batch: a number, a percentage, or a list of them (`1,10%,50%`)
    #[arg(long, value_name = "N|%", value_delimiter = ',')]
    pub serial: Vec<Amount>,
    /// Wait between batches
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, requires = "serial")]
    pub pause: Option<Duration>,
    /// Start no more hosts once one has gone wrong (exit code 7)
    #[arg(long)]
    pub fail_fast: bool,
    /// Start no more hosts once more than this many have gone wrong (exit code 7)
    #[arg(long, value_name = "N|%", conflicts_with = "fail_fast")]
    pub max_fail: Option<Amount>,
    /// Only the hosts that had this outcome in your last run, or in the run that @RUN names
    #[arg(long, value_name = "failed|unreachable|not-started[@RUN]")]
    pub rerun: Option<Rerun>,
    /// Record unknown host keys unseen; changed ones are still refused
    #[arg(long)]
    pub accept_new_host_keys: bool,
    /// Do not ask before touching protected hosts
    #[arg(short = 'y', long)]
    pub yes: bool,
    /// Show the selected hosts and stop
    #[arg(long)]
    pub list_hosts: bool,
    /// Exit with 0 when no host matches
    #[arg(long)]
    pub allow_empty: bool,
}

/// Shown how.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct OutputArgs {
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Show each line as it comes, with its host
    #[arg(long, conflicts_with_all = ["diff_output", "fields"])]
    pub stream: bool,
    /// Show the most common output whole, the others as differences from it
    #[arg(short = 'D', long = "diff", conflicts_with = "fields")]
    pub diff_output: bool,
    /// Show in which fields outputs folded as nearly equal (≈) differ
    #[arg(long)]
    pub fields: bool,
    /// Say nothing on success, and everything needed on failure
    #[arg(short, long)]
    pub quiet: bool,
    /// Say first which transport each host takes, and why; -vv on a line a host
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Write each host's output, and lists of hosts by outcome, into this directory
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN")]
    pub color: Option<Color>,
    /// Behave as `ssh HOST` would: one host, its bytes, its exit code
    #[arg(long, conflicts_with_all = ["stream", "diff_output", "fields", "quiet", "format"])]
    pub passthrough: bool,
    /// Exit with the largest remote exit code
    #[arg(long)]
    pub maxrc: bool,
}

/// Recorded where.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Record and cron")]
pub struct RecordArgs {
    /// Name the run, for the record and for --lock
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// When a run of the same name is still going: skip (exit code 6), or wait for it
    #[arg(long, value_enum, value_name = "WHAT", requires = "name")]
    pub lock: Option<Lock>,
    /// Start after a random wait of up to this long
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub jitter: Option<Duration>,
    /// Keep the journal in this directory
    #[arg(long, value_name = "DIR", env = "OPSCTL_JOURNAL_DIR", hide_env_values = true)]
    pub journal_dir: Option<PathBuf>,
    /// Keep no output in the journal
    #[arg(long)]
    pub no_store_output: bool,
}

/// What to do about a run of the same name that is still going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lock {
    /// Do not run (exit code 6).
    Skip,
    /// Wait until it has ended.
    Wait,
}
