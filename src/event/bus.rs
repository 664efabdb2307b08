//! The bounded bus: engine on one side, subscribers on a thread of their own on the other.
//!
//! Never drops an event. A slow subscriber slows the senders; a sender that must not wait (a kill) does its work
//! first and reports afterwards.

use std::time::Duration;

use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Event, EventKind};

/// Events that may wait between the recorder and the renderers.
const SHOW_CAPACITY: usize = 256;

/// How long renderers that are given up may still write.
const GRACE: Duration = Duration::from_secs(1);

/// Receives every event, in order, on a thread of the bus.
pub trait Subscriber: Send {
    /// Takes one event.
    ///
    /// # Errors
    /// An error means that this subscriber cannot do its work any more; the bus stops calling it.
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError>;

    /// Called after the events that came together, before their senders are told that they are on record: one sync
    /// serves them all.
    ///
    /// # Errors
    /// As of [`Subscriber::on_event`].
    fn settle(&mut self) -> Result<(), SubscriberError> {
        Ok(())
    }

    /// Whether it needs [`EventKind::Output`] events.
    fn wants_output(&self) -> bool {
        false
    }

    /// Called about ten times a second while nothing happens, for clocks and progress.
    fn on_tick(&mut self) {}
}

/// Why a subscriber gave up.
#[derive(Debug, Error)]
pub enum SubscriberError {
    /// The record of the run cannot be kept; the run must stop before its next change.
    #[error("{0}")]
    Journal(String),
    /// Output has nowhere to go; the run goes on.
    #[error("{0}")]
    Output(std::io::Error),
}

/// What went wrong on the bus.
#[derive(Debug, Error)]
pub enum BusError {
    /// A subscriber whose word is required could not do its work.
    #[error("{0}")]
    Subscriber(String),
    /// The bus has ended.
    #[error("the event bus has ended")]
    Ended,
}

/// How long nothing happens before renderers are told of it.
const TICK: Duration = Duration::from_millis(100);

/// Events taken off a channel for one wake-up of its thread.
const TAKEN_AT_ONCE: usize = 64;

enum Message {
    Event {
        event: Event,
        ack: Option<oneshot::Sender<Result<(), String>>>,
    },
    /// Answered once all that came before is shown.
    Barrier(oneshot::Sender<()>),
}

impl Message {
    fn event(&self) -> Option<&Event> {
        match self {
            Self::Event { event, .. } => Some(event),
            Self::Barrier(_) => None,
        }
    }

    fn ack(&mut self) -> Option<oneshot::Sender<Result<(), String>>> {
        match self {
            Self::Event { ack, .. } => ack.take(),
            Self::Barrier(_) => None,
        }
    }
}

/// Sends events to the bus; cheap to clone.
#[derive(Clone)]
pub struct EventSender {
    sender: mpsc::Sender<Message>,
    wants_output: bool,
}

impl EventSender {
    /// Whether some subscriber needs [`EventKind::Output`] events.
    #[must_use]
    pub fn wants_output(&self) -> bool {
        self.wants_output
    }

    /// Sends an event, waiting for room.
    ///
    /// # Errors
    /// Fails when the bus has ended.
    pub async fn send(&self, kind: EventKind) -> Result<(), BusError> {
        let message = Message::Event { event: Event::now(kind), ack: None };
        self.sender.send(message).await.map_err(|_| BusError::Ended)
    }

    /// Sends an event if there is room at once, and tells whether there was.
    #[must_use]
    pub fn send_if_room(&self, kind: EventKind) -> bool {
        self.sender.try_send(Message::Event { event: Event::now(kind), ack: None }).is_ok()
    }

    /// Sends an event and waits until it is on record.
    ///
    /// # Errors
    /// Fails when the event, or one before it, could not be recorded, or the bus has ended.
    pub async fn send_recorded(&self, kind: EventKind) -> Result<(), BusError> {
        let (ack, done) = oneshot::channel();
        let message = Message::Event { event: Event::now(kind), ack: Some(ack) };
        self.sender.send(message).await.map_err(|_| BusError::Ended)?;
        done.await.map_err(|_| BusError::Ended)?.map_err(BusError::Subscriber)
    }

