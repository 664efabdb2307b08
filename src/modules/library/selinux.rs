//! `selinux`: the mode and the policy of `SELinux`.

use std::sync::Arc;

use crate::modules::clients::{Clients, accept};
use crate::modules::flow;
use crate::modules::selinux::config;
use crate::modules::{
    Args, Argument, BLANK, Content, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};

/// The module.
pub struct Selinux;

/// The module.
pub static MODULE: Selinux = Selinux;

static SPEC: Spec = Spec {
    name: "selinux",
    collections: &["ansible.posix", "ansible.builtin"],
    summary: "Sets the mode and the policy of SELinux. Unproven on a real system.",
    arguments: &[
        Argument::text("policy", "The policy: `targeted`; may be left out where it is disabled."),
        Argument::text("state", "The mode.").required().choices(&["enforcing", "permissive", "disabled"]),
        Argument::text("configfile", "The file that says so.").default("/etc/selinux/config").aliases(&["conf", "file"]),
        Argument::bool("update_kernel_param", false, "Sets the kernel's start parameters too, by `grubby`."),
    ],
    returns: &[
        Return { name: "configfile", about: "The file." },
        Return { name: "policy", about: "The policy." },
        Return { name: "state", about: "The mode." },
        Return { name: "reboot_required", about: "Whether the host must start anew." },
    ],
    ..BLANK
};

impl Module for Selinux {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let kernel = if args.bool("update_kernel_param") { "yes" } else { "" };
        let words = [args.needed("configfile"), args.needed("policy"), kernel];
        flow::ask(Question::new(&probes::SELINUX, words), move |answer| {
            let clients = Clients::read(&answer);
            let now = Now::read(&clients, &args)?;
            let plan = plan(&now, &args)?;
            if !plan.changed {
                let message = plan.messages.join(", ");
                return flow::done(TaskResult { warnings: plan.warnings, ..plan.result }.message(message));
            }
            let state = |state: &str, config: &str| format!("running: {state}\n{config}");
            let after = if plan.file.is_empty() { &now.config } else { &plan.file };
            let diff = flow::diff("selinux", state(&now.state, &now.config), state(&plan.running, after));
            let file = if plan.file.is_empty() { "" } else { args.needed("configfile") };
            let mut script = ScriptCall::new(actions::SELINUX, [plan.mode, file].iter().chain(&plan.kernel));
            script.input = Some(Content::Bytes(Arc::from(plan.file.as_bytes())));
            flow::change(vec![diff], script, move |answer| {
                accept(answer.as_ref())?;
                let message = plan.messages.join(", ");
                flow::done(TaskResult { changed: true, warnings: plan.warnings, ..plan.result }.message(message))
            })
        })
    }
}

struct Now {
    /// `enforcing`, `permissive` or `disabled`.
    state: String,
    /// The policy that runs.
    policy: String,
    config: String,
    /// Whether the policy that is wanted is installed.
    installed: bool,
    /// Whether the kernels start with it; none when they differ.
    kernels: Option<bool>,
}

impl Now {
    fn read(clients: &Clients, args: &Args) -> Result<Self, ModuleError> {
        let file = args.needed("configfile");
        if clients.find("config").is_none() {
            return Err(ModuleError::new(format!("Unable to find file {file}"))
                .field("details", "Please install SELinux-policy package, if this package is not installed previously."));
        }
        if let Some(grubby) = clients.find("grubby").filter(|grubby| grubby.rc != 0) {
            return Err(ModuleError::new(match grubby.rc {
                127 => "'grubby' command not found on host",
                _ => "unable to run grubby",
            }));
        }
        let state = match (clients.text("mode").trim(), clients.text("enforce").trim()) {
            ("Enforcing", _) | (_, "1") => "enforcing",
            ("Permissive", _) | (_, "0") => "permissive",
            _ => "disabled",
        };
        let system = clients.text("system");
        Ok(Self {
            state: state.to_owned(),
            policy: config::setting(&system, "SELINUXTYPE").unwrap_or_default().to_owned(),
            config: clients.text("config"),
            installed: clients.holds("policy"),
            kernels: config::kernels_enabled(&clients.text("grubby")),
        })
    }
}

