//! Our scripts as hosts get them: made once, so that each shell knows the ones that it has.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::remote::strip;

type Texts = LazyLock<Mutex<HashMap<&'static str, (usize, Arc<str>)>>>;

static SCRIPTS: Texts = LazyLock::new(Mutex::default);
static FUNCTIONS: Texts = LazyLock::new(Mutex::default);

/// A script without its comments.
pub(super) fn script(source: &'static str) -> Arc<str> {
    made(&SCRIPTS, source, |_| strip(source)).1
}

/// A script as the text of a function, and the function's name, which no other has.
pub(super) fn function(source: &'static str) -> (String, Arc<str>) {
    let name = |number: usize| format!("opsctl_f{number}");
    let (number, text) = made(&FUNCTIONS, source, |number| {
        let text = strip(source);
        // A function without a command is none.
        let body = if text.is_empty() { ":\n" } else { &text };
        let end = if body.ends_with('\n') { "" } else { "\n" };
        format!("{}() {{\n{body}{end}}}\n", name(number))
    });
    (name(number), text)
}

fn made(texts: &Texts, source: &'static str, make: impl FnOnce(usize) -> String) -> (usize, Arc<str>) {
    let mut texts = texts.lock().unwrap_or_else(PoisonError::into_inner);
    let number = texts.len();
    texts.entry(source).or_insert_with(|| (number, make(number).into())).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_made_once_and_functions_have_names_of_their_own() {
        let texts = [script("# a\n echo a\n"), script("# a\n echo a\n"), script("echo b")];
        assert!(Arc::ptr_eq(&texts[0], &texts[1]) && *texts[0] == *"echo a\n" && *texts[2] == *"echo b\n");
        let functions = ["echo a", "echo a", "# nothing"].map(function);
        assert_eq!(functions[0].0, functions[1].0);
        assert_ne!(functions[0].0, functions[2].0);
        assert_eq!(*functions[2].1, format!("{}() {{\n:\n}}\n", functions[2].0));
    }
}
