//! Cases from a folder, with the answers of ansible-core; and what no template may ever do.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::template::{
    Environment, Key, Object, Origin, Scope, SearchPath, Templar, TemplateError, TemplateErrorKind, Text, TextOptions,
    Value,
};
use crate::vault::Vault;

/// Variables of a test.
#[derive(Debug)]
struct Variables(Value);

impl Scope for Variables {
    fn get(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }

    fn names(&self) -> Vec<Arc<str>> {
        let dict = self.0.as_dict().expect("variables are a dictionary");
        dict.keys().filter_map(Key::as_str).map(Arc::from).collect()
    }
}

fn origin() -> Origin {
    Origin { file: "site.yml".into(), line: 3, column: 7 }
}

fn templar(variables: &Json) -> Templar {
    of_value(Value::of_inventory(variables, &origin()))
}

fn of_value(variables: Value) -> Templar {
    let environment = Arc::new(Environment::new(Vault::default()));
    Templar::new(environment, Arc::new(Variables(variables)), Arc::new(SearchPath::default()))
}

fn run(templar: &Templar, case: &Json) -> Result<Json, TemplateError> {
    let text = |kind: &str| case.get(kind).and_then(Json::as_str);
    if let Some(text) = text("holds") {
        return templar.holds(&Value::template(text, origin())).map(Json::from);
    }
    let value = match text("evaluate") {
        Some(text) => templar.evaluate(&Text::template(text, origin())),
        None => templar.render(&Value::template(text("render").unwrap_or_default(), origin())),
    };
    value.map(|value| if matches!(value, Value::Omit) { Json::from("<<Omit>>") } else { value.to_json() })
}

fn check(templar: &Templar, case: &Json) -> Result<(), String> {
    let got = run(templar, case);
    match (case.get("gives"), case.get("fails").and_then(Json::as_str), got) {
        (Some(wanted), _, Ok(got)) if *wanted == got => Ok(()),
        (Some(wanted), _, Ok(got)) => Err(format!("{case}\n  wanted {wanted}\n  got    {got}")),
        (_, Some("syntax"), Err(error)) if error.kind == TemplateErrorKind::Syntax => Ok(()),
        (_, Some(wanted), Err(error)) if error.message.starts_with(wanted) => Ok(()),
        (_, wanted, Err(error)) => Err(format!("{case}\n  wanted {wanted:?}\n  failed {error:?}")),
        (_, wanted, Ok(got)) => Err(format!("{case}\n  wanted failure {wanted:?}\n  got {got}")),
    }
}

#[test]
fn templates_answer_as_ansible_does() {
    let cases: Json = serde_json::from_str(include_str!("../cases/language.json")).expect("the cases are JSON");
    let templar = templar(&cases["variables"]);
    let all = cases["cases"].as_array().expect("the cases are a list");
    assert!(all.len() > 300, "the cases are missing");
    let failed: Vec<String> = all.iter().filter_map(|case| check(&templar, case).err()).collect();
    assert!(failed.is_empty(), "{} of {} fail\n{}", failed.len(), all.len(), failed.join("\n"));
}
