//! The live line of a run of playbooks: the task under way, and the hosts that it waits for.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::task::title;
use super::{Open, names};
use crate::render::Pause;
use crate::render::progress::Progress;
use crate::render::run_state::since;
use crate::render::sink::Sink;

/// What turns while something runs.
const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Hosts that are waited for are named when there are no more.
const NAMED: usize = 20;

pub(super) struct Live {
    progress: Progress,
    frame: usize,
}

impl Live {
    pub fn new(stderr: Sink, width: Option<u16>, pause: Pause) -> Self {
        Self { progress: Progress::new(stderr, width, pause), frame: 0 }
    }

    /// Draws what is under way, unless that was done a moment ago.
    pub fn draw<'a>(&mut self, open: impl Iterator<Item = &'a Open>, hosts: &[Arc<str>], now: Timestamp) {
        let (frame, mut drawn) = (FRAMES[self.frame % FRAMES.len()], false);
        self.progress.draw_with(|width| {
            drawn = true;
            line(&open.collect::<Vec<_>>(), hosts, frame, now, width)
        });
        self.frame += usize::from(drawn);
    }

    pub fn suspend(&self, write: impl FnOnce()) {
        self.progress.suspend(write);
    }

    pub fn clear(&self) {
        self.progress.clear();
    }
}

/// The line, in at most `width` columns.
pub(super) fn line(open: &[&Open], hosts: &[Arc<str>], frame: char, now: Timestamp, width: usize) -> String {
    let text = match open {
        [] => format!("{frame}"),
        [task] => of_one(task, hosts, frame, now),
        [first, ..] => {
            let oldest = open.iter().map(|open| open.started).min().unwrap_or(first.started);
            format!("{frame} {} tasks under way · {}", open.len(), since(oldest, now))
        }
    };
    fit(&text, width)
}

fn of_one(open: &Open, hosts: &[Arc<str>], frame: char, now: Timestamp) -> String {
    let mut parts = vec![format!("{frame} {}", title(&open.task))];
    let ended: HashSet<&Arc<str>> = open.ended.iter().map(|report| &report.host).collect();
    if let Some(total) = open.task.hosts.map(|total| total as usize).filter(|total| *total > 1) {
        parts.push(format!("{}/{total}", ended.len()));
        let waiting: Vec<&str> = hosts.iter().filter(|host| !ended.contains(host)).map(|host| &**host).collect();
        if !ended.is_empty() && waiting.len() + ended.len() == total && waiting.len() <= NAMED {
            parts.push(names(&waiting));
        }
    }
    parts.push(since(open.started, now));
    parts.join(" · ")
}

/// The text cut to `width` columns.
fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or_default();
        used < width
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    if width > 0 {
        cut.push('…');
    }
    cut
}