struct Plan {
    changed: bool,
    result: TaskResult,
    messages: Vec<String>,
    warnings: Vec<String>,
    /// For `setenforce`.
    mode: &'static str,
    /// The mode that runs afterwards.
    running: String,
    /// The new text of the file.
    file: String,
    /// Options of `grubby`.
    kernel: Vec<&'static str>,
}

fn plan(now: &Now, args: &Args) -> Result<Plan, ModuleError> {
    let (state, file) = (args.needed("state"), args.needed("configfile"));
    let old_policy = config::setting(&now.config, "SELINUXTYPE").unwrap_or_default();
    let policy = match args.text("policy").filter(|policy| !policy.is_empty()) {
        Some(policy) => policy,
        None if state == "disabled" => old_policy,
        None => return Err(ModuleError::new("Policy is required if state is not 'disabled'")),
    };
    let mut plan = Plan {
        changed: false,
        result: TaskResult::ok().field("configfile", file).field("policy", policy).field("state", state),
        messages: Vec::new(),
        warnings: Vec::new(),
        mode: "",
        running: now.state.clone(),
        file: String::new(),
        kernel: Vec::new(),
    };
    if policy != now.policy {
        plan.alter(format!("Running SELinux policy changed from '{}' to '{policy}'", now.policy));
    }
    let mut text = now.config.clone();
    if policy != old_policy {
        if !now.installed {
            return Err(ModuleError::new(format!("Policy {policy} does not exist in /etc/selinux/")));
        }
        text = config::set(&text, "SELINUXTYPE", policy);
        plan.alter(format!("SELinux policy configuration in '{file}' changed from '{old_policy}' to '{policy}'"));
    }
    let reboot = plan.running_state(now, state);
    let old_state = config::setting(&now.config, "SELINUX").unwrap_or("None");
    if state != old_state {
        text = config::set(&text, "SELINUX", state);
        plan.alter(format!("Config SELinux state changed from '{old_state}' to '{state}'"));
    }
    if text != now.config {
        plan.file = text;
    }
    if args.bool("update_kernel_param") {
        plan.kernels(now.kernels, state != "disabled");
    }
    plan.result = plan.result.field("reboot_required", reboot);
    Ok(plan)
}

impl Plan {
    fn alter(&mut self, message: String) {
        self.messages.push(message);
        self.changed = true;
    }

    /// The mode that runs; gives whether the host must start anew.
    fn running_state(&mut self, now: &Now, state: &str) -> bool {
        if state == now.state {
            return false;
        }
        if now.state == "disabled" {
            self.warnings.push(format!("Reboot is required to set SELinux state to '{state}'"));
            return true;
        }
        if state == "disabled" && now.state == "permissive" {
            self.warnings.push("SELinux state change will take effect next reboot".to_owned());
            return true;
        }
        self.changed = true;
        if state == "disabled" {
            self.mode = "0";
            "permissive".clone_into(&mut self.running);
            self.warnings.push(format!(
                "SELinux state temporarily changed from '{}' to 'permissive'. State change will take effect next reboot.",
                now.state
            ));
            return true;
        }
        self.mode = if state == "enforcing" { "1" } else { "0" };
        state.clone_into(&mut self.running);
        self.messages.push(format!("SELinux state changed from '{}' to '{state}'", now.state));
        false
    }

    fn kernels(&mut self, now: Option<bool>, wanted: bool) {
        if now == Some(wanted) {
            return;
        }
        self.kernel = if wanted { vec!["--remove-args", "selinux=0"] } else { vec!["--args", "selinux=0"] };
        let name = |enabled: bool| if enabled { "enabled" } else { "disabled" };
        let before = now.map_or("<inconsistent>", |_| name(!wanted));
        self.alter(format!("Kernel SELinux state changed from '{before}' to '{}'", name(wanted)));
    }
}