    /// Waits for what was sent, without keeping the bus alive.
    #[must_use]
    pub fn barrier(&self) -> Barrier {
        Barrier(self.sender.downgrade())
    }
}

/// Waits until all events so far are shown; keeps no bus alive.
#[derive(Clone)]
pub struct Barrier(mpsc::WeakSender<Message>);

impl Barrier {
    /// Waits until every renderer has taken what was sent before, or there is none any more.
    pub async fn reached(&self) {
        let (reached, waiting) = oneshot::channel();
        let Some(sender) = self.0.upgrade() else { return };
        if sender.send(Message::Barrier(reached)).await.is_ok() {
            drop(sender);
            // Dropped unanswered where nothing is shown any more.
            let _ = waiting.await;
        }
    }
}

/// The running bus.
pub struct Bus {
    record: oneshot::Receiver<Vec<SubscriberError>>,
    show: oneshot::Receiver<Vec<SubscriberError>>,
    switch: watch::Sender<bool>,
    journal_failed: watch::Receiver<Option<String>>,
}

/// Gives up renderers that do not get on, say because nobody reads what they write; cheap to clone.
#[derive(Clone)]
pub struct GiveUp(watch::Sender<bool>);

impl GiveUp {
    /// From now on no renderer is waited for, but for a second at the end. Each event is still recorded.
    pub fn renderers(&self) {
        self.0.send_replace(true);
    }
}

/// The renderers were given up before they had shown everything.
#[derive(Debug, PartialEq, Eq)]
pub struct GivenUp;

impl Bus {
    /// Starts the bus's threads; `capacity` is the number of events that may wait for the recorder.
    ///
    /// # Panics
    /// Panics when the system cannot start a thread.
    #[must_use]
    pub fn start(
        recorder: Box<dyn Subscriber>,
        renderers: Vec<Box<dyn Subscriber>>,
        capacity: usize,
    ) -> (EventSender, Self) {
        let (sender, receiver) = mpsc::channel(capacity);
        let (to_show, events) = mpsc::channel(SHOW_CAPACITY);
        let (failed, journal_failed) = watch::channel(None);
        let (switch, given_up) = watch::channel(false);
        let wants_output = renderers.iter().any(|renderer| renderer.wants_output()) || recorder.wants_output();
        let record = spawn("record", move || record(receiver, recorder, to_show, given_up, &failed));
        let show = spawn("show", move || show(events, renderers));
        (EventSender { sender, wants_output }, Self { record, show, switch, journal_failed })
    }

    /// Tells when (and why) the journal stopped recording.
    #[must_use]
    pub fn journal_failed(&self) -> watch::Receiver<Option<String>> {
        self.journal_failed.clone()
    }

    /// The switch that gives the renderers up.
    #[must_use]
    pub fn give_up(&self) -> GiveUp {
        GiveUp(self.switch.clone())
    }

    /// Waits until every sender is gone and every event is taken; returns what subscribers complained of.
    ///
    /// # Errors
    /// Fails when the renderers were given up. Every event is on record all the same.
    ///
    /// # Panics
    /// Panics when a subscriber panicked.
    pub async fn finish(self) -> Result<Vec<SubscriberError>, GivenUp> {
        let mut errors = self.record.await.expect("a recorder does not panic");
        let mut given_up = self.switch.subscribe();
        let patience = async {
            // The bus holds the switch, so waiting cannot fail.
            let _ = given_up.wait_for(|given_up| *given_up).await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            complaints = self.show => errors.extend(complaints.expect("renderers do not panic")),
            () = patience => return Err(GivenUp),
        }
        Ok(errors)
    }
}

/// Runs `work` on a thread of its own, which may outlive its result's receiver.
fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> oneshot::Receiver<T> {
    let (done, result) = oneshot::channel();
    let thread = move || {
        // Nobody waits any more when renderers were given up.
        let _ = done.send(work());
    };
    let started = std::thread::Builder::new().name(name.into()).spawn(thread);
    started.expect("a process that just started can start one more thread");
    result
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a current-thread runtime needs no system resources but a timer")
}

