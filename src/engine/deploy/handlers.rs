//! The handlers of a play, found by name and by what they listen to.

use std::sync::{Arc, RwLock};

use crate::playbook::Handler;
use crate::template::{Templar, Value};

/// The handlers of a play, in the order of their definition; included roles add theirs.
#[derive(Debug)]
pub(super) struct Handlers {
    all: RwLock<Arc<[Arc<Handler>]>>,
    templar: Templar,
}

impl Handlers {
    pub fn new(handlers: &[Arc<Handler>], templar: Templar) -> Self {
        Self { all: RwLock::new(handlers.into()), templar }
    }

    /// All of them.
    pub fn all(&self) -> Arc<[Arc<Handler>]> {
        Arc::clone(&self.all.read().expect("nothing panics while it holds the lock"))
    }

    /// Adds the handlers of an included role; those that are there already are not added again.
    pub fn add(&self, handlers: &[Arc<Handler>]) {
        let mut all = self.all.write().expect("nothing panics while it holds the lock");
        let known = |new: &&Arc<Handler>| !all.iter().any(|old| old.task.place == new.task.place);
        let new: Vec<_> = handlers.iter().filter(known).cloned().collect();
        *all = all.iter().cloned().chain(new).collect();
    }

    /// The numbers of the handlers that a name notifies: the last one of that name, and all that listen to it.
    pub fn find(&self, name: &str) -> Vec<usize> {
        let all = self.all();
        let named = all.iter().rposition(|handler| self.has_name(handler, name));
        let mut found: Vec<usize> = named.into_iter().collect();
        for (number, handler) in all.iter().enumerate() {
            let listens = handler.listen.iter().any(|topic| self.topics(topic).iter().any(|topic| topic == name));
            if listens && !found.contains(&number) {
                found.push(number);
            }
        }
        found
    }

    fn has_name(&self, handler: &Handler, wanted: &str) -> bool {
        let Some(name) = &handler.task.name else { return false };
        let name = self.templar.render(name).map_or_else(|_| name.to_string(), |name| name.to_string());
        let role = handler.task.parent.role();
        name == wanted
            || role.is_some_and(|role| {
                wanted.strip_suffix(name.as_str()).is_some_and(|rest| rest == format!("{} : ", role.name))
            })
    }

    fn topics(&self, topic: &Value) -> Vec<String> {
        match self.templar.render(topic).unwrap_or_else(|_| topic.clone()) {
            Value::List(topics) => topics.iter().map(ToString::to_string).collect(),
            topic => vec![topic.to_string()],
        }
    }
}
