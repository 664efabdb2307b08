//! `docker_container`: containers of docker.

use crate::modules::containers::{docker, mounts, networks, plan, special};
use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext};

/// The module.
pub struct DockerContainer;

/// The module.
pub static MODULE: DockerContainer = DockerContainer;

static SPEC: Spec = Spec {
    name: "docker_container",
    collections: &["community.docker", "community.general"],
    summary: "Makes, starts, stops and removes containers of docker. Unproven on a real system.",
    arguments: &[
        Argument::text("name", "Its name.").required(),
        Argument::text("state", "What is wanted of it.").default("started").choices(&[
            "absent", "present", "healthy", "started", "stopped",
        ]),
        Argument::text("image", "Its image: a name or `sha256:…`."),
        Argument::of("pull", Kind::Raw, "When the image is fetched: `missing`, `always`, `never`; a boolean for the first two.").default("missing"),
        Argument::text("pull_check_mode_behavior", "What check mode says of `pull: always`.").default("image_not_present").choices(&[
            "image_not_present", "always",
        ]),
        Argument::text("image_name_mismatch", "What is done when the same image has another name.").default("recreate").choices(&[
            "ignore", "recreate",
        ]),
        Argument::of("command", Kind::Raw, "What it runs: a line or a list of words."),
        Argument::text("command_handling", "How an empty command counts: as one, or as none.").default("correct").choices(&[
            "compatibility", "correct",
        ]),
        Argument::list("entrypoint", "What its command is given to; words after the first stand before the command."),
        Argument::of("comparisons", Kind::Dict, "How options are compared: `strict`, `ignore`, `allow_more_present`; `*` for all."),
        Argument::text("container_default_behavior", "Whether what is not given has defaults.").default("no_defaults").choices(&[
            "compatibility", "no_defaults",
        ]),
        Argument::bool("recreate", false, "Makes it anew."),
        Argument::bool("restart", false, "Starts it anew when it runs."),
        Argument::of("paused", Kind::Bool, "Whether it is paused."),
        Argument::of("detach", Kind::Bool, "Whether its end is not waited for."),
        Argument::bool("cleanup", false, "Removes it after its end; with `detach: false`."),
        Argument::bool("force_kill", false, "Kills it instead of stopping it.").aliases(&["forcekill"]),
        Argument::text("kill_signal", "With which signal."),
        Argument::bool("keep_volumes", true, "Keeps volumes without a name when it is removed."),
        Argument::of("healthy_wait_timeout", Kind::Float, "Seconds until it must be healthy.").default("300"),
        Argument::of("networks", Kind::DictList(networks::NETWORK), "Its networks."),
        Argument::bool("networks_cli_compatible", true, "Whether the first of them takes the place of the usual one."),
        Argument::bool("purge_networks", false, "Leaves other networks."),
        Argument::text("network_mode", "`bridge`, `host`, `none`, `container:NAME`, or a network."),
        Argument::list("published_ports", "Ports of the host that lead into it: `8080:80`.").aliases(&["ports"]),
        Argument::list("exposed_ports", "Ports that it exposes.").aliases(&["exposed", "expose"]),
        Argument::of("publish_all_ports", Kind::Bool, "Publishes all that it exposes."),
        Argument::text("default_host_ip", "The address of ports that name none."),
        Argument::list("volumes", "`SOURCE:TARGET[:MODE]`, or a path."),
        Argument::of("mounts", Kind::DictList(mounts::MOUNT), "Mounts."),
        Argument::list("volumes_from", "Containers whose volumes it gets."),
        Argument::text("volume_driver", "The driver of its volumes."),
        Argument::list("tmpfs", "Paths in memory: `/run:size=64m`."),
        Argument::of("env", Kind::Dict, "Its environment; texts. No process list shows it."),
        Argument::of("labels", Kind::Dict, "Its labels."),
        Argument::text("restart_policy", "When docker starts it again.").choices(&["no", "on-failure", "always", "unless-stopped"]),
        Argument::int("restart_retries", "How often, with `on-failure`."),
        Argument::of("healthcheck", Kind::Entries(special::HEALTHCHECK), "How it is told whether it is healthy."),
        Argument::text("user", "Who it runs as."),
        Argument::list("groups", "Further groups of its user."),
        Argument::text("hostname", "Its host name."),
        Argument::text("domainname", "Its domain."),
        Argument::text("working_dir", "Its working directory."),
        Argument::of("privileged", Kind::Bool, "Whether it may do everything."),
        Argument::list("capabilities", "Capabilities that it has besides."),
        Argument::list("cap_drop", "Capabilities that it lacks."),
        Argument::list("security_opts", "Security options."),
        Argument::list("devices", "Devices: `HOST[:CONTAINER[:rwm]]`."),
        Argument::list("device_cgroup_rules", "Rules for devices."),
        Argument::of("read_only", Kind::Bool, "Whether its own files cannot be written."),
        Argument::of("init", Kind::Bool, "Whether an init runs in it."),
        Argument::of("tty", Kind::Bool, "Whether it has a terminal."),
        Argument::of("interactive", Kind::Bool, "Whether its input stays open."),
        Argument::of("auto_remove", Kind::Bool, "Whether docker removes it after its end."),
        Argument::text("memory", "The most memory that it gets: `512M`."),
        Argument::text("memory_reservation", "What it gets when memory is short."),
        Argument::text("memory_swap", "Memory and swap; `unlimited`."),
        Argument::int("memory_swappiness", "0 to 100."),
        Argument::text("shm_size", "Size of `/dev/shm`."),
        Argument::of("cpus", Kind::Float, "How many processors it gets."),
        Argument::int("cpu_period", "In microseconds."),
        Argument::int("cpu_quota", "In microseconds."),
        Argument::int("cpu_shares", "Its weight."),
        Argument::text("cpuset_cpus", "Which processors."),
        Argument::text("cpuset_mems", "Which memory nodes."),
        Argument::int("blkio_weight", "Its weight, 10 to 1000."),
        Argument::int("pids_limit", "How many processes it may have."),
        Argument::of("oom_killer", Kind::Bool, "Whether the kernel does not kill it when memory is short."),
        Argument::int("oom_score_adj", "How soon the kernel kills it."),
        Argument::list("ulimits", "Limits: `nofile:1024:2048`."),
        Argument::of("sysctls", Kind::Dict, "Kernel parameters."),
        Argument::of("storage_opts", Kind::Dict, "Options of the storage driver."),
        Argument::of("etc_hosts", Kind::Dict, "Hosts that it knows: name and address."),
        Argument::list("dns_servers", "Its name servers."),
        Argument::list("dns_search_domains", "Its search domains."),
        Argument::list("dns_opts", "Options for its resolver."),
        Argument::list("links", "Containers that it sees by name: `NAME[:ALIAS]`."),
        Argument::text("log_driver", "What keeps its output."),
        Argument::of("log_options", Kind::Dict, "Options of that.").aliases(&["log_opt"]),
        Argument::text("ipc_mode", "`host`, `private`, `container:NAME`, …"),
        Argument::text("pid_mode", "`host`, `container:NAME`."),
        Argument::text("userns_mode", "`host`."),
        Argument::text("uts", "`host`."),
        Argument::text("cgroupns_mode", "Whose control groups it sees.").choices(&["private", "host"]),
        Argument::text("cgroup_parent", "The control group above its own."),
        Argument::text("runtime", "What runs it."),
        Argument::text("stop_signal", "What it is stopped with."),
        Argument::int("stop_timeout", "Seconds until it is killed instead."),
        docker::TIMEOUT,
        docker::DEBUG,
    ],
    rules: &[Rule::If("state", "present", &["image"]), Rule::By("restart_retries", &["restart_policy"]), Rule::By("log_options", &["log_driver"])],
    returns: &[
        Return { name: "container", about: "What `docker inspect` says of it; `Output` with `detach: false`." },
        Return { name: "status", about: "Its exit code, with `detach: false`." },
    ],
    ..BLANK
};

impl Module for DockerContainer {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        plan::start(&context, &SPEC)
    }
}
