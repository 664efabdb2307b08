//! The bounded bus: engine on one side, subscribers on a thread of their own on the other.
//!
//! Never drops an event. A slow subscriber slows the senders; a sender that must not wait (a kill) does its work
//! first and reports afterwards.

use std::thread::JoinHandle;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Event, EventKind};

/// Receives every event, in order, on the bus's thread.
pub trait Subscriber: Send {
    /// Takes one event.
    ///
    /// # Errors
    /// An error means that this subscriber cannot do its work any more; the bus stops calling it.
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError>;

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

/// How long nothing happens before subscribers are told of it.
const TICK: Duration = Duration::from_millis(100);

/// Events taken off the channel for one wake-up of the bus's thread.
const TAKEN_AT_ONCE: usize = 64;

struct Message {
    event: Event,
    ack: Option<oneshot::Sender<Result<(), String>>>,
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
        self.sender.send(Message { event: Event::now(kind), ack: None }).await.map_err(|_| BusError::Ended)
    }

    /// Sends an event if there is room at once, and tells whether there was.
    #[must_use]
    pub fn send_if_room(&self, kind: EventKind) -> bool {
        self.sender.try_send(Message { event: Event::now(kind), ack: None }).is_ok()
    }

    /// Sends an event and waits until every subscriber has taken it.
    ///
    /// # Errors
    /// Fails when the journal could not record the event, or the bus has ended.
    pub async fn send_recorded(&self, kind: EventKind) -> Result<(), BusError> {
        let (ack, done) = oneshot::channel();
        let message = Message { event: Event::now(kind), ack: Some(ack) };
        self.sender.send(message).await.map_err(|_| BusError::Ended)?;
        done.await.map_err(|_| BusError::Ended)?.map_err(BusError::Subscriber)
    }
}

/// The running bus.
pub struct Bus {
    thread: JoinHandle<Vec<SubscriberError>>,
    journal_failed: watch::Receiver<Option<String>>,
}

impl Bus {
    /// Starts the bus's thread; `capacity` is the number of events that may wait.
    ///
    /// # Panics
    /// Panics when the system cannot start a thread.
    #[must_use]
    pub fn start(subscribers: Vec<Box<dyn Subscriber>>, capacity: usize) -> (EventSender, Self) {
        let (sender, receiver) = mpsc::channel(capacity);
        let (failed, journal_failed) = watch::channel(None);
        let wants_output = subscribers.iter().any(|subscriber| subscriber.wants_output());
        let thread = std::thread::Builder::new()
            .name("events".into())
            .spawn(move || pump(receiver, subscribers, &failed))
            .expect("a process that just started can start one more thread");
        (EventSender { sender, wants_output }, Self { thread, journal_failed })
    }

    /// Tells when (and why) the journal stopped recording.
    #[must_use]
    pub fn journal_failed(&self) -> watch::Receiver<Option<String>> {
        self.journal_failed.clone()
    }

    /// Waits until every sender is gone and every event is taken; returns what subscribers complained of.
    ///
    /// # Panics
    /// Panics when a subscriber panicked.
    #[must_use]
    pub fn finish(self) -> Vec<SubscriberError> {
        self.thread.join().expect("subscribers do not panic")
    }
}

fn pump(
    mut receiver: mpsc::Receiver<Message>,
    subscribers: Vec<Box<dyn Subscriber>>,
    failed: &watch::Sender<Option<String>>,
) -> Vec<SubscriberError> {
    let mut live: Vec<Option<Box<dyn Subscriber>>> = subscribers.into_iter().map(Some).collect();
    let mut errors = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a current-thread runtime needs no system resources but a timer");
    let mut messages = Vec::with_capacity(TAKEN_AT_ONCE);
    loop {
        let taken = receiver.recv_many(&mut messages, TAKEN_AT_ONCE);
        match runtime.block_on(async { tokio::time::timeout(TICK, taken).await }) {
            Ok(0) => return errors,
            Ok(_) => {}
            Err(_) => live.iter_mut().flatten().for_each(|subscriber| subscriber.on_tick()),
        }
        for message in messages.drain(..) {
            let result = deliver(&mut live, &message.event, &mut errors, failed);
            if let Some(ack) = message.ack {
                // The sender may have been cancelled meanwhile; then nobody needs the answer.
                let _ = ack.send(result);
            }
        }
    }
}

fn deliver(
    live: &mut [Option<Box<dyn Subscriber>>],
    event: &Event,
    errors: &mut Vec<SubscriberError>,
    failed: &watch::Sender<Option<String>>,
) -> Result<(), String> {
    for slot in live {
        let Some(subscriber) = slot else { continue };
        if matches!(event.kind, EventKind::Output { .. }) && !subscriber.wants_output() {
            continue;
        }
        if let Err(error) = subscriber.on_event(event) {
            *slot = None;
            if let SubscriberError::Journal(reason) = &error {
                failed.send_replace(Some(reason.clone()));
            }
            errors.push(error);
        }
    }
    failed.borrow().clone().map_or(Ok(()), Err)
}
