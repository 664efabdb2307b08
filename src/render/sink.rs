//! An output stream that may go away: writing to it never fails, what went wrong is told at the end.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shares one writer between renderers.
#[derive(Clone)]
pub struct Sink {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    writer: io::BufWriter<Box<dyn Write + Send>>,
    end: Option<io::Error>,
}

impl Sink {
    /// Wraps `writer`; nothing reaches it before [`Sink::flush`] or a full buffer.
    #[must_use]
    pub fn new(writer: Box<dyn Write + Send>) -> Self {
        let inner = Inner { writer: io::BufWriter::with_capacity(64 * 1024, writer), end: None };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// Writes `text`, unless the stream has gone away.
    pub fn write(&self, text: impl AsRef<[u8]>) {
        self.attempt(|writer| writer.write_all(text.as_ref()));
    }

    /// Writes `text` and a newline.
    pub fn line(&self, text: impl AsRef<[u8]>) {
        self.write(text);
        self.write("\n");
    }

    /// Hands everything written so far to the writer.
    pub fn flush(&self) {
        self.attempt(Write::flush);
    }

    /// Whether the reader went away, as `head` does when it has enough.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().end.as_ref().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Takes the error that ended writing, unless the reader just went away.
    #[must_use]
    pub fn failure(&self) -> Option<io::Error> {
        if self.is_closed() {
            None
        } else {
            self.lock().end.as_ref().map(|error| io::Error::new(error.kind(), error.to_string()))
        }
    }

    fn attempt(&self, action: impl FnOnce(&mut io::BufWriter<Box<dyn Write + Send>>) -> io::Result<()>) {
        let mut inner = self.lock();
        if inner.end.is_none() {
            inner.end = action(&mut inner.writer).err();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere leaves the buffer whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let sink = Sink::new(Box::new(Broken(io::ErrorKind::BrokenPipe)));
        sink.line("text");
        sink.flush();
        assert!(sink.is_closed() && sink.failure().is_none());
    }

    #[test]
    fn a_full_disk_is_a_failure() {
        let sink = Sink::new(Box::new(Broken(io::ErrorKind::StorageFull)));
        sink.line("text");
        sink.flush();
        assert_eq!(sink.failure().map(|error| error.kind()), Some(io::ErrorKind::StorageFull));
    }
}
