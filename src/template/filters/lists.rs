//! Lists: ends, slices, products.

use super::bind::{Answer, bind, none};
use super::python::{check, flag, integer, iterate, length as len, pair, size, whole};
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn first(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "sync_do_first")?;
    let first = iterate(&value)?.into_iter().next();
    Ok(first.unwrap_or_else(|| Value::undefined("No first item, sequence was empty.")))
}

pub fn last(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_last")?;
    let last =
        iterate(&value).map_err(|error| reworded(error, "object is not iterable", "object is not reversible"))?.pop();
    Ok(last.unwrap_or_else(|| Value::undefined("No last item, sequence was empty.")))
}

fn reworded(error: TemplateError, from: &str, to: &str) -> TemplateError {
    TemplateError { message: error.message.replace(from, to), ..error }
}

pub fn length(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "len")?;
    len(&value).map(Value::from)
}

pub fn list(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "sync_do_list")?;
    iterate(&value).map(Value::list)
}

pub fn reverse(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_reverse")?;
    if let Value::String(text) = &value {
        return Ok(text.as_str().chars().rev().collect::<String>().into());
    }
    check_top(&value)?;
    let mut items = iterate(&value).map_err(|_| TemplateError::value("argument must be iterable"))?;
    items.reverse();
    Ok(Value::list(items))
}

fn check_top(value: &Value) -> Answer<()> {
    if value.is_undefined() { check(value) } else { Ok(()) }
}

pub fn batch(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [count, fill] = bind(arguments, "do_batch", ["linecount", "fill_with"], 1)?;
    let count = size(whole(&count.unwrap_or(Value::Null))?);
    let items = iterate(&value)?;
    if count == 0 {
        let batches = if items.is_empty() { Vec::new() } else { vec![Value::list(Vec::new()), Value::list(items)] };
        return Ok(Value::list(batches));
    }
    let mut batches: Vec<Vec<Value>> = items.chunks(count).map(<[Value]>::to_vec).collect();
    if let (Some(last), Some(fill)) = (batches.last_mut(), fill.filter(|fill| !matches!(fill, Value::Null))) {
        if count > MOST {
            return Err(too_many());
        }
        last.resize(count, fill);
    }
    Ok(Value::list(batches.into_iter().map(Value::list).collect()))
}

pub fn slice(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [count, fill] = bind(arguments, "sync_do_slice", ["slices", "fill_with"], 1)?;
    let count = size(whole(&count.unwrap_or(Value::Null))?);
    let items = iterate(&value)?;
    if count == 0 {
        return Err(TemplateError::value("integer division or modulo by zero"));
    }
    if count > MOST {
        return Err(too_many());
    }
    let (each, extra) = (items.len() / count, items.len() % count);
    let fill = fill.filter(|fill| !matches!(fill, Value::Null));
    let mut slices = Vec::with_capacity(count);
    let mut rest = items.as_slice();
    for number in 0..count {
        let (taken, left) = rest.split_at(each + usize::from(number < extra));
        rest = left;
        let mut taken = taken.to_vec();
        taken.extend(fill.clone().filter(|_| number >= extra));
        slices.push(Value::list(taken));
    }
    Ok(Value::list(slices))
}

pub fn flatten(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [levels, skip] = bind(arguments, "flatten", ["levels", "skip_nulls"], 0)?;
    let levels = match levels {
        None | Some(Value::Null) => None,
        Some(levels) => Some(whole(&levels)?),
    };
    let skip = if skip.is_none() { true } else { flag(skip.as_ref())? };
    let mut flat = Vec::new();
    flatten_into(&mut flat, iterate(&value)?, levels, skip);
    Ok(Value::list(flat))
}

/// Puts the items of lists within `items` into `flat`, down to `levels`.
pub fn flatten_into(flat: &mut Vec<Value>, items: Vec<Value>, levels: Option<i64>, skip: bool) {
    for item in items {
        let is_null = matches!(item, Value::Null) || matches!(item.as_str(), Some("None" | "null"));
        match &item {
            _ if skip && is_null => {}
            Value::List(inner) if levels.is_none_or(|levels| levels >= 1) => {
                flatten_into(flat, inner.to_vec(), levels.map(|levels| levels - 1), skip);
            }
            _ => flat.push(item),
        }
    }
}

/// More results than this are a mistake.
const MOST: usize = 4_000_000;

fn too_many() -> TemplateError {
    TemplateError::value(format!("more than {MOST} results"))
}

pub fn zip(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let strict = arguments.named.iter().any(|(name, value)| **name == *"strict" && value.is_true());
    if let Some((name, _)) = arguments.named.iter().find(|(name, _)| **name != *"strict") {
        return Err(TemplateError::value(format!("zip() got an unexpected keyword argument '{name}'")));
    }
    let lists = several(&value, &arguments.positional)?;
    let shortest = lists.iter().map(Vec::len).min().unwrap_or(0);
    if let Some(place) = lists.iter().position(|list| list.len() != lists[0].len()).filter(|_| strict) {
        let than = if lists[place].len() < lists[0].len() { "shorter" } else { "longer" };
        let before = if place == 1 { "argument 1".to_owned() } else { format!("arguments 1-{place}") };
        return Err(TemplateError::value(format!("zip() argument {} is {than} than {before}", place + 1)));
    }
    let row = |at: usize| Value::list(lists.iter().map(|list| list[at].clone()).collect());
    Ok(Value::list((0..shortest).map(row).collect()))
}

