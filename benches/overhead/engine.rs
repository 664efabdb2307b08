//! A whole run of scripted hosts through the engine, the shell and the bus.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use opsctl::engine::{ConnectionKind, Context, Control, Plan, PlannedHost, Work, execute};
use opsctl::event::{Bus, Event, Invoker, Outcome, RunHeader, RunId, StopCause, Subscriber, SubscriberError, Verb};
use opsctl::remote::{Command, Program};
use opsctl::transport::{ConnectOptions, HostKeyPolicy, Local, Target};

use super::HOSTS;
use super::meter::{Cost, measure};
use super::scripted::Scripted;

/// As the command line sets it.
const BUS_CAPACITY: usize = 1024;

/// The cost of a run with `forks` hosts in flight, the plan included.
pub fn run(forks: usize) -> anyhow::Result<Cost> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    measure(|| {
        let names = names();
        let (events, bus) = Bus::start(Box::new(Silent), vec![Box::new(Silent)], BUS_CAPACITY);
        let context = Context {
            ssh: Arc::new(Scripted::new(forks)),
            local: Arc::new(Local),
            events,
            warnings: Vec::new(),
            control: Control::default(),
            confirm: None,
        };
        let header = Arc::new(header(&names));
        let summary = runtime.block_on(execute(plan(&names, forks), header, context))?;
        ensure!(runtime.block_on(bus.finish()).is_ok_and(|complaints| complaints.is_empty()), "the bus complained");
        ensure!(summary.of(Outcome::Ok) == HOSTS, "not every host was ok: {summary:?}");
        Ok(())
    })
}

/// Names of the hosts of every figure.
pub fn names() -> Vec<Arc<str>> {
    (1..=HOSTS).map(|number| format!("web{number:05}.example.com").into()).collect()
}

/// The header of a run on `hosts`.
pub fn header(hosts: &[Arc<str>]) -> RunHeader {
    RunHeader {
        run: RunId::new(),
        verb: Verb::Exec,
        name: None,
        invoker: Invoker {
            user: "ada".into(),
            sudo_user: None,
            tty: None,
            controller: "control".into(),
            directory: "/srv".into(),
            pid: 1,
        },
        version: env!("CARGO_PKG_VERSION").into(),
        argv: ["opsctl", "exec", "all", "--", "uptime"].map(String::from).to_vec(),
        command: "uptime".into(),
        inventory: Vec::new(),
        revision: None,
        pattern: "all".into(),
        hosts: hosts.to_vec(),
        forks: 64,
    }
}

fn plan(names: &[Arc<str>], forks: usize) -> Plan {
    let line = Program::Line { shell: "/bin/sh".into(), line: "uptime".into() };
    Plan {
        hosts: names.iter().map(planned).collect(),
        work: Work::Exec { command: Command::new(line), shell_is_fixed: false, input: None },
        forks,
        batches: Vec::new(),
        pause: Duration::ZERO,
        connect: ConnectOptions { timeout: Duration::from_mins(1), host_keys: HostKeyPolicy::Strict },
        retries: 0,
        timeout: Some(Duration::from_mins(5)),
        deadline: None,
        failure_budget: None,
        budget_cause: StopCause::Budget,
        ok_codes: vec![0],
    }
}

fn planned(name: &Arc<str>) -> PlannedHost {
    let target = Target {
        host: Arc::clone(name),
        address: name.to_string(),
        user: Some("deploy".into()),
        port: Some(22),
        ..Target::default()
    };
    PlannedHost { name: Arc::clone(name), connection: ConnectionKind::Ssh, target, privilege: None, shell: None }
}

/// Takes every event and does nothing with it.
struct Silent;

impl Subscriber for Silent {
    fn on_event(&mut self, _event: &Event) -> Result<(), SubscriberError> {
        Ok(())
    }
}
