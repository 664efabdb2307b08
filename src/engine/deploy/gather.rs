//! Facts, gathered when something asks for them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::PlayContext;
use super::execute::{Finished, execute_quietly};
use super::prepare::{TaskView, Verdict};
use crate::template::{Dict, Value};

/// Gathers the facts of the hosts noted, of those that are in the play; tells whether any were gathered.
pub(super) async fn gather_wanted(play: &Arc<PlayContext>, wanted: &BTreeSet<Arc<str>>) -> bool {
    let mut gathered = false;
    for host in wanted {
        if play.gathers && play.layers.run.all.contains(host) && !play.layers.store.has_facts(host) {
            gather(play, host).await;
            gathered = true;
        }
    }
    gathered
}

/// Gathers the facts of one host. A host that cannot be asked has none: the task that uses them says so, and the task
/// that needs the host fails by itself.
async fn gather(play: &Arc<PlayContext>, host: &Arc<str>) {
    // Marked first: the templates of the gathering itself may ask for facts too.
    play.layers.store.mark_gathered(host);
    let (context, name) = (Arc::clone(play), Arc::clone(host));
    let preparing =
        tokio::task::spawn_blocking(move || TaskView::new(&context, &name, &context.setup, Dict::new()).prepare());
    let prepared = match preparing.await.expect("templates do not panic") {
        Ok(Verdict::Run(prepared)) => prepared,
        Ok(Verdict::Skip(_)) => return,
        Err(failure) => return play.run.warn(format!("{host}: facts: {}", failure.message)).await,
    };
    let executed = execute_quietly(play, &prepared).await;
    match executed.outcome {
        Finished::Result(result) if result.failed => {
            let message = result.message.unwrap_or_default();
            play.run.warn(format!("{host}: facts could not be gathered: {message}")).await;
        }
        Finished::Result(result) => {
            if let Some(facts) = result.fields.get("ansible_facts").and_then(Value::as_dict) {
                play.layers.store.add_facts(host, facts);
            }
        }
        Finished::Unreachable(_) => play.layers.store.clear_facts(host),
    }
}
