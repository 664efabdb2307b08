//! Filters, as Ansible 2.19 and Jinja2 answer.
//!
//! A filter is one function and one line in the table below. Names in the table are short; the collection that a line
//! stands under makes the full one.

#![expect(clippy::needless_pass_by_value, reason = "the signature of filters")]

mod attribute;
pub(in crate::template) mod bind;
mod codes;
mod crypt;
mod defaults;
mod dicts;
mod general;
mod html;
pub(in crate::template) mod ip;
mod json;
mod lists;
mod numbers;
mod order;
pub(in crate::template) mod paths;
pub(in crate::template) mod percent;
pub(in crate::template) mod python;
mod query;
mod random;
pub(in crate::template) mod regex;
mod select;
mod sets;
mod shell;
mod sizes;
mod tables;
mod text;
mod time;
pub(in crate::template) mod urls;
mod vault;
pub(in crate::template) mod version;
mod wrap;
mod yaml;

pub use crypt::{hash_password, is_hash_of};
pub use shell::quoted;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::call::Filter;
pub(in crate::template) use random::{random_parts, random_text};

macro_rules! filters {
    ($($collection:literal { $($($name:literal)|+ => $filter:path,)* })*) => {
        /// The collection, the short name, the filter.
        const TABLE: &[(&str, &str, Filter)] = &[$($($(($collection, $name, $filter),)+)*)*];
    };
}

filters! {
    "ansible.builtin" {
        "abs" => numbers::abs,
        "b64decode" => codes::b64decode,
        "b64encode" => codes::b64encode,
        "basename" => paths::basename,
        "batch" => lists::batch,
        "bool" => defaults::bool,
        "capitalize" => text::capitalize,
        "center" => text::center,
        "checksum" | "sha1" => codes::sha1,
        "combinations" => lists::combinations,
        "combine" => dicts::combine,
        "comment" => shell::comment,
        "commonpath" => paths::commonpath,
        "count" | "length" => lists::length,
        "default" | "d" => defaults::default,
        "dict2items" => dicts::dict2items,
        "dictsort" => order::dictsort,
        "difference" => sets::difference,
        "dirname" => paths::dirname,
        "escape" | "e" | "forceescape" => html::escape,
        "expanduser" => paths::expanduser,
        "expandvars" => paths::expandvars,
        "extract" => dicts::extract,
        "fileglob" => paths::fileglob,
        "filesizeformat" => sizes::filesizeformat,
        "first" => lists::first,
        "flatten" => lists::flatten,
        "float" => numbers::float,
        "format" => percent::filter,
        "from_json" => json::from_json,
        "from_yaml" => yaml::from_yaml,
        "from_yaml_all" => yaml::from_yaml_all,
        "groupby" => order::groupby,
        "hash" => codes::hash,
        "human_readable" => sizes::human_readable,
        "human_to_bytes" => sizes::human_to_bytes,
        "indent" => text::indent,
        "int" => numbers::int,
        "intersect" => sets::intersect,
        "items" => lists::items,
        "items2dict" => dicts::items2dict,
        "join" => order::join,
        "last" => lists::last,
        "list" => lists::list,
        "log" => numbers::log,
        "lower" => text::lower,
        "mandatory" => defaults::mandatory,
        "map" => select::map,
        "max" => order::max,
        "md5" => codes::md5,
        "min" => order::min,
        "normpath" => paths::normpath,
        "password_hash" => crypt::password_hash,
        "path_join" => paths::path_join,
        "permutations" => lists::permutations,
        "pow" => numbers::pow,
        "pprint" => json::pprint,
        "product" => lists::product,
        "quote" => shell::quote,
        "random" => random::random,
        "realpath" => paths::realpath,
        "regex_escape" => regex::regex_escape,
        "regex_findall" => regex::regex_findall,
        "regex_replace" => regex::regex_replace,
        "regex_search" => regex::regex_search,
        "reject" => select::reject,
        "rejectattr" => select::rejectattr,
        "rekey_on_member" => dicts::rekey_on_member,
        "relpath" => paths::relpath,
        "replace" => text::replace,
        "reverse" => lists::reverse,
        "root" => numbers::root,
        "round" => numbers::round,
        "safe" => json::safe,
        "select" => select::select,
        "selectattr" => select::selectattr,
        "shuffle" => random::shuffle,
        "slice" => lists::slice,
        "sort" => order::sort,
        "split" => text::split,
        "splitext" => paths::splitext,
        "strftime" => time::strftime,
        "string" => text::string,
        "striptags" => html::striptags,
        "subelements" => dicts::subelements,
        "sum" => order::sum,
        "symmetric_difference" => sets::symmetric_difference,
        "ternary" => defaults::ternary,
        "title" => text::title,
        "to_datetime" => time::to_datetime,
        "to_json" => json::to_json,
        "to_nice_json" => json::to_nice_json,
        "to_nice_yaml" => yaml::to_nice_yaml,
        "to_uuid" => codes::to_uuid,
        "to_yaml" => yaml::to_yaml,
        "tojson" => json::tojson,
        "trim" => text::trim,
        "truncate" => text::truncate,
        "type_debug" => defaults::type_debug,
        "union" => sets::union,
        "unique" => sets::unique,
        "unvault" => vault::unvault,
        "upper" => text::upper,
        "urldecode" => urls::urldecode,
        "urlencode" => urls::urlencode,
        "urlize" => html::urlize,
        "urlsplit" => urls::urlsplit,
        "win_basename" => paths::win_basename,
        "win_dirname" => paths::win_dirname,
        "win_splitdrive" => paths::win_splitdrive,
        "vault" => vault::vault,
        "wordcount" => text::wordcount,
        "wordwrap" => wrap::wordwrap,
        "xmlattr" => html::xmlattr,
        "zip" => lists::zip,
        "zip_longest" => lists::zip_longest,
    }
    "ansible.utils" {
        "cidr_merge" => ip::cidr_merge,
        "hwaddr" => ip::hwaddr,
        "ipaddr" => ip::ipaddr,
        "ipmath" => ip::ipmath,
        "ipsubnet" => ip::ipsubnet,
        "ipv4" => ip::ipv4,
        "ipv6" => ip::ipv6,
        "ipwrap" => ip::ipwrap,
        "macaddr" => ip::macaddr,
        "network_in_network" => ip::network_in_network,
        "network_in_usable" => ip::network_in_usable,
        "next_nth_usable" => ip::next_nth_usable,
        "nthhost" => ip::nthhost,
        "previous_nth_usable" => ip::previous_nth_usable,
        "reduce_on_network" => ip::reduce_on_network,
        "slaac" => ip::slaac,
        "usable_range" => ip::usable_range,
    }
    "community.general" {
        "counter" => lists::counter,
        "crc32" => codes::crc32,
        "dict" => tables::dict,
        "dict_kv" => general::dict_kv,
        "from_csv" => tables::from_csv,
        "groupby_as_dict" => order::groupby_as_dict,
        "json_query" => query::json_query,
        "keep_keys" => general::keep_keys,
        "lists_difference" => sets::lists_difference,
        "lists_intersect" => sets::lists_intersect,
        "lists_mergeby" => dicts::lists_mergeby,
        "lists_symmetric_difference" => sets::lists_symmetric_difference,
        "lists_union" => sets::lists_union,
        "random_mac" => random::random_mac,
        "remove_keys" => general::remove_keys,
        "replace_keys" => general::replace_keys,
        "to_days" => general::to_days,
        "to_hours" => general::to_hours,
        "to_milliseconds" => general::to_milliseconds,
        "to_minutes" => general::to_minutes,
        "to_months" => general::to_months,
        "to_seconds" => general::to_seconds,
        "to_time_unit" => general::to_time_unit,
        "to_weeks" => general::to_weeks,
        "to_years" => general::to_years,
        "version_sort" => version::version_sort,
    }
}

