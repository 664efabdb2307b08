//! Binds the arguments of a call to the names of a signature, as Python does.

use crate::template::{Arguments, TemplateError, Value};

/// What a filter or test answers.
pub type Answer<T = Value> = Result<T, TemplateError>;

/// Binds positional and named arguments to `names`, of which the first `required` must be given. The value that a
/// filter is applied to counts as a positional argument in messages, as it does in Python's.
///
/// # Errors
/// When there are too many, an unknown or doubled name, or a required one is missing.
pub fn bind<const N: usize>(
    arguments: Arguments,
    function: &str,
    names: [&str; N],
    required: usize,
) -> Answer<[Option<Value>; N]> {
    let given = arguments.positional.len();
    if given > N {
        return Err(too_many(function, required, N, given));
    }
    let mut bound = [const { None }; N];
    for (place, value) in arguments.positional.into_iter().enumerate() {
        bound[place] = Some(value);
    }
    for (name, value) in arguments.named {
        let Some(place) = names.iter().position(|known| **known == *name) else {
            let message = format!("{function}() got an unexpected keyword argument '{name}'");
            return Err(TemplateError::value(message).hint(nearest(&name, &names)));
        };
        if bound[place].replace(value).is_some() {
            return Err(TemplateError::value(format!("{function}() got multiple values for argument '{name}'")));
        }
    }
    let missing: Vec<&str> =
        names.iter().zip(&bound).take(required).filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
    if missing.is_empty() { Ok(bound) } else { Err(lacking(function, &missing)) }
}

/// Binds a call that takes no arguments.
///
/// # Errors
/// When any is given.
pub fn none(arguments: Arguments, function: &str) -> Answer<()> {
    bind::<0>(arguments, function, [], 0).map(|_| ())
}

fn nearest(name: &str, names: &[&str]) -> String {
    let near = names.iter().find(|known| strsim::damerau_levenshtein(known, name) <= 2);
    near.map_or_else(|| format!("it takes {}", quoted(names)), |near| format!("did you mean `{near}`?"))
}

fn quoted(names: &[&str]) -> String {
    if names.is_empty() {
        return "no arguments".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn too_many(function: &str, required: usize, most: usize, given: usize) -> TemplateError {
    let takes = if required == most {
        format!("{} positional argument{}", most + 1, if most == 0 { "" } else { "s" })
    } else {
        format!("from {} to {} positional arguments", required + 1, most + 1)
    };
    TemplateError::value(format!("{function}() takes {takes} but {} were given", given + 1))
}

fn lacking(function: &str, missing: &[&str]) -> TemplateError {
    let names: Vec<String> = missing.iter().map(|name| format!("'{name}'")).collect();
    let listed = match names.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
        [] => String::new(),
    };
    let plural = if names.len() == 1 { "" } else { "s" };
    let count = names.len();
    TemplateError::value(format!("{function}() missing {count} required positional argument{plural}: {listed}"))
}
