//! `vars_files`: variables of a play that stand in files, whose names may differ from host to host.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::context::{PlayContext, RunContext};
use super::gather::{Gathered, gather_wanted};
use super::vars::TaskScope;
use crate::playbook::Play;
use crate::template::{Dict, SearchPath, Templar, TemplateErrorKind, Value};

/// Whether a name holds a template, and so may be another one for each host.
pub(super) fn differ(play: &Play) -> bool {
    let is_template = |name: &Value| matches!(name, Value::String(text) if text.is_active());
    play.vars_files.iter().any(|file| match file {
        Value::List(names) => names.iter().any(is_template),
        name => is_template(name),
    })
}

/// What the files hold that are the same for all hosts.
///
/// # Errors
/// When a file is not there or is wrong.
pub(super) fn shared(run: &RunContext, play: &Play, templar: &Templar) -> Result<Dict, String> {
    load(run, &found(play, templar, Undefined::Refused)?.paths)
}

/// Gives each host what its files hold; facts that their names ask for are gathered first.
///
/// # Errors
/// When a file is not there or is wrong.
pub(super) async fn of_hosts(play: &Arc<PlayContext>, hosts: &[Arc<str>]) -> Result<(), String> {
    let slots = Arc::new(Semaphore::new(play.run.options.forks.max(1)));
    let mut running = JoinSet::new();
    for host in hosts {
        let (play, host, slots) = (Arc::clone(play), Arc::clone(host), Arc::clone(&slots));
        running.spawn(async move {
            let _slot = slots.acquire_owned().await.expect("the semaphore is never closed");
            let found = of_host(&play, &host).await;
            (host, found)
        });
    }
    let mut loaded: HashMap<Vec<PathBuf>, Arc<Dict>> = HashMap::new();
    while let Some(ended) = running.join_next().await {
        let (host, found) = ended.expect("finding files neither panics nor is aborted");
        let Found { paths, left } = found?;
        for why in left {
            play.run.warn(format!("{host}: vars_files: a file is left out: {why}")).await;
        }
        let vars = match loaded.get(&paths) {
            Some(vars) => Arc::clone(vars),
            None => Arc::new(load(&play.run, &paths)?),
        };
        loaded.insert(paths, Arc::clone(&vars));
        play.layers.play.files.set(&host, vars);
    }
    Ok(())
}

async fn of_host(play: &Arc<PlayContext>, host: &Arc<str>) -> Result<Found, String> {
    loop {
        let (context, name) = (Arc::clone(play), Arc::clone(host));
        let finding = tokio::task::spawn_blocking(move || {
            let directory = &context.play.directory;
            let search = Arc::new(SearchPath { directories: vec![directory.clone()], playbook: directory.clone() });
            let layers = context.fresh_layers();
            let scope = TaskScope::new(&layers, &name, None, Arc::clone(&search));
            let templar = Templar::new(Arc::clone(&layers.environment), Arc::new(scope), search);
            let knows_all = context.layers.store.has_facts(&name);
            let undefined = if knows_all { Undefined::Refused } else { Undefined::LeftOut };
            (found(&context.play, &templar, undefined), layers.wanted.take())
        });
        let (found, wanted) = finding.await.expect("templates do not panic");
        match gather_wanted(play, &wanted, host).await {
            Gathered::Nothing => return found,
            Gathered::Facts => {}
            // Its first task tells of that.
            Gathered::Lost(_) => return Ok(Found { paths: Vec::new(), left: Vec::new() }),
        }
    }
}

/// What becomes of a name that refers to what is not defined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undefined {
    /// The play cannot begin.
    Refused,
    /// As in Ansible while there are no facts: the file is left out.
    LeftOut,
}

/// Files that are there, in order, and why others are left out.
struct Found {
    paths: Vec<PathBuf>,
    left: Vec<String>,
}

fn found(play: &Play, templar: &Templar, undefined: Undefined) -> Result<Found, String> {
    let mut all = Found { paths: Vec::new(), left: Vec::new() };
    'files: for file in &play.vars_files {
        let alternatives = match file {
            Value::List(names) => names.as_slice(),
            name => std::slice::from_ref(name),
        };
        let mut looked = Vec::new();
        for name in alternatives {
            let name = match templar.render(name) {
                Ok(name) => name.to_string(),
                Err(error) if error.kind == TemplateErrorKind::Undefined && undefined == Undefined::LeftOut => {
                    all.left.push(error.to_string());
                    continue 'files;
                }
                Err(error) => return Err(format!("vars_files: {error}")),
            };
            if let Some(path) = templar.search().find("vars", &name) {
                all.paths.push(path);
                continue 'files;
            }
            looked.push(name);
        }
        return Err(format!("vars_files: there is no {}", looked.join(", nor ")));
    }
    Ok(all)
}

fn load(run: &RunContext, paths: &[PathBuf]) -> Result<Dict, String> {
    let mut vars = Dict::new();
    for path in paths {
        let loaded = run.loader.vars_file(path);
        vars.extend(loaded.map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?);
    }
    Ok(vars)
}
