//! Waits until a question is answered as wanted.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::answers::last_line;
use super::{Access, Session, Trouble, check_names};
use crate::modules::{Answer, Link, Question, Wait, Waited};
use crate::remote::{Limits, StopSignal};

impl Session {
    /// Asks until the answer is the wanted one or the limit has passed. With [`Link::Reconnect`] each try makes a new
    /// connection, and one that cannot be made is only a try that failed.
    ///
    /// # Errors
    /// When the host cannot be asked any more, or the run was stopped.
    pub async fn wait(&mut self, access: &Access, wait: &mut Wait, stop: &mut StopSignal) -> Result<Waited, Trouble> {
        let names = wait.until.secrets.iter().map(|(name, _)| name.as_str());
        check_names(access, names)?;
        let begun = Instant::now();
        let end = begun + wait.limit;
        let mut last = String::new();
        pause(wait.delay.min(wait.limit), stop).await?;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Waited { elapsed: begun.elapsed(), answer: None, last });
            }
            match self.attempt(access, &wait.until, wait.link, left, stop).await? {
                Ok(answer) if (wait.accepts)(&answer) => {
                    return Ok(Waited { elapsed: begun.elapsed(), answer: Some(answer), last });
                }
                Ok(answer) => last = word(&answer),
                Err(reason) => last = reason,
            }
            let left = end.saturating_duration_since(Instant::now());
            pause(wait.every.min(left), stop).await?;
        }
    }

    /// One try; the inner error is one that another try may mend.
    async fn attempt(
        &mut self,
        access: &Access,
        until: &Question,
        link: Link,
        left: Duration,
        stop: &mut StopSignal,
    ) -> Result<Result<Answer, String>, Trouble> {
        let reconnects = link == Link::Reconnect;
        if reconnects {
            self.reset().await;
        }
        let question = std::slice::from_ref(until);
        let limits = Limits { timeout: Some(left) };
        let asked = if reconnects {
            // A host that goes down may take a connection and say nothing more.
            timeout(left, self.ask(access, question, limits, stop))
                .await
                .unwrap_or(Err(Trouble::TimedOut { fate: None }))
        } else {
            self.ask(access, question, limits, stop).await
        };
        match asked {
            Ok(mut answers) => Ok(Ok(answers.swap_remove(0))),
            Err(Trouble::Stopped { fate }) => Err(Trouble::Stopped { fate }),
            Err(Trouble::TimedOut { .. }) => Ok(Err("no answer came in time".to_owned())),
            Err(trouble) if reconnects => Ok(Err(trouble.to_string())),
            Err(trouble) => Err(trouble),
        }
    }
}

/// What an answer that was not the wanted one says.
fn word(answer: &Answer) -> String {
    let said = last_line(&answer.stderr).or_else(|| last_line(&answer.stdout));
    said.unwrap_or_else(|| format!("exit code {}", answer.rc))
}

async fn pause(duration: Duration, stop: &mut StopSignal) -> Result<(), Trouble> {
    tokio::select! {
        () = sleep(duration) => Ok(()),
        () = stop.raised() => Err(Trouble::Stopped { fate: None }),
    }
}