/// The filters by collection and short name; without collection, the first of that name.
static FILTERS: LazyLock<HashMap<(&str, &str), Filter>> = LazyLock::new(|| {
    let mut filters = HashMap::new();
    for (collection, name, filter) in TABLE {
        filters.insert((*collection, *name), *filter);
        filters.entry(("", *name)).or_insert(*filter);
    }
    filters
});

/// Finds a filter by its short or full name.
#[must_use]
pub fn find(name: &str) -> Option<Filter> {
    FILTERS.get(&parts(name)).copied()
}

/// The collection and the short name; collections that were split or renamed are known by both names.
pub(in crate::template) fn parts(name: &str) -> (&str, &str) {
    let Some((collection, name)) = name.rsplit_once('.') else { return ("", name) };
    let collection = match collection {
        "ansible.legacy" => "ansible.builtin",
        "ansible.netcommon" => "ansible.utils",
        other => other,
    };
    (collection, name)
}

/// The names of all filters, for `did you mean`.
#[must_use]
pub fn names() -> Vec<&'static str> {
    TABLE.iter().map(|(_, name, _)| *name).collect()
}

/// Whether a filter takes an undefined value.
#[must_use]
pub fn takes_undefined(name: &str) -> bool {
    matches!(parts(name).1, "default" | "d" | "mandatory" | "type_debug" | "items")
}

#[cfg(test)]
mod checks;
