//! The one live line at a terminal: drawn at most ten times a second, never wrapped, gone before other output.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use jiff::Timestamp;

use super::run_state::RunState;
use super::sink::Sink;

/// Times a second that the line is drawn, at most.
const RATE: u8 = 10;

/// To the first column, and erase.
const CLEAR_LINE: &str = "\r\x1b[2K";

/// Keeps the live line away while something else has the terminal; clones share one state.
#[derive(Clone, Default)]
pub struct Pause(Arc<Mutex<Line>>);

#[derive(Default)]
struct Line {
    holds: usize,
    /// Where the line stands, while it does.
    shown_on: Option<Sink>,
}

impl Pause {
    /// Takes the line away until the answer is dropped: call it before asking a person something.
    #[must_use]
    pub fn hold(&self) -> Hold {
        let mut line = self.lock();
        line.holds += 1;
        line.erase();
        Hold(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        // A panic elsewhere leaves the state whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pause").field(&self.lock().holds).finish()
    }
}

impl Line {
    fn erase(&mut self) {
        if let Some(stderr) = self.shown_on.take() {
            stderr.write(CLEAR_LINE);
            stderr.flush();
        }
    }
}

/// While it lives, the live line stays away.
#[derive(Debug)]
pub struct Hold(Pause);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.lock().holds -= 1;
    }
}

/// A live line on stderr.
pub struct Progress {
    bar: ProgressBar,
    screen: Screen,
    drawn: Option<Instant>,
    pause: Pause,
}

impl Progress {
    /// Draws on `stderr`, which must be a terminal of `width` columns; none asks the terminal each time.
    #[must_use]
    pub fn new(stderr: Sink, width: Option<u16>, pause: Pause) -> Self {
        let screen = Screen { stderr, width };
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(screen.clone()), RATE);
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(ProgressStyle::with_template("{msg}").expect("a template without options"));
        Self { bar, screen, drawn: None, pause }
    }

    /// Draws `state`, unless it was drawn a moment ago or something else has the terminal.
    pub fn draw(&mut self, state: &RunState, now: Timestamp) {
        self.draw_with(|width| state.line(now, width));
    }

    /// Draws the line that fits the width it is given, unless one was drawn a moment ago or something else has the
    /// terminal.
    pub fn draw_with(&mut self, text: impl FnOnce(usize) -> String) {
        let interval = Duration::from_secs(1) / RATE.into();
        if self.drawn.is_some_and(|drawn| drawn.elapsed() < interval) {
            return;
        }
        let mut line = self.pause.lock();
        if line.holds == 0 {
            self.drawn = Some(Instant::now());
            line.shown_on = Some(self.screen.stderr.clone());
            self.bar.set_message(text(self.screen.width().into()));
        }
    }

    /// Takes the line away and lets `action` write whole lines; the line comes back when it is next drawn.
    pub fn suspend(&self, action: impl FnOnce()) {
        // Drawing it again at once, as indicatif's own `suspend` does, would flicker under a flood of lines.
        self.pause.lock().erase();
        action();
    }

    /// Takes the line away for good.
    pub fn clear(&self) {
        self.pause.lock().erase();
        self.bar.finish_and_clear();
    }
}

/// Columns of the terminal at stderr, or 80 where there is none.
#[must_use]
pub fn terminal_width() -> u16 {
    rustix::termios::tcgetwinsize(io::stderr())
        .ok()
        .map(|size| size.ws_col)
        .filter(|columns| *columns > 0)
        .unwrap_or(80)
}

/// A terminal as indicatif sees it; what is drawn reaches it in one write.
#[derive(Clone)]
struct Screen {
    stderr: Sink,
    width: Option<u16>,
}

impl Screen {
    fn move_cursor(&self, count: usize, direction: char) {
        if count > 0 {
            self.stderr.write(format!("\x1b[{count}{direction}"));
        }
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("width", &self.width).finish_non_exhaustive()
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        // A line that fills the last column makes some terminals wrap.
        self.width.unwrap_or_else(terminal_width).saturating_sub(1)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'A');
        Ok(())
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'B');
        Ok(())
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'C');
        Ok(())
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'D');
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.stderr.line(text);
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.stderr.write(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.stderr.write(CLEAR_LINE);
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        self.stderr.flush();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Page, at};
    use super::*;
    use crate::event::EventKind;

    #[test]
    fn nothing_is_drawn_while_something_else_has_the_terminal() {
        let page = Page::default();
        let pause = Pause::default();
        let mut progress = Progress::new(Sink::new(Box::new(page.clone())), Some(80), pause.clone());
        let now = at(0, EventKind::Warning(String::new())).time;
        progress.draw(&RunState::default(), now);
        assert!(page.text().starts_with("0/0"));
        let hold = pause.hold();
        let before = page.text();
        assert!(before.ends_with(CLEAR_LINE));
        progress.drawn = None;
        progress.draw(&RunState::default(), now);
        assert_eq!(page.text(), before);
        drop(hold);
        progress.draw(&RunState::default(), now);
        assert!(page.text().len() > before.len());
    }
}
