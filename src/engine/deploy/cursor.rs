//! One host's way through the tasks of a play: blocks, rescues, handlers, what was included.
//!
//! Pure: knows tasks and their order, runs nothing. A position is a path of numbers; hosts that are at the same task are
//! at the same position, and the order of positions is the order of tasks.

use std::sync::Arc;

use crate::playbook::{Block, Entry, Handler, Task};
use crate::template::Value;

/// Where a task stands in a play; the order is that of the tasks.
pub(super) type Position = Vec<u32>;

/// The parts of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Body,
    Rescue,
    Always,
}

/// A failed task and what it said: `ansible_failed_task` and `ansible_failed_result`.
#[derive(Clone, Debug)]
pub(super) struct FailedTask {
    pub task: Arc<Task>,
    pub result: Value,
}

/// Tasks that are gone through one after the other.
#[derive(Debug)]
struct Frame {
    entries: Entries,
    next: usize,
    prefix: Position,
    block: Option<BlockFrame>,
}

#[derive(Debug)]
struct BlockFrame {
    block: Arc<Block>,
    part: Part,
    /// A failure that goes on after `always`.
    pending: Option<FailedTask>,
}

#[derive(Debug)]
enum Entries {
    /// The entries of a section or an included file.
    List(Arc<[Entry]>),
    /// A part of a block.
    OfBlock(Arc<Block>, Part),
    /// The notified handlers, in the order of their definition.
    Handlers,
}

/// What becomes of a host after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterFailure {
    /// A `rescue` takes over.
    Rescued,
    /// An `always` runs, then the failure goes on.
    Always,
    /// The host has failed.
    Failed,
}

/// What is next for a host.
#[derive(Clone, Debug)]
pub(super) struct Upcoming {
    pub task: Arc<Task>,
    pub position: Position,
    /// The number of the handler that it is.
    pub handler: Option<usize>,
}

/// One host's way through a play.
#[derive(Debug)]
pub(super) struct Cursor {
    frames: Vec<Frame>,
    handlers: Arc<[Arc<Handler>]>,
    /// Which handlers are notified; as long as `handlers`.
    notified: Vec<bool>,
    /// The failures that the `rescue` parts under way are about, innermost last.
    pub failed: Vec<FailedTask>,
    /// Whether a failure has ended the host's tasks.
    pub has_failed: bool,
}

impl Cursor {
    /// At the first task of a play.
    pub fn new(entries: Arc<[Entry]>, handlers: Arc<[Arc<Handler>]>) -> Self {
        let root = Frame { entries: Entries::List(entries), next: 0, prefix: Vec::new(), block: None };
        let notified = vec![false; handlers.len()];
        Self { frames: vec![root], handlers, notified, failed: Vec::new(), has_failed: false }
    }

    /// The next task, without going past it.
    pub fn peek(&mut self) -> Option<Upcoming> {
        loop {
            let frame = self.frames.last_mut()?;
            match frame.entry(&self.handlers, &self.notified) {
                Some(Found::Task(task, place)) => {
                    let mut position = frame.prefix.clone();
                    position.push(place);
                    return Some(Upcoming { task, position, handler: None });
                }
                Some(Found::Handler(handler)) => {
                    let mut position = frame.prefix.clone();
                    position.push(number(handler));
                    let task = Arc::clone(&self.handlers[handler].task);
                    return Some(Upcoming { task, position, handler: Some(handler) });
                }
                Some(Found::Block(block, place)) => {
                    frame.next += 1;
                    let mut prefix = frame.prefix.clone();
                    prefix.push(place);
                    self.frames.push(Frame::of_block(block, Part::Body, prefix, None));
                }
                None => self.leave(),
            }
        }
    }

    /// Goes past the task that [`Cursor::peek`] gave.
    pub fn advance(&mut self) {
        let handlers = self.handlers.len();
        let Some(frame) = self.frames.last_mut() else { return };
        if let Entries::Handlers = frame.entries {
            let current = (frame.next..handlers).find(|place| self.notified[*place]);
            if let Some(current) = current {
                self.notified[current] = false;
                frame.next = current + 1;
            }
        } else {
            frame.next += 1;
        }
    }

