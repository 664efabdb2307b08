//! Where a task runs and as whom: connection variables over keywords over arguments.

use std::fmt;
use std::sync::Arc;

use super::prepare::{NotPrepared, TaskView};
use super::vars::TaskScope;
use crate::engine::PlannedHost;
use crate::inventory::{ConnectionVars, HostVars, Source, Var};
use crate::playbook::Keywords;
use crate::template::{Templar, Value};

/// Completes what variables and keywords say by arguments, configuration and passwords.
pub trait Connections: Send + Sync {
    /// How the host is reached.
    ///
    /// # Errors
    /// When that cannot be done, for example for want of a password.
    fn plan(&self, vars: ConnectionVars) -> Result<PlannedHost, String>;
}

/// Where a task runs and as whom.
#[derive(Clone)]
pub(super) struct Reached(pub Arc<PlannedHost>);

impl fmt::Debug for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.name.fmt(f)
    }
}

/// Keywords, and the variables that are stronger.
type Pick = fn(&Keywords) -> Option<&Value>;
const KEYWORDS: [(&str, &[&str], Pick); 7] = [
    ("ansible_become", &["ansible_become", "ansible_sudo", "ansible_su"], |keywords| keywords.r#become.as_ref()),
    ("ansible_become_user", &["ansible_become_user", "ansible_sudo_user"], |keywords| keywords.become_user.as_ref()),
    ("ansible_become_method", &["ansible_become_method"], |keywords| keywords.become_method.as_ref()),
    ("ansible_become_flags", &["ansible_become_flags"], |keywords| keywords.become_flags.as_ref()),
    ("ansible_become_exe", &["ansible_become_exe"], |keywords| keywords.become_exe.as_ref()),
    ("ansible_user", &["ansible_user", "ansible_ssh_user"], |keywords| keywords.remote_user.as_ref()),
    ("ansible_port", &["ansible_port", "ansible_ssh_port"], |keywords| keywords.port.as_ref()),
];

/// Where a task runs: on its host, or on the one that it is delegated to.
pub(super) fn reached(view: &TaskView, delegate: Option<&Arc<str>>) -> Result<Reached, NotPrepared> {
    let host = delegate.unwrap_or(&view.host);
    let templar = match delegate {
        None => view.templar.clone(),
        Some(host) => {
            view.play.layers.store.ensure(host);
            let scope = TaskScope::new(&view.play.layers, host, None, Arc::clone(&view.search));
            view.templar.with_scope(Arc::new(scope))
        }
    };
    let mut vars = found(&templar)?;
    for (name, stronger, pick) in KEYWORDS {
        if !stronger.iter().any(|name| vars.iter().any(|(found, _)| found == name)) {
            vars.extend(view.keyword(pick)?.map(|value| (name, variable(&value, "keyword"))));
        }
    }
    // A keyword says how the play's own hosts are reached; whoever is delegated to has a way of their own.
    let connection = vars.iter().any(|(name, _)| *name == "ansible_connection");
    if !connection && delegate.is_none() {
        let keyword = view.keyword(|keywords| keywords.connection.as_ref())?;
        vars.extend(keyword.map(|value| ("ansible_connection", variable(&value, "keyword"))));
    }
    if !connection && delegate.is_some() && is_this_machine(host) && view.play.layers.store.is_implicit(host) {
        vars.push(("ansible_connection", variable(&Value::text("local"), "implicit")));
    }
    for (name, value) in &view.play.run.options.ssh_args {
        if !vars.iter().any(|(found, _)| found == name) {
            vars.push((name, variable(&Value::text(value.as_str()), "ansible.cfg")));
        }
    }
    let borrowed: HostVars<'_> = vars.iter().map(|(name, var)| (*name, var)).collect();
    let vars = ConnectionVars::of(host, &borrowed).map_err(|error| NotPrepared::new(error.to_string()))?;
    let planned = view.play.run.connections.plan(vars).map_err(NotPrepared::new)?;
    let of_privilege = planned.privilege.as_ref().and_then(|privilege| privilege.password.as_ref());
    for password in planned.target.password.iter().chain(of_privilege) {
        view.templar.environment().add_secret(password.expose());
    }
    Ok(Reached(Arc::new(planned)))
}

/// The connection variables that are set, templated.
fn found(templar: &Templar) -> Result<Vec<(&'static str, Var)>, NotPrepared> {
    let mut found = Vec::new();
    for name in ConnectionVars::NAMES {
        let Some(raw) = templar.scope().get(name) else { continue };
        let value = templar.render(&raw)?;
        if !matches!(value, Value::Omit | Value::Null) {
            found.push((*name, variable(&value, "variable")));
        }
    }
    Ok(found)
}

fn variable(value: &Value, file: &str) -> Var {
    Var { value: value.to_json(), source: Source { file: file.into(), line: None } }
}

/// Whether a name means this machine where no inventory lists it.
pub(super) fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}
