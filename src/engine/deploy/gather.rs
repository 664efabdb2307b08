//! Facts, gathered when something asks for them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::PlayContext;
use super::execute::{Finished, execute_quietly};
use super::prepare::{TaskView, Verdict};
use super::vars::FactsWanted;
use crate::template::{Dict, Value};

/// What came of gathering.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Gathered {
    /// There was nothing to gather.
    Nothing,
    /// Facts were gathered: what asked for them can be computed again.
    Facts,
    /// The very host could not be reached; why.
    Lost(String),
}

/// Gathers the facts of the hosts noted, of those that are in the play, for `own`.
pub(super) async fn gather_wanted(play: &Arc<PlayContext>, wanted: &BTreeSet<Arc<str>>, own: &Arc<str>) -> Gathered {
    let mut gathered = Gathered::Nothing;
    for host in wanted {
        if play.gathers && play.layers.run.all.contains(host) && !play.layers.store.has_facts(host) {
            gathered = Gathered::Facts;
            match gather(play, host).await {
                Ok(()) => {}
                Err(error) if host == own => {
                    play.layers.store.clear_facts(host);
                    return Gathered::Lost(error);
                }
                // Others are not asked again for what this one wants to know of them.
                Err(_) => play.layers.store.forget_facts(host),
            }
        }
    }
    gathered
}

/// Whether facts are asked for that can be gathered.
pub(super) fn can_gather(play: &PlayContext, wanted: &FactsWanted) -> bool {
    play.gathers && wanted.any(|host| play.layers.run.all.contains(host) && !play.layers.store.has_facts(host))
}

/// Gathers the facts of one host. Where that fails it has none: the task that uses them says so.
///
/// # Errors
/// When the host cannot be reached.
async fn gather(play: &Arc<PlayContext>, host: &Arc<str>) -> Result<(), String> {
    // Marked first: the templates of the gathering itself may ask for facts too.
    play.layers.store.mark_gathered(host);
    let (context, name) = (Arc::clone(play), Arc::clone(host));
    let preparing =
        tokio::task::spawn_blocking(move || TaskView::new(&context, &name, &context.setup, Dict::new()).prepare());
    let prepared = match preparing.await.expect("templates do not panic") {
        Ok(Verdict::Run(prepared)) => prepared,
        Ok(Verdict::Skip(_)) => return Ok(()),
        Err(failure) => {
            play.run.warn(format!("{host}: facts: {}", failure.message)).await;
            return Ok(());
        }
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
        Finished::Unreachable(error) => return Err(error),
    }
    Ok(())
}
