//! Options of `podman run` and `podman create` that tasks give under their own names.

use crate::modules::{Argument, Kind};

/// How an option takes its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `--option value`
    Value,
    /// `--option=value`
    AfterEquals,
    /// `--option`, when it is true.
    Flag,
    /// `--option item` for each item.
    Each,
    /// `--option=item` for each item.
    EachAfterEquals,
    /// `--option item,item`
    Joined,
    /// `--option name=value` for each entry.
    Pairs,
    /// `--option name:value` for each entry.
    ColonPairs,
    /// `--option=name=value` for each entry.
    PairsAfterEquals,
}

/// An option.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What tasks call it.
    pub argument: Argument,
    /// What podman calls it.
    pub option: &'static str,
    /// How it takes its value.
    pub style: Style,
}

const TEXT: Kind = Kind::Text;
const PATH: Kind = Kind::Path;
const INT: Kind = Kind::Int;
const BOOL: Kind = Kind::Bool;
const LIST: Kind = Kind::List(&Kind::Text);
const DICT: Kind = Kind::Dict;

const fn row(
    name: &'static str,
    kind: Kind,
    (style, option): (Style, &'static str),
    aliases: &'static [&'static str],
    choices: &'static [&'static str],
) -> Row {
    let about = "As podman's option of that name.";
    Row { argument: Argument::of(name, kind, about).aliases(aliases).choices(choices), option, style }
}

use Style::{AfterEquals, ColonPairs, Each, EachAfterEquals, Flag, Joined, Pairs, PairsAfterEquals, Value};

