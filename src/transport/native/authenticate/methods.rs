//! Which method comes next: OpenSSH's choice (`authmethod_get`).

use russh::MethodKind;

use crate::transport::ssh_config::Method;

/// The methods of one login.
#[derive(Debug)]
pub(super) struct Methods {
    preferred: Vec<Method>,
    offered: Option<Vec<MethodKind>>,
    next: usize,
    current: Option<Method>,
    exhausted: Vec<Method>,
}

impl Methods {
    /// Starts with `preferred`; what the server offers is not known yet.
    pub(super) fn new(preferred: Vec<Method>) -> Self {
        Self { preferred, offered: None, next: 0, current: None, exhausted: Vec::new() }
    }

    /// Takes note of what the server offers to go on with; another list than before starts over.
    pub(super) fn offer(&mut self, offered: &[MethodKind]) {
        if self.offered.as_deref() != Some(offered) {
            self.offered = Some(offered.to_vec());
            self.next = 0;
            self.current = None;
        }
    }

    /// The method to try next: the one at hand until it has nothing more to send, then the next that is offered.
    pub(super) fn next(&mut self) -> Option<Method> {
        if let Some(current) = self.current.filter(|current| !self.exhausted.contains(current)) {
            return Some(current);
        }
        self.current = None;
        while let Some(&method) = self.preferred.get(self.next) {
            self.next += 1;
            if self.is_offered(method) && !self.exhausted.contains(&method) {
                self.current = Some(method);
                break;
            }
        }
        self.current
    }

    /// Takes note that `method` has nothing more to send.
    pub(super) fn exhaust(&mut self, method: Method) {
        self.exhausted.push(method);
    }

    fn is_offered(&self, method: Method) -> bool {
        let kind = match method {
            Method::PublicKey => MethodKind::PublicKey,
            Method::KeyboardInteractive => MethodKind::KeyboardInteractive,
            Method::Password => MethodKind::Password,
        };
        self.offered.as_ref().is_none_or(|offered| offered.contains(&kind))
    }
}
