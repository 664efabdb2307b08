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

/// A mapping that a host has filled.
#[derive(Debug)]
struct Said;

impl Object for Said {
    fn get(&self, _: &Key) -> Result<Option<Value>, TemplateError> {
        Ok(Some(Value::text(HOSTILE)))
    }

    fn keys(&self) -> Vec<Key> {
        vec!["said".into()]
    }
}

const HOSTILE: &str = "{{ trap }}";

#[test]
fn what_a_host_says_is_never_templated() {
    let mut variables = Value::of_inventory(
        &serde_json::json!({"trap": "sprung", "alias": "{{ said }}", "deep": {"a": ["{{ said }}"]}}),
        &origin(),
    );
    if let Value::Dict(dict) = &mut variables {
        let dict = Arc::make_mut(dict);
        dict.insert("said".into(), Value::text(HOSTILE));
        dict.insert("list".into(), Value::list(vec![Value::text(HOSTILE)]));
        dict.insert("hostvars".into(), Value::Object(Arc::new(Said)));
    }
    let templar = of_value(variables);
    for text in [
        "{{ said }}",
        "{{ alias }}",
        "{{ deep.a[0] }}",
        "{{ list[0] }}",
        "{{ hostvars['web'] }}",
        "{% set x = said %}{{ x }}",
        "{% set x %}{{ said }}{% endset %}{{ x }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(said) }}",
        "{% for x in list %}{{ x }}{% endfor %}",
        "{{ said | default('x') }}",
        "{{ nope | default(said) }}",
        "{{ list | first }}",
        "{{ said[0:] }}",
        "{{ '%s' % said }}",
        "{{ '{' ~ '{ trap }' ~ '}' }}",
        "{{ {'a': said}.a }}",
        "{% set ns = namespace(x=said) %}{{ ns.x }}",
    ] {
        let got = templar.render(&Value::template(text, origin())).map(|value| value.to_string());
        assert_eq!(got.as_deref(), Ok(HOSTILE), "{text}");
    }
    assert!(templar.holds(&Value::text("trap == 'sprung'")).is_err(), "a host's text is no condition");
    assert!(templar.evaluate(&Text::plain("trap")).is_err(), "a host's text is no expression");
    let condition = Value::template("said == '{' ~ '{ trap }' ~ '}'", origin());
    assert_eq!(templar.holds(&condition), Ok(true));
}

#[test]
fn templates_that_never_end_are_errors() {
    let variables = serde_json::json!({"a": "{{ b }}", "b": "{{ a }}", "x": "{{ x.y }}"});
    let mut environment = Environment::new(Vault::default());
    environment.step_limit = 100_000;
    let scope = Arc::new(Variables(Value::of_inventory(&variables, &origin())));
    let templar = Templar::new(Arc::new(environment), scope, Arc::new(SearchPath::default()));
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(400), ")".repeat(400));
    let nots = format!("{{{{ {} 1 }}}}", "not ".repeat(100_000));
    let chain = format!("{{{{ 1 {} }}}}", "+ 1".repeat(100_000));
    for text in [
        "{{ a }}",
        "{{ x }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x='abcdefgh') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{{ range(100000000000) }}",
        "{{ 'x' * 10000000000 }}",
        "{{ 'x'.ljust(99999999999) }}",
        "{{ '%99999999999d' % 1 }}",
        "{{ '{:99999999999}'.format(1) }}",
        &deep,
        &nots,
        &chain,
    ] {
        let failed = templar.render(&Value::template(text, origin()));
        assert!(failed.is_err(), "{}", text.get(..60).unwrap_or(text));
    }
}

#[test]
fn errors_name_the_place_and_the_nearest_name() {
    let templar = templar(&serde_json::json!({"http_port": 80, "d": {"name": 1}}));
    let failed = |text: &str| templar.render(&Value::template(text, origin())).expect_err("it must fail");
    let error = failed("{{ htp_port }}");
    assert_eq!(error.origin.map(|origin| origin.to_string()).as_deref(), Some("site.yml:3:11"));
    assert_eq!(error.hint.as_deref(), Some("did you mean `http_port`?"));
    assert_eq!(failed("{{ d.nmae }}").hint.as_deref(), Some("did you mean `name`?"));
    let error = failed("a\n{{ d.x }}\n");
    assert_eq!(error.origin.map(|origin| origin.to_string()).as_deref(), Some("site.yml:5"));
}

#[test]
fn files_follow_their_header_and_include_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("base.j2", "<{% block a %}base{% endblock %}>\n");
    write("child.j2", "{% extends 'base.j2' %}{% block a %}child {{ super() }}{% endblock %}");
    write("macros.j2", "{% macro m(x) %}[{{ x }}]{% endmacro %}{% set v = 3 %}");
    write("part.j2", "part {{ x }} {{ y }}\n");
    let search = SearchPath { directories: vec![folder.path().into()], playbook: folder.path().into() };
    let variables = Value::of_inventory(&serde_json::json!({"x": 1}), &origin());
    let environment = Arc::new(Environment::new(Vault::default()));
    let templar = Templar::new(environment, Arc::new(Variables(variables)), Arc::new(search));
    let place = Origin { file: "a.j2".into(), line: 1, column: 1 };
    for (text, wanted) in [
        ("{% set y = 2 %}\n{% include 'part.j2' %}\nend\n", "part 1 2end\n"),
        ("{% include 'no.j2' ignore missing %}x\n", "x\n"),
        ("{% include ['no.j2', 'part.j2'] ignore missing without context %}", ""),
        ("{% extends 'base.j2' %}{% block a %}mine{% endblock %}", "<mine>"),
        ("{% include 'child.j2' %}", "<child base>"),
        ("{% import 'macros.j2' as t %}{{ t.m(5) }}{{ t.v }}", "[5]3"),
        ("{% from 'macros.j2' import m as n, v %}{{ n(v) }}", "[3]"),
        ("#jinja2: variable_start_string:'[%', variable_end_string:'%]'\n[% x %]{{ x }}\n", "1{{ x }}\n"),
        ("#jinja2: trim_blocks:False\n{% if x %}\na{% endif %}\n", "\na\n"),
        ("#jinja2: lstrip_blocks: True\n  {% if x %}\n  a\n  {% endif %}\n", "  a\n"),
        ("{{ none }}{{ [1] }}\n", "[1]\n"),
        ("{{ 'a\\tb' }}", "a\tb"),
    ] {
        let got = templar.render_text(text, &place, &TextOptions::default());
        if wanted.is_empty() {
            assert!(got.is_err(), "{text}");
        } else {
            assert_eq!(got.as_deref(), Ok(wanted), "{text}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_a_panic(text in "[-a-z0-9 .,|(){}%#'\"\\[\\]+*/~=<>:\\\\\n]{0,60}", wrap in 0u8..3) {
        let templar = templar(&serde_json::json!({"a": [1], "b": {"c": "x"}}));
        let text = match wrap {
            0 => text,
            1 => format!("{{{{ {text} }}}}"),
            _ => format!("{{% {text} %}}"),
        };
        let _ = templar.render(&Value::template(text.as_str(), origin()));
        let _ = templar.holds(&Value::template(text.as_str(), origin()));
        let _ = templar.render_text(&text, &origin(), &TextOptions::default());
        let _ = crate::template::check_template(&text, &origin());
    }
}
