//! `hostvars`, and `vars`: mappings that are computed only as far as they are asked.

use std::fmt;
use std::sync::Arc;

use super::{Layers, PlayVars, TaskScope};
use crate::template::{Key, Object, SearchPath, Templar, TemplateError, Value};

/// `hostvars`: each host's variables, templated with that host's own.
pub(super) struct HostvarsObject {
    pub layers: Layers,
    pub search: Arc<SearchPath>,
}

/// The variables of one scope: `hostvars[host]`, `vars`.
pub(super) struct ScopeObject {
    pub templar: Templar,
}

impl HostvarsObject {
    fn of(&self, name: &Arc<str>) -> Value {
        // What belongs to the play is seen by its tasks alone.
        let play = PlayVars { extra: Arc::clone(&self.layers.play.extra), ..PlayVars::default() };
        let layers = Layers { play: Arc::new(play), ..self.layers.clone() };
        let scope = TaskScope::new(&layers, name, None, Arc::clone(&self.search));
        let environment = Arc::clone(&self.layers.environment);
        let templar = Templar::new(environment, Arc::new(scope), Arc::clone(&self.search));
        Value::Object(Arc::new(ScopeObject { templar }))
    }
}

impl Object for HostvarsObject {
    fn get(&self, key: &Key) -> Result<Option<Value>, TemplateError> {
        let Some(name) = key.as_str() else { return Ok(None) };
        let known = self.layers.store.knows(name);
        Ok(known.then(|| self.of(&name.into())))
    }

    fn keys(&self) -> Vec<Key> {
        self.layers.store.names().into_iter().map(Key::Text).collect()
    }
}

impl Object for ScopeObject {
    fn get(&self, key: &Key) -> Result<Option<Value>, TemplateError> {
        let Some(value) = key.as_str().and_then(|name| self.templar.scope().get(name)) else { return Ok(None) };
        self.templar.render(&value).map(Some)
    }

    fn keys(&self) -> Vec<Key> {
        self.templar.scope().names().into_iter().map(Key::Text).collect()
    }
}

// The variables of a run in a message would fill the screen.
impl fmt::Debug for HostvarsObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hostvars")
    }
}

impl fmt::Debug for ScopeObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("vars")
    }
}
