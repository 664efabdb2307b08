//! Statements about other templates: include, import, extends.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::ast::{Expression, Program};
use super::super::parse::Mode;
use super::super::{Origin, TemplateError, TemplateErrorKind, TextOptions, Value, header};
use super::objects::{Module, known};
use super::place::{Place, Root, Source};
use super::{Evaluator, Output, Result};

impl Evaluator<'_> {
    /// `{% include … %}`.
    pub fn include(&mut self, name: &Expression, ignore_missing: bool, context: bool) -> Result<()> {
        let names = self.names(name)?;
        let (program, source) = match self.load(&names, name.at) {
            Err(error) if ignore_missing && is_missing(&error) => return Ok(()),
            loaded => loaded?,
        };
        let (locals, sees_scope) = self.view(context);
        let (value, _) = self.run_other(&program, source, locals, sees_scope)?;
        if let Some(output) = self.outputs.last_mut() {
            output.push(value);
        }
        Ok(())
    }

    /// `{% import … %}`: the variables and macros of the other template.
    pub fn import(&mut self, name: &Expression, context: bool) -> Result<Value> {
        let names = self.names(name)?;
        let (program, source) = self.load(&names, name.at)?;
        let (locals, sees_scope) = self.view(context);
        let known: Vec<Arc<str>> = locals.keys().cloned().collect();
        let (printed, root) = self.run_other(&program, source, locals, sees_scope)?;
        let mut members = self.roots[root].variables.clone();
        members.retain(|name, _| !known.contains(name) && !name.starts_with('_'));
        let printed = if matches!(printed, Value::Null) { String::new() } else { printed.to_string() };
        Ok(Value::Object(Arc::new(Module { members, printed })))
    }

    /// `{% from … import … %}`.
    pub fn import_names(&mut self, name: &Expression, names: &[(Arc<str>, Arc<str>)], context: bool) -> Result<()> {
        let module = self.import(name, context)?;
        for (there, here) in names {
            let member = known::<Module>(&module).and_then(|module| module.members.get(there).cloned());
            let member = member.unwrap_or_else(|| {
                Value::undefined(format!("the imported template does not export the requested name '{there}'"))
            });
            self.set(here, member);
        }
        Ok(())
    }

    /// `{% extends … %}`: what is printed from here on is the other template's.
    pub fn extends(&mut self, name: &Expression) -> Result<()> {
        let names = self.names(name)?;
        let loaded = self.load(&names, name.at)?;
        if self.place.parent.replace(loaded).is_some() {
            return Err(TemplateError::value("extended multiple times"));
        }
        self.outputs.push(Output::default());
        Ok(())
    }

    fn view(&self, context: bool) -> (HashMap<Arc<str>, Value>, bool) {
        if context { (self.locals(), self.roots[self.place.root].sees_scope) } else { (HashMap::new(), false) }
    }

    fn run_other(
        &mut self,
        program: &Arc<Program>,
        source: Source,
        variables: HashMap<Arc<str>, Value>,
        sees_scope: bool,
    ) -> Result<(Value, usize)> {
        if self.place.nested >= super::NESTED {
            return Err(self.too_deep());
        }
        let root = self.roots.len();
        self.roots.push(Root { variables, sees_scope });
        let mut place = Place::new(root, source);
        place.nested = self.place.nested + 1;
        let outer = std::mem::replace(&mut self.place, place);
        self.outputs.push(Output::default());
        let ran = self.enter().and_then(|()| self.run_template(program));
        let output = self.outputs.pop().unwrap_or_default();
        self.place = outer;
        ran.map(|()| (output.into_value(), root))
    }

    fn names(&mut self, name: &Expression) -> Result<Vec<String>> {
        let value = self.value(name)?;
        let value = self.whole(value).map_err(|error| self.place.source.locate(error, name.at))?;
        match &value {
            Value::String(text) => Ok(vec![text.as_str().to_owned()]),
            Value::List(items) => Ok(items.iter().map(Value::to_string).collect()),
            other => {
                Err(TemplateError::value(format!("a template has a name, not a value of type '{}'", other.type_name())))
            }
        }
    }

    /// The first of the templates that is there.
    fn load(&self, names: &[String], at: u32) -> Result<(Arc<Program>, Source)> {
        let Some((name, path)) = names.iter().find_map(|name| Some((name, self.find(name)?))) else {
            let wanted = names.join(", ");
            let mut error = TemplateError::new(TemplateErrorKind::Local, format!("{MISSING}{wanted}"));
            if let [name] = names {
                let looked = self.templar.search.candidates("templates", name);
                let looked: Vec<String> = looked.iter().map(|path| path.display().to_string()).collect();
                error = error.hint(format!("looked in: {}", looked.join(", ")));
            }
            return Err(self.place.source.locate(error, at));
        };
        let failed = |error: std::io::Error| {
            let error = TemplateError::new(TemplateErrorKind::Local, format!("cannot read template {name}: {error}"));
            self.place.source.locate(error, at)
        };
        let text = std::fs::read_to_string(&path).map_err(failed)?;
        let (text, options, skipped) =
            header::split(&text, &TextOptions { keep_trailing_newline: false, ..TextOptions::default() })?;
        let origin = Origin { file: path.display().to_string().into(), line: 1 + skipped, column: 1 };
        let source = Source { text: text.into(), origin: Some(origin), exact: true };
        let program = self.parse(&source, &Mode::File(options))?;
        Ok((program, source))
    }

    /// Where a template is: beside the one that names it, or on the search path.
    fn find(&self, name: &str) -> Option<PathBuf> {
        let beside = self.place.source.origin.as_ref().filter(|_| self.place.source.exact);
        let beside = beside.and_then(|origin| Some(PathBuf::from(&*origin.file).parent()?.join(name)));
        let found = self.templar.search.find("templates", name).or_else(|| beside.filter(|path| path.exists()));
        found.filter(|path| path.is_file())
    }
}

const MISSING: &str = "template not found: ";

fn is_missing(error: &TemplateError) -> bool {
    error.kind == TemplateErrorKind::Local && error.message.starts_with(MISSING)
}
