//! The items of a task's loop, with what each adds to the variables.

use std::time::Duration;

use super::prepare::{NotPrepared, TaskView, seconds};
use crate::modules::to_bool;
use crate::playbook::{LoopControl, LoopSource};
use crate::template::{Dict, Key, Value};

/// What a task is repeated over.
#[derive(Clone, Debug)]
pub(super) enum Items {
    /// It has no loop.
    None,
    /// What it would be repeated over is undefined, but it is not to run anyway; with the condition.
    Skipped(Value),
    /// It runs once for each.
    List(Vec<Item>),
}

/// One item.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// What it adds to the variables.
    pub vars: Dict,
    /// What is shown of it; none when it can be told only after the item has run.
    pub label: Option<String>,
    /// Before the next one.
    pub pause: Option<Duration>,
}

impl Item {
    /// Adds what Ansible says about the item to its result.
    pub fn add_to(&self, result: &mut Value) {
        let Value::Dict(dict) = result else { return };
        let mut changed = Dict::clone(dict);
        for (key, value) in &self.vars {
            let Some(name) = key.as_str() else { continue };
            if name != "ansible_loop" || self.vars.contains_key("ansible_loop_var") {
                changed.insert(key.clone(), value.clone());
            }
        }
        *result = Value::dict(changed);
    }
}

/// What is shown of an item once it has run.
pub(super) fn label(view: &TaskView) -> Result<String, NotPrepared> {
    let label = view.task.control.label.as_ref().map(|label| view.templar.render(label)).transpose()?;
    Ok(label.as_ref().map(shown).unwrap_or_default())
}

/// The items of a task's loop.
pub(super) fn of(view: &TaskView) -> Result<Items, NotPrepared> {
    let Some(repeat) = &view.task.repeat else { return Ok(Items::None) };
    let values = match values(view, &repeat.source, &repeat.value) {
        Err(error) if error.is_undefined => {
            // As Ansible does: a task that is not to run may loop over what is not there.
            return match view.fails_condition() {
                Ok(Some(condition)) => Ok(Items::Skipped(condition)),
                _ => Err(error),
            };
        }
        values => values?,
    };
    let control = Control::of(view, &view.task.control)?;
    let mut items = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let vars = control.vars(&values, index);
        let label = match &view.task.control.label {
            None => Some(shown(value)),
            // It may tell of the item's result.
            Some(label) => {
                let mut local = vars.clone();
                local.extend(view.local.clone());
                view.within(local).templar.render(label).ok().as_ref().map(shown)
            }
        };
        items.push(Item { vars, label, pause: control.pause });
    }
    Ok(Items::List(items))
}

fn values(view: &TaskView, source: &LoopSource, value: &Value) -> Result<Vec<Value>, NotPrepared> {
    match source {
        LoopSource::List => match view.templar.render(value)? {
            Value::List(items) => Ok(items.to_vec()),
            other => Err(NotPrepared::new(format!(
                "Invalid data passed to 'loop', it requires a list, got this instead: {other}. \
                 Hint: If you passed a list/dict of just one element, try adding wantlist=True to your lookup \
                 invocation or use q/query instead of lookup."
            ))),
        },
        LoopSource::Lookup(name) => Ok(view.templar.loop_items(name, value)?),
    }
}

/// `loop_control`, computed.
struct Control {
    loop_var: String,
    index_var: Option<String>,
    pause: Option<Duration>,
    extended: bool,
    allitems: bool,
}

impl Control {
    fn of(view: &TaskView, control: &LoopControl) -> Result<Self, NotPrepared> {
        let text = |value: &Option<Value>| -> Result<Option<String>, NotPrepared> {
            let Some(value) = value else { return Ok(None) };
            Ok(Some(view.templar.render(value)?.to_string()))
        };
        let flag = |value: &Option<Value>, default: bool| -> Result<bool, NotPrepared> {
            let Some(value) = value else { return Ok(default) };
            Ok(to_bool(&view.templar.render(value)?).unwrap_or(default))
        };
        Ok(Self {
            loop_var: text(&control.loop_var)?.unwrap_or_else(|| "item".to_owned()),
            index_var: text(&control.index_var)?,
            pause: view.number("pause", control.pause.as_ref())?.filter(|pause| *pause > 0.0).map(seconds),
            extended: flag(&control.extended, false)?,
            allitems: flag(&control.extended_allitems, true)?,
        })
    }

    fn vars(&self, values: &[Value], index: usize) -> Dict {
        let mut vars = Dict::new();
        vars.insert(Key::from(self.loop_var.as_str()), values[index].clone());
        vars.insert("ansible_loop_var".into(), Value::text(self.loop_var.as_str()));
        if let Some(name) = &self.index_var {
            vars.insert(Key::from(name.as_str()), index.into());
            vars.insert("ansible_index_var".into(), Value::text(name.as_str()));
        }
        if self.extended {
            vars.insert("ansible_loop".into(), Value::dict(self.extended(values, index)));
        }
        vars
    }

    fn extended(&self, values: &[Value], index: usize) -> Dict {
        let length = values.len();
        let mut about = Dict::from_iter([
            ("index".into(), Value::from(index + 1)),
            ("index0".into(), Value::from(index)),
            ("first".into(), Value::from(index == 0)),
            ("last".into(), Value::from(index + 1 == length)),
            ("length".into(), Value::from(length)),
            ("revindex".into(), Value::from(length - index)),
            ("revindex0".into(), Value::from(length - index - 1)),
        ]);
        if self.allitems {
            about.insert("allitems".into(), Value::list(values.to_vec()));
        }
        if let Some(next) = values.get(index + 1) {
            about.insert("nextitem".into(), next.clone());
        }
        if let Some(previous) = index.checked_sub(1).and_then(|index| values.get(index)) {
            about.insert("previtem".into(), previous.clone());
        }
        about
    }
}

/// An item as it is shown: text as it is, anything else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::List(_) | Value::Dict(_) => value.to_json().to_string(),
        other => other.to_string(),
    }
}
