//! The answers of a host that runs nothing: it speaks the persistent shell's protocol, and every command ends well.
//!
//! Pure: lines in, answers out.

/// A host's place in the protocol.
#[derive(Default)]
pub struct Canned {
    nonce: String,
    /// Whether the loop program has been read.
    ready: bool,
    /// The command whose frame is being read.
    frame: Option<String>,
}

/// What a line of the controller's leads to.
pub enum Heard {
    /// Nothing to be said.
    Nothing,
    /// The loop stands.
    Ready,
    /// The command of this number is to be run.
    Run(String),
    /// The shell is to end.
    Exit,
}

impl Canned {
    /// Takes one whole line, without its newline.
    pub fn hear(&mut self, line: &str) -> Heard {
        if let Some(nonce) = line.strip_prefix("N='").filter(|_| self.nonce.is_empty()) {
            nonce.trim_end_matches('\'').clone_into(&mut self.nonce);
        } else if !self.ready && line == "." {
            self.ready = true;
            return Heard::Ready;
        } else if let Some(order) = line.strip_prefix("run ").filter(|_| self.ready) {
            self.frame = order.split(' ').next().map(str::to_owned);
        } else if line == "."
            && let Some(id) = self.frame.take()
        {
            return Heard::Run(id);
        } else if line == "exit" && self.frame.is_none() && self.ready {
            return Heard::Exit;
        }
        Heard::Nothing
    }

    /// A marker with these words.
    pub fn mark(&self, words: &str) -> String {
        format!("{} {words}\n", self.nonce)
    }
}