/// Hands each event to the recorder, and then on to be shown.
fn record(
    mut receiver: mpsc::Receiver<Message>,
    recorder: Box<dyn Subscriber>,
    to_show: mpsc::Sender<Message>,
    mut given_up: watch::Receiver<bool>,
    failed: &watch::Sender<Option<String>>,
) -> Vec<SubscriberError> {
    let (mut recorder, mut to_show) = (Some(recorder), Some(to_show));
    let mut errors = Vec::new();
    let runtime = runtime();
    let mut messages = Vec::with_capacity(TAKEN_AT_ONCE);
    while runtime.block_on(receiver.recv_many(&mut messages, TAKEN_AT_ONCE)) > 0 {
        for event in messages.iter().filter_map(Message::event) {
            if let Some(error) = deliver(&mut recorder, event) {
                failed.send_replace(Some(error.to_string()));
                errors.push(error);
                // A run that is not on record does not begin, so there is nothing to show of it.
                to_show = to_show.filter(|_| !matches!(event.kind, EventKind::RunStarted(_)));
            }
        }
        if let Some(error) = settle(&mut recorder) {
            failed.send_replace(Some(error.to_string()));
            errors.push(error);
        }
        for ack in messages.iter_mut().filter_map(Message::ack) {
            // The sender may have been cancelled meanwhile; then nobody needs the answer.
            let _ = ack.send(failed.borrow().clone().map_or(Ok(()), Err));
        }
        for message in messages.drain(..) {
            to_show = runtime.block_on(hand_on(to_show, message, &mut given_up));
        }
    }
    errors
}

/// Hands `message` on to the renderers unless they are given up; returns the way to them while there is one.
async fn hand_on(
    to_show: Option<mpsc::Sender<Message>>,
    message: Message,
    given_up: &mut watch::Receiver<bool>,
) -> Option<mpsc::Sender<Message>> {
    let sender = to_show?;
    let taken = tokio::select! {
        biased;
        sent = sender.send(message) => sent.is_ok(),
        Ok(_) = given_up.wait_for(|given_up| *given_up) => false,
    };
    taken.then_some(sender)
}

/// Hands each event to all renderers, and tells them the time while nothing happens.
fn show(mut receiver: mpsc::Receiver<Message>, renderers: Vec<Box<dyn Subscriber>>) -> Vec<SubscriberError> {
    let mut live: Vec<Option<Box<dyn Subscriber>>> = renderers.into_iter().map(Some).collect();
    let mut errors = Vec::new();
    let runtime = runtime();
    let mut messages = Vec::with_capacity(TAKEN_AT_ONCE);
    loop {
        let taken = receiver.recv_many(&mut messages, TAKEN_AT_ONCE);
        match runtime.block_on(async { tokio::time::timeout(TICK, taken).await }) {
            Ok(0) => return errors,
            Ok(_) => {}
            Err(_) => live.iter_mut().flatten().for_each(|renderer| renderer.on_tick()),
        }
        for message in messages.drain(..) {
            match message {
                Message::Event { event, .. } => errors.extend(live.iter_mut().filter_map(|slot| deliver(slot, &event))),
                // Whoever waited may have been cancelled.
                Message::Barrier(reached) => _ = reached.send(()),
            }
        }
    }
}

/// Hands `event` to a subscriber; one that fails is let go.
fn deliver(slot: &mut Option<Box<dyn Subscriber>>, event: &Event) -> Option<SubscriberError> {
    let is_output = matches!(event.kind, EventKind::Output { .. });
    let subscriber = slot.as_mut().filter(|subscriber| !is_output || subscriber.wants_output())?;
    let error = subscriber.on_event(event).err()?;
    *slot = None;
    Some(error)
}

