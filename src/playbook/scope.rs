//! The variables that names of static imports may use: those of the command line, the play and its roles.

use std::path::PathBuf;
use std::sync::Arc;

use super::Parent;
use super::known::is_variable;
use super::loader::Loader;
use crate::template::{Dict, Origin, Scope, SearchPath, Templar, Text, Value};

/// What a play says before any host is known.
#[derive(Clone, Debug, Default)]
pub struct PlayScope {
    /// `playbook_dir`.
    pub directory: PathBuf,
    /// `vars`.
    pub vars: Dict,
    /// Those of `vars_files`.
    pub files: Dict,
}

/// How often a variable may refer to another one.
const DEPTH_LIMIT: usize = 16;

/// All variables known at load, weakest first.
pub struct Names<'a> {
    pub loader: &'a Loader,
    pub play: &'a PlayScope,
    pub parent: Option<&'a std::sync::Arc<Parent>>,
}

impl Names<'_> {
    fn find(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.loader.options().extra_vars.get(name) {
            return Some(value.clone());
        }
        for level in self.parent.into_iter().flat_map(Parent::levels) {
            let own = level.keywords.vars.as_ref().and_then(|vars| vars.get(name));
            let role = level.role.as_ref().and_then(|role| role.params.get(name).or_else(|| role.vars.get(name)));
            if let Some(value) = level.include_vars.get(name).or(own).or(role) {
                return Some(value.clone());
            }
        }
        let play = self.play.files.get(name).or_else(|| self.play.vars.get(name));
        play.cloned().or_else(|| self.magic(name)).or_else(|| {
            let roles = self.parent.into_iter().flat_map(Parent::levels);
            roles.filter_map(|level| level.role.as_ref()).find_map(|role| role.defaults.get(name)).cloned()
        })
    }

    fn magic(&self, name: &str) -> Option<Value> {
        let role = || self.parent.and_then(Parent::role);
        Some(match name {
            "playbook_dir" => Value::text(self.play.directory.to_string_lossy().as_ref()),
            "role_path" => Value::text(role()?.directory.to_string_lossy().as_ref()),
            "role_name" | "ansible_role_name" => Value::text(role()?.name.as_str()),
            _ => return None,
        })
    }

    /// The text of a name that may hold templates.
    ///
    /// # Errors
    /// What is missing or cannot be computed before the run.
    pub fn resolve(&self, text: &Text) -> Result<String, String> {
        self.render(text, 0)
    }

    fn render(&self, text: &Text, depth: usize) -> Result<String, String> {
        if !text.is_active() {
            return Ok(text.as_str().to_owned());
        }
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let (expression, after) = after.split_once("}}").ok_or("`{{` is not closed")?;
            let expression = expression.trim();
            out.push_str(before);
            rest = after;
            match self.find(expression) {
                _ if depth > DEPTH_LIMIT => return Err(format!("`{expression}` refers to itself")),
                Some(Value::String(text)) => out.push_str(&self.render(&text, depth + 1)?),
                Some(value) => out.push_str(&value.to_string()),
                None if is_variable(expression) => return Err(format!("`{expression}` is not known before the run")),
                None => out.push_str(&self.computed(expression)?),
            }
        }
        Ok(out + rest)
    }

    /// What an expression of variables that are known comes to. No lookup runs but that of the environment.
    fn computed(&self, expression: &str) -> Result<String, String> {
        if looks_up(expression) {
            return Err(format!("`{expression}` is not known before the run"));
        }
        let environment = Arc::clone(&self.loader.options().environment);
        let search =
            SearchPath { directories: vec![self.play.directory.clone()], playbook: self.play.directory.clone() };
        let templar = Templar::new(environment, Arc::new(Known(self.all())), Arc::new(search));
        let origin = Origin { file: "".into(), line: 0, column: 0 };
        match templar.render(&Value::template(format!("{{{{ {expression} }}}}"), origin)) {
            Ok(value) => Ok(value.to_string()),
            Err(error) => Err(format!("`{expression}`: {}", error.message)),
        }
    }

    /// All that is known by name, each name once.
    fn all(&self) -> Dict {
        let mut all = self.loader.options().extra_vars.clone();
        let mut add = |vars: &Dict| {
            for (name, value) in vars {
                if !all.contains_key(name) {
                    all.insert(name.clone(), value.clone());
                }
            }
        };
        let levels = || self.parent.into_iter().flat_map(Parent::levels);
        for level in levels() {
            add(&level.include_vars);
            level.keywords.vars.iter().for_each(&mut add);
            if let Some(role) = &level.role {
                add(&role.params);
                add(&role.vars);
            }
        }
        add(&self.play.files);
        add(&self.play.vars);
        let names = ["playbook_dir", "role_path", "role_name", "ansible_role_name"];
        add(&names.into_iter().filter_map(|name| Some((name.into(), self.magic(name)?))).collect());
        levels().filter_map(|level| level.role.as_ref()).for_each(|role| add(&role.defaults));
        all
    }
}

/// Variables that are known before the run; those that look something up are not.
#[derive(Debug)]
struct Known(Dict);

impl Scope for Known {
    fn get(&self, name: &str) -> Option<Value> {
        self.0.get(name).filter(|value| !value_looks_up(value)).cloned()
    }

    fn names(&self) -> Vec<Arc<str>> {
        self.0.keys().map(|name| name.to_string().into()).collect()
    }
}

fn value_looks_up(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_active() && looks_up(text.as_str()),
        Value::List(items) => items.iter().any(value_looks_up),
        Value::Dict(dict) => dict.values().any(value_looks_up),
        _ => false,
    }
}

/// Whether an expression runs a lookup other than that of the environment.
fn looks_up(expression: &str) -> bool {
    let mut words = expression.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '.')));
    words.any(|word| matches!(word, "lookup" | "query" | "q")) && !reads_environment(expression)
}

fn reads_environment(expression: &str) -> bool {
    let calls = expression.matches("lookup").count() + expression.matches("query").count();
    let bare: String = expression.chars().filter(|letter| !letter.is_whitespace()).collect();
    let of_environment =
        ["lookup('env',", "lookup(\"env\",", "lookup('ansible.builtin.env',", "lookup(\"ansible.builtin.env\","];
    let harmless: usize = of_environment.iter().map(|start| bare.matches(start).count()).sum();
    calls == harmless && !bare.contains("q(")
}