/// All of them.
#[rustfmt::skip]
pub static OPTIONS: [Row; 149] = [
    row("annotation", DICT, (Pairs, "--annotation"), &[], &[]),
    row("arch", TEXT, (AfterEquals, "--arch"), &[], &[]),
    row("attach", LIST, (EachAfterEquals, "--attach"), &[], &[]),
    row("authfile", PATH, (Value, "--authfile"), &[], &[]),
    row("blkio_weight", INT, (Value, "--blkio-weight"), &[], &[]),
    row("blkio_weight_device", DICT, (ColonPairs, "--blkio-weight-device"), &[], &[]),
    row("cap_add", LIST, (Each, "--cap-add"), &["capabilities"], &[]),
    row("cap_drop", LIST, (Each, "--cap-drop"), &[], &[]),
    row("cert_dir", PATH, (Value, "--cert-dir"), &[], &[]),
    row("cgroup_conf", DICT, (PairsAfterEquals, "--cgroup-conf"), &[], &[]),
    row("cgroup_parent", PATH, (Value, "--cgroup-parent"), &[], &[]),
    row("cgroupns", TEXT, (AfterEquals, "--cgroupns"), &[], &[]),
    row("cgroups", TEXT, (AfterEquals, "--cgroups"), &[], &[]),
    row("chrootdirs", TEXT, (Value, "--chrootdirs"), &[], &[]),
    row("cidfile", PATH, (Value, "--cidfile"), &[], &[]),
    row("conmon_pidfile", PATH, (Value, "--conmon-pidfile"), &[], &[]),
    row("cpu_period", INT, (Value, "--cpu-period"), &[], &[]),
    row("cpu_quota", INT, (Value, "--cpu-quota"), &[], &[]),
    row("cpu_rt_period", INT, (Value, "--cpu-rt-period"), &[], &[]),
    row("cpu_rt_runtime", INT, (Value, "--cpu-rt-runtime"), &[], &[]),
    row("cpu_shares", INT, (Value, "--cpu-shares"), &[], &[]),
    row("cpus", TEXT, (Value, "--cpus"), &[], &[]),
    row("cpuset_cpus", TEXT, (Value, "--cpuset-cpus"), &[], &[]),
    row("cpuset_mems", TEXT, (Value, "--cpuset-mems"), &[], &[]),
    row("decryption_key", TEXT, (AfterEquals, "--decryption-key"), &[], &[]),
    row("detach_keys", TEXT, (Value, "--detach-keys"), &[], &[]),
    row("device", LIST, (Each, "--device"), &[], &[]),
    row("device_cgroup_rule", TEXT, (AfterEquals, "--device-cgroup-rule"), &[], &[]),
    row("device_read_bps", LIST, (Each, "--device-read-bps"), &[], &[]),
    row("device_read_iops", LIST, (Each, "--device-read-iops"), &[], &[]),
    row("device_write_bps", LIST, (Each, "--device-write-bps"), &[], &[]),
    row("device_write_iops", LIST, (Each, "--device-write-iops"), &[], &[]),
    row("dns", LIST, (Joined, "--dns"), &["dns_servers"], &[]),
    row("dns_option", TEXT, (Value, "--dns-option"), &["dns_opts"], &[]),
    row("dns_search", LIST, (Each, "--dns-search"), &["dns_search_domains"], &[]),
    row("entrypoint", TEXT, (AfterEquals, "--entrypoint"), &[], &[]),
    row("env", DICT, (Pairs, "--env"), &[], &[]),
    row("env_file", LIST, (Each, "--env-file"), &["env_files"], &[]),
    row("env_host", BOOL, (AfterEquals, "--env-host"), &[], &[]),
    row("env_merge", DICT, (Pairs, "--env-merge"), &[], &[]),
    row("etc_hosts", DICT, (ColonPairs, "--add-host"), &["add_hosts"], &[]),
    row("expose", LIST, (Each, "--expose"), &["exposed", "exposed_ports"], &[]),
    row("gidmap", LIST, (Each, "--gidmap"), &[], &[]),
    row("gpus", TEXT, (Value, "--gpus"), &[], &[]),
    row("group_add", LIST, (Each, "--group-add"), &["groups"], &[]),
    row("group_entry", TEXT, (Value, "--group-entry"), &[], &[]),
    row("healthcheck", TEXT, (Value, "--healthcheck-command"), &["health_cmd"], &[]),
    row("healthcheck_interval", TEXT, (Value, "--healthcheck-interval"), &["health_interval"], &[]),
    row("healthcheck_retries", INT, (Value, "--healthcheck-retries"), &["health_retries"], &[]),
    row("healthcheck_start_period", TEXT, (Value, "--healthcheck-start-period"), &["health_start_period"], &[]),
    row("health_log_destination", TEXT, (Value, "--health-log-destination"), &[], &[]),
    row("health_max_log_count", INT, (Value, "--health-max-log-count"), &[], &[]),
    row("health_max_log_size", INT, (Value, "--health-max-log-size"), &[], &[]),
    row("health_startup_cmd", TEXT, (Value, "--health-startup-cmd"), &[], &[]),
    row("health_startup_interval", TEXT, (Value, "--health-startup-interval"), &[], &[]),
    row("health_startup_retries", INT, (Value, "--health-startup-retries"), &[], &[]),
    row("health_startup_success", INT, (Value, "--health-startup-success"), &[], &[]),
    row("health_startup_timeout", TEXT, (Value, "--health-startup-timeout"), &[], &[]),
    row("healthcheck_timeout", TEXT, (Value, "--healthcheck-timeout"), &["health_timeout"], &[]),
    row("healthcheck_failure_action", TEXT, (Value, "--health-on-failure"), &["health_on_failure"], &["none", "kill", "restart", "stop"]),
    row("hooks_dir", LIST, (EachAfterEquals, "--hooks-dir"), &[], &[]),
    row("hostname", TEXT, (Value, "--hostname"), &[], &[]),
    row("hosts_file", TEXT, (Value, "--hosts-file"), &[], &[]),
    row("hostuser", TEXT, (Value, "--hostuser"), &[], &[]),
    row("http_proxy", BOOL, (AfterEquals, "--http-proxy"), &[], &[]),
    row("image_volume", TEXT, (Value, "--image-volume"), &[], &["bind", "tmpfs", "ignore"]),
    row("init", BOOL, (Flag, "--init"), &[], &[]),
    row("init_ctr", TEXT, (Value, "--init-ctr"), &[], &["once", "always"]),
    row("init_path", TEXT, (Value, "--init-path"), &[], &[]),
    row("interactive", BOOL, (AfterEquals, "--interactive"), &[], &[]),
    row("ip", TEXT, (Value, "--ip"), &[], &[]),
    row("ip6", TEXT, (Value, "--ip6"), &[], &[]),
    row("ipc", TEXT, (Value, "--ipc"), &["ipc_mode"], &[]),
    row("kernel_memory", TEXT, (Value, "--kernel-memory"), &[], &[]),
    row("label", DICT, (Pairs, "--label"), &["labels"], &[]),
    row("link_local_ip", TEXT, (Value, "--link-local-ip"), &[], &[]),
    row("label_file", TEXT, (Value, "--label-file"), &[], &[]),
    row("log_driver", TEXT, (Value, "--log-driver"), &[], &["k8s-file", "journald", "json-file", "passthrough", "none"]),
    row("log_level", TEXT, (Value, "--log-level"), &[], &["debug", "info", "warn", "error", "fatal", "panic"]),
    row("log_opt", DICT, (Pairs, "--log-opt"), &["log_options"], &[]),
    row("mac_address", TEXT, (Value, "--mac-address"), &[], &[]),
    row("memory", TEXT, (Value, "--memory"), &[], &[]),
    row("memory_reservation", TEXT, (Value, "--memory-reservation"), &[], &[]),
    row("memory_swap", TEXT, (Value, "--memory-swap"), &[], &[]),
    row("memory_swappiness", INT, (Value, "--memory-swappiness"), &[], &[]),
    row("mount", LIST, (Each, "--mount"), &["mounts"], &[]),
    row("network", LIST, (Each, "--network"), &["net", "network_mode"], &[]),
    row("network_aliases", LIST, (Each, "--network-alias"), &["network_alias"], &[]),
    row("no_healthcheck", BOOL, (Flag, "--no-healthcheck"), &[], &[]),
    row("no_hostname", BOOL, (AfterEquals, "--no-hostname"), &[], &[]),
    row("no_hosts", BOOL, (AfterEquals, "--no-hosts"), &[], &[]),
    row("oom_kill_disable", BOOL, (AfterEquals, "--oom-kill-disable"), &[], &[]),
    row("oom_score_adj", INT, (Value, "--oom-score-adj"), &[], &[]),
    row("os", TEXT, (Value, "--os"), &[], &[]),
    row("passwd", BOOL, (Flag, "--passwd"), &[], &[]),
    row("passwd_entry", TEXT, (Value, "--passwd-entry"), &[], &[]),
    row("personality", TEXT, (Value, "--personality"), &[], &[]),
    row("pid", TEXT, (Value, "--pid"), &["pid_mode"], &[]),
    row("pid_file", PATH, (Value, "--pid-file"), &[], &[]),
    row("pids_limit", TEXT, (Value, "--pids-limit"), &[], &[]),
    row("platform", TEXT, (Value, "--platform"), &[], &[]),
    row("pod", TEXT, (Value, "--pod"), &[], &[]),
    row("pod_id_file", PATH, (Value, "--pod-id-file"), &[], &[]),
    row("preserve_fd", LIST, (Each, "--preserve-fd"), &[], &[]),
    row("preserve_fds", TEXT, (Value, "--preserve-fds"), &[], &[]),
    row("privileged", BOOL, (AfterEquals, "--privileged"), &[], &[]),
    row("publish", LIST, (Each, "--publish"), &["ports", "published", "published_ports"], &[]),
    row("publish_all", BOOL, (AfterEquals, "--publish-all"), &[], &[]),
    row("pull", TEXT, (AfterEquals, "--pull"), &[], &["always", "missing", "never", "newer"]),
    row("rdt_class", TEXT, (Value, "--rdt-class"), &[], &[]),
    row("read_only", BOOL, (AfterEquals, "--read-only"), &[], &[]),
    row("read_only_tmpfs", BOOL, (AfterEquals, "--read-only-tmpfs"), &[], &[]),
    row("requires", LIST, (Joined, "--requires"), &[], &[]),
    row("restart_policy", TEXT, (AfterEquals, "--restart"), &[], &[]),
    row("retry", INT, (Value, "--retry"), &[], &[]),
    row("retry_delay", TEXT, (Value, "--retry-delay"), &[], &[]),
    row("rm", BOOL, (Flag, "--rm"), &["remove", "auto_remove"], &[]),
    row("rmi", BOOL, (Flag, "--rmi"), &[], &[]),
    row("rootfs", BOOL, (AfterEquals, "--rootfs"), &[], &[]),
    row("seccomp_policy", TEXT, (Value, "--seccomp-policy"), &[], &[]),
    row("secrets", LIST, (Each, "--secret"), &[], &[]),
    row("sdnotify", TEXT, (AfterEquals, "--sdnotify"), &[], &[]),
    row("security_opt", LIST, (Each, "--security-opt"), &[], &[]),
    row("shm_size", TEXT, (Value, "--shm-size"), &[], &[]),
    row("shm_size_systemd", TEXT, (Value, "--shm-size-systemd"), &[], &[]),
    row("sig_proxy", BOOL, (AfterEquals, "--sig-proxy"), &[], &[]),
    row("stop_signal", INT, (Value, "--stop-signal"), &[], &[]),
    row("stop_timeout", INT, (Value, "--stop-timeout"), &[], &[]),
    row("subgidname", TEXT, (Value, "--subgidname"), &[], &[]),
    row("subuidname", TEXT, (Value, "--subuidname"), &[], &[]),
    row("sysctl", DICT, (Pairs, "--sysctl"), &[], &[]),
    row("systemd", TEXT, (AfterEquals, "--systemd"), &[], &[]),
    row("timeout", INT, (Value, "--timeout"), &[], &[]),
    row("timezone", TEXT, (AfterEquals, "--tz"), &[], &[]),
    row("tls_verify", BOOL, (AfterEquals, "--tls-verify"), &[], &[]),
    row("tmpfs", DICT, (ColonPairs, "--tmpfs"), &[], &[]),
    row("tty", BOOL, (AfterEquals, "--tty"), &[], &[]),
    row("uidmap", LIST, (Each, "--uidmap"), &[], &[]),
    row("ulimit", LIST, (Each, "--ulimit"), &["ulimits"], &[]),
    row("umask", TEXT, (Value, "--umask"), &[], &[]),
    row("unsetenv", LIST, (Each, "--unsetenv"), &[], &[]),
    row("unsetenv_all", BOOL, (Flag, "--unsetenv-all"), &[], &[]),
    row("user", TEXT, (Value, "--user"), &[], &[]),
    row("userns", TEXT, (Value, "--userns"), &["userns_mode"], &[]),
    row("uts", TEXT, (Value, "--uts"), &[], &[]),
    row("variant", TEXT, (Value, "--variant"), &[], &[]),
    row("volume", LIST, (Each, "--volume"), &["volumes"], &[]),
    row("volumes_from", LIST, (Each, "--volumes-from"), &[], &[]),
    row("workdir", TEXT, (Value, "--workdir"), &["working_dir"], &[]),
];