/// Lets a subscriber finish what it took; one that fails is let go.
fn settle(slot: &mut Option<Box<dyn Subscriber>>) -> Option<SubscriberError> {
    let error = slot.as_mut()?.settle().err()?;
    *slot = None;
    Some(error)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::event::StopCause;

    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<String>>>);

    impl Subscriber for Seen {
        fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
            self.0.lock().unwrap().push(format!("{:?}", event.kind));
            Ok(())
        }
    }

    /// Records nothing.
    struct Full;

    impl Subscriber for Full {
        fn on_event(&mut self, _: &Event) -> Result<(), SubscriberError> {
            Err(SubscriberError::Journal("disk full".into()))
        }
    }

    /// Never returns before its other end is gone.
    struct Stuck(std::sync::mpsc::Receiver<()>);

    impl Subscriber for Stuck {
        fn on_event(&mut self, _: &Event) -> Result<(), SubscriberError> {
            _ = self.0.recv();
            Ok(())
        }
    }

    fn header() -> EventKind {
        EventKind::RunStarted(Arc::new(crate::event::RunHeader {
            run: crate::event::RunId::default(),
            verb: crate::event::Verb::Exec,
            name: None,
            invoker: crate::event::Invoker {
                user: String::new(),
                sudo_user: None,
                tty: None,
                controller: String::new(),
                directory: "/".into(),
                pid: 1,
            },
            version: String::new(),
            argv: Vec::new(),
            command: String::new(),
            inventory: Vec::new(),
            revision: None,
            pattern: String::new(),
            hosts: Vec::new(),
            forks: 1,
        }))
    }

    #[tokio::test]
    async fn nobody_hears_of_a_run_that_is_not_on_record() {
        let seen = Seen::default();
        let (events, bus) = Bus::start(Box::new(Full), vec![Box::new(seen.clone())], 8);
        assert!(events.send_recorded(header()).await.is_err());
        events.send(EventKind::Stopping(StopCause::Interrupt)).await.unwrap();
        drop(events);
        assert_eq!(bus.finish().await.unwrap().len(), 1);
        assert_eq!(seen.0.lock().unwrap().len(), 0);
    }

    #[tokio::test]
    async fn a_barrier_is_reached_after_all_that_was_sent_before() {
        let (shown, recorded) = (Seen::default(), Seen::default());
        let (events, bus) = Bus::start(Box::new(recorded), vec![Box::new(shown.clone())], 8);
        let barrier = events.barrier();
        for count in 1..=50 {
            events.send(EventKind::Stopping(StopCause::Interrupt)).await.unwrap();
            barrier.reached().await;
            assert_eq!(shown.0.lock().unwrap().len(), count);
        }
        drop(events);
        bus.finish().await.unwrap();
        barrier.reached().await;
    }

    /// Takes everything and cannot finish any of it.
    struct Unsynced;

    impl Subscriber for Unsynced {
        fn on_event(&mut self, _: &Event) -> Result<(), SubscriberError> {
            Ok(())
        }

        fn settle(&mut self) -> Result<(), SubscriberError> {
            Err(SubscriberError::Journal("no sync".into()))
        }
    }

    #[tokio::test]
    async fn what_is_not_settled_is_not_on_record() {
        let (events, bus) = Bus::start(Box::new(Unsynced), Vec::new(), 8);
        let recorded = events.send_recorded(EventKind::Stopping(StopCause::Interrupt)).await;
        assert_eq!(recorded.unwrap_err().to_string(), "no sync");
        drop(events);
        assert_eq!(bus.finish().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn renderers_that_are_stuck_can_be_given_up_and_the_record_is_whole() {
        let seen = Seen::default();
        let (release, stuck) = std::sync::mpsc::channel();
        let (events, bus) = Bus::start(Box::new(seen.clone()), vec![Box::new(Stuck(stuck))], 8);
        bus.give_up().renderers();
        for _ in 0..500 {
            events.send(EventKind::Stopping(StopCause::Interrupt)).await.unwrap();
        }
        drop(events);
        assert_eq!(bus.finish().await.unwrap_err(), GivenUp);
        assert_eq!(seen.0.lock().unwrap().len(), 500);
        drop(release);
    }
}
