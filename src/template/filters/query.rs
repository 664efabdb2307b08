//! `JMESPath`, as `community.general.json_query` asks. Dictionaries in the answer have their keys sorted.

use super::bind::{Answer, bind};
use super::json::{Style, dumps};
use super::python::text;
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn json_query(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [expression] = bind(arguments, "json_query", ["expr"], 1)?;
    let expression = text(&expression.unwrap_or(Value::Null))?;
    let wrong = |reason: String| {
        TemplateError::value(format!("JMESPathError in json_query filter plugin:\n{}", reason.trim_end()))
            .hint(format!("the expression is `{expression}`"))
    };
    let query = jmespath::compile(&expression).map_err(|error| wrong(error.to_string()))?;
    let data = dumps(&value, &Style::default())?;
    let data = jmespath::Variable::from_json(&data).map_err(TemplateError::value)?;
    let found = query.search(data).map_err(|error| wrong(error.to_string()))?;
    super::json::parse(&found.to_string())
}