    /// The host's present task has failed: finds what takes over.
    pub fn fail(&mut self, failure: FailedTask) -> AfterFailure {
        while let Some(frame) = self.frames.pop() {
            let Some(BlockFrame { block, part, .. }) = frame.block else { continue };
            let mut prefix = frame.prefix;
            prefix.pop();
            if part == Part::Rescue {
                self.failed.pop();
            }
            if part == Part::Body && !block.rescue.is_empty() {
                self.failed.push(failure);
                self.frames.push(Frame::of_block(block, Part::Rescue, prefix, None));
                return AfterFailure::Rescued;
            }
            if part != Part::Always && !block.always.is_empty() {
                self.frames.push(Frame::of_block(block, Part::Always, prefix, Some(failure)));
                return AfterFailure::Always;
            }
        }
        self.has_failed = true;
        AfterFailure::Failed
    }

    /// Runs the entries of an include next; `group` tells what was included apart from what other hosts included.
    pub fn include(&mut self, entries: Arc<[Entry]>, position: &Position, group: u32) {
        let mut prefix = position.clone();
        prefix.push(group);
        self.frames.push(Frame { entries: Entries::List(entries), next: 0, prefix, block: None });
    }

    /// Runs the notified handlers next.
    pub fn flush(&mut self, position: &Position) {
        if self.notified.contains(&true) {
            let prefix = position.clone();
            self.frames.push(Frame { entries: Entries::Handlers, next: 0, prefix, block: None });
        }
    }

    /// Notifies a handler by its number.
    pub fn notify(&mut self, handler: usize) {
        if let Some(notified) = self.notified.get_mut(handler) {
            *notified = true;
        }
    }

    /// Learns of the handlers of a role that was included.
    pub fn set_handlers(&mut self, handlers: Arc<[Arc<Handler>]>) {
        self.notified.resize(handlers.len(), false);
        self.handlers = handlers;
    }

    /// The handlers that are notified, in order.
    pub fn owed(&self) -> Vec<&Arc<Handler>> {
        self.handlers
            .iter()
            .zip(&self.notified)
            .filter(|(_, notified)| **notified)
            .map(|(handler, _)| handler)
            .collect()
    }

    /// Lets no failure go on after the `always` parts under way (`meta: clear_host_errors`).
    pub fn forgive(&mut self) {
        self.frames.iter_mut().filter_map(|frame| frame.block.as_mut()).for_each(|block| block.pending = None);
        self.has_failed = false;
    }

    /// Ends the host's tasks (`meta: end_host`, `end_play`).
    pub fn end(&mut self) {
        self.frames.clear();
        self.failed.clear();
        self.notified.fill(false);
    }

    /// Ends the tasks of the role under way (`meta: end_role`): whatever stands within `position`'s first numbers.
    pub fn skip_while(&mut self, stands_within: impl Fn(&Task) -> bool) {
        while let Some(upcoming) = self.peek() {
            if !stands_within(&upcoming.task) {
                return;
            }
            self.advance();
        }
    }

    /// The present frame is at its end.
    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let Some(BlockFrame { block, part, pending }) = frame.block else { return };
        if part == Part::Rescue {
            self.failed.pop();
        }
        let mut prefix = frame.prefix;
        prefix.pop();
        if part != Part::Always && !block.always.is_empty() {
            self.frames.push(Frame::of_block(block, Part::Always, prefix, None));
            return;
        }
        if let Some(failure) = pending {
            // The failure goes on where it was before `always`.
            self.fail(failure);
        }
    }
}

enum Found {
    Task(Arc<Task>, u32),
    Handler(usize),
    Block(Arc<Block>, u32),
}

impl Frame {
    fn of_block(block: Arc<Block>, part: Part, mut prefix: Position, pending: Option<FailedTask>) -> Self {
        prefix.push(part as u32);
        let entries = Entries::OfBlock(Arc::clone(&block), part);
        Self { entries, next: 0, prefix, block: Some(BlockFrame { block, part, pending }) }
    }

    fn entry(&self, handlers: &[Arc<Handler>], notified: &[bool]) -> Option<Found> {
        let entries = match &self.entries {
            Entries::List(entries) => entries,
            Entries::OfBlock(block, Part::Body) => block.body.as_slice(),
            Entries::OfBlock(block, Part::Rescue) => block.rescue.as_slice(),
            Entries::OfBlock(block, Part::Always) => block.always.as_slice(),
            Entries::Handlers => {
                return (self.next..handlers.len()).find(|place| notified[*place]).map(Found::Handler);
            }
        };
        entries.get(self.next).map(|entry| match entry {
            Entry::Task(task) => Found::Task(Arc::clone(task), number(self.next)),
            Entry::Block(block) => Found::Block(Arc::clone(block), number(self.next)),
        })
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