pub fn zip_longest(_: &mut dyn Calls, value: Value, mut arguments: Arguments) -> Answer {
    let mut fill = Value::Null;
    for (name, value) in arguments.named.drain(..) {
        if *name != *"fillvalue" {
            return Err(TemplateError::value("zip_longest() got an unexpected keyword argument"));
        }
        fill = value;
    }
    let lists = several(&value, &arguments.positional)?;
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    let row = |at: usize| Value::list(lists.iter().map(|list| list.get(at).unwrap_or(&fill).clone()).collect());
    Ok(Value::list((0..longest).map(row).collect()))
}

fn several(value: &Value, others: &[Value]) -> Answer<Vec<Vec<Value>>> {
    std::iter::once(value).chain(others).map(iterate).collect()
}

pub fn product(_: &mut dyn Calls, value: Value, mut arguments: Arguments) -> Answer {
    let mut repeat = 1;
    for (name, value) in arguments.named.drain(..) {
        if *name != *"repeat" {
            return Err(TemplateError::value(format!("'{name}' is an invalid keyword argument for product()")));
        }
        repeat = size(whole(&value)?);
    }
    let lists = several(&value, &arguments.positional)?;
    let rounds = lists.len().saturating_mul(repeat);
    let total = lists
        .iter()
        .try_fold(1usize, |total, list| total.checked_mul(list.len()))
        .and_then(|total| total.checked_pow(u32::try_from(repeat).ok()?));
    if total.and_then(|total| total.checked_mul(rounds.max(1))).is_none_or(|total| total > MOST) {
        return Err(too_many());
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for list in (0..repeat).flat_map(|_| &lists) {
        rows = rows
            .iter()
            .flat_map(|row| list.iter().map(|item| [row.as_slice(), std::slice::from_ref(item)].concat()))
            .collect();
    }
    Ok(Value::list(rows.into_iter().map(Value::list).collect()))
}

pub fn permutations(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [size] = bind(arguments, "permutations", ["r"], 0)?;
    let items = iterate(&value)?;
    let wanted = integer(size.as_ref(), super::python::count(items.len()))?;
    choose(&items, wanted, Choice::Ordered)
}

pub fn combinations(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [size] = bind(arguments, "combinations", ["r"], 1)?;
    let items = iterate(&value)?;
    choose(&items, whole(&size.unwrap_or(Value::Null))?, Choice::Unordered)
}

/// Whether the order of the chosen items matters.
#[derive(Clone, Copy, PartialEq)]
enum Choice {
    Ordered,
    Unordered,
}

fn choose(items: &[Value], wanted: i64, choice: Choice) -> Answer {
    if wanted < 0 {
        return Err(TemplateError::value("r must be non-negative"));
    }
    let wanted = size(wanted);
    if wanted > items.len() {
        return Ok(Value::list(Vec::new()));
    }
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..wanted {
        let mut longer = Vec::new();
        for row in &rows {
            let start = if choice == Choice::Unordered { row.last().map_or(0, |last| last + 1) } else { 0 };
            longer.extend(
                (start..items.len())
                    .filter(|place| !row.contains(place))
                    .map(|place| [row.as_slice(), &[place]].concat()),
            );
            if longer.len().saturating_mul(wanted) > MOST {
                return Err(too_many());
            }
        }
        rows = longer;
    }
    let row = |row: Vec<usize>| Value::list(row.into_iter().map(|place| items[place].clone()).collect());
    Ok(Value::list(rows.into_iter().map(row).collect()))
}

pub fn items(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_items")?;
    if value.is_undefined() {
        return Ok(Value::list(Vec::new()));
    }
    let entries =
        super::python::entries(&value).map_err(|_| TemplateError::value("Can only get item pairs from a mapping."))?;
    Ok(Value::list(entries.into_iter().map(|(key, value)| pair(key.to_value(), value)).collect()))
}

/// How often each item occurs, as `community.general.counter` counts.
pub fn counter(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "counter")?;
    let Some(items) = value.as_list() else {
        check(&value)?;
        return Err(TemplateError::value(format!(
            "Argument for community.general.counter must be a sequence (string or list). {} is {}",
            value.repr(),
            value.type_name()
        )));
    };
    let mut counts = crate::template::Dict::new();
    for item in items {
        let key = super::python::key(item)?;
        let count = counts.get(&key).and_then(Value::as_number).map_or(0, |count| truncate(count.as_f64()));
        counts.insert(key, Value::Int(count + 1));
    }
    Ok(Value::dict(counts))
}

fn truncate(number: f64) -> i64 {
    super::python::truncated(number).unwrap_or(0)
}
