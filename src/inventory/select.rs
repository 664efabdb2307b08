//! Which hosts a pattern selects. Unions first, then intersections, then exclusions, as in Ansible.

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::pattern::{Last, Matcher, Operator, Slice};
use super::{Host, HostPattern, Inventory, glob};

/// The hosts that a pattern selects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names of the hosts, none twice: those of the pattern's first part first, each part in inventory order.
    pub hosts: Vec<Arc<str>>,
    /// Parts of the pattern that matched nothing, and what was nearest.
    pub warnings: Vec<String>,
}

impl Inventory {
    /// Selects hosts by `pattern`, of those only the ones that `limit` selects too.
    #[must_use]
    pub fn select(&self, pattern: &HostPattern, limit: Option<&HostPattern>) -> Selection {
        let mut selector = Selector { inventory: self, warnings: Vec::new() };
        let mut hosts = selector.evaluate(pattern);
        if let Some(limit) = limit {
            let allowed = selector.evaluate(limit);
            hosts.retain(|name, _| allowed.contains_key(name));
        }
        Selection {
            hosts: hosts.into_values().map(|host| Arc::clone(host.name())).collect(),
            warnings: selector.warnings,
        }
    }

    /// The host or group whose name is nearest to `name`, if any is near.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<String> {
        let names = self.groups.keys().chain(self.hosts.keys()).map(|name| &**name);
        nearest_of(name.trim_matches(['*', '?', '!', '&', '~']), names)
    }
}

/// The name that differs from `wanted` in the fewest letters, at most a third of them.
pub(super) fn nearest_of<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let length = wanted.chars().count();
    let most = (length / 3).max(1);
    let near = |name: &&str| name.chars().count().abs_diff(length) <= most;
    let distances = names.filter(near).map(|name| (strsim::damerau_levenshtein(wanted, name), name));
    distances
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name.to_owned())
}

type Hosts<'a> = IndexMap<&'a str, &'a Host>;

struct Selector<'a> {
    inventory: &'a Inventory,
    warnings: Vec<String>,
}

impl<'a> Selector<'a> {
    fn evaluate(&mut self, pattern: &HostPattern) -> Hosts<'a> {
        let of = |operator| pattern.terms.iter().filter(move |term| term.operator == operator);
        let mut hosts = Hosts::new();
        if of(Operator::Union).next().is_none() {
            hosts.extend(self.name("all"));
        }
        for term in of(Operator::Union) {
            hosts.extend(self.matcher(&term.matcher));
        }
        for term in of(Operator::Intersection) {
            let kept = self.matcher(&term.matcher);
            hosts.retain(|name, _| kept.contains_key(name));
        }
        for term in of(Operator::Exclusion) {
            let excluded = self.matcher(&term.matcher);
            hosts.retain(|name, _| !excluded.contains_key(name));
        }
        hosts
    }

    fn matcher(&mut self, matcher: &Matcher) -> Hosts<'a> {
        match matcher {
            Matcher::Any(matchers) => matchers.iter().flat_map(|matcher| self.matcher(matcher)).collect(),
            Matcher::Name(text) => {
                let hosts = self.name(text);
                self.warn_unless_found(text, &hosts);
                hosts
            }
            Matcher::Regex { text, regex } => {
                // A regex that exceeds its backtracking limit matches nothing.
                let hosts = self.matching(|name| regex.is_match(name).unwrap_or(false), Names::GroupsAndHosts);
                self.warn_unless_found(text, &hosts);
                hosts
            }
            Matcher::Bracketed { text, slice, names } => self.bracketed(text, slice.as_ref(), names),
        }
    }

    /// A name with brackets: a host of that very name, a slice of what stands before them, a range of names, a glob.
    fn bracketed(&mut self, text: &str, slice: Option<&Slice>, names: &[String]) -> Hosts<'a> {
        if let Some(host) = self.inventory.hosts.get(text) {
            return Hosts::from_iter([(&**host.name(), host)]);
        }
        let base = slice.map(|slice| self.name(&slice.base)).unwrap_or_default();
        if let Some(slice) = slice.filter(|slice| !slice.dashed && !base.is_empty()) {
            return self.slice(slice, &base);
        }
        let known = |name: &String| !self.name(name).is_empty();
        if names.iter().any(known) {
            let found: Vec<Hosts<'a>> = names.iter().map(|name| self.name(name)).collect();
            self.warn_missing(names, &found);
            return found.into_iter().flatten().collect();
        }
        if let Some(slice) = slice.filter(|_| !base.is_empty()) {
            self.warnings.push(format!("pattern `{text}` is read as a slice; write {}[{}:…]", slice.base, slice.first));
            return self.slice(slice, &base);
        }
        let hosts = self.name(text);
        self.warn_unless_found(text, &hosts);
        hosts
    }

    fn slice(&mut self, slice: &Slice, base: &Hosts<'a>) -> Hosts<'a> {
        let length = i64::try_from(base.len()).unwrap_or(i64::MAX);
        let first = if slice.first < 0 { slice.first + length } else { slice.first };
        let last = match slice.last {
            None => first,
            Some(Last::End) => length - 1,
            Some(Last::At(last)) => last.min(length - 1),
        };
        if first < 0 || first > last || last >= length {
            self.warnings.push(format!(
                "`{}` has {length} hosts, the first is [0]; [{}] is none of them",
                slice.base, slice.first
            ));
            return Hosts::new();
        }
        let place = |n: i64| usize::try_from(n).unwrap_or(0);
        base.iter().skip(place(first)).take(place(last - first + 1)).map(|(name, host)| (*name, *host)).collect()
    }

    /// Hosts by the name or glob of a host or a group.
    fn name(&self, text: &str) -> Hosts<'a> {
        let inventory = self.inventory;
        if let Some(host) = inventory.hosts.get(text) {
            return Hosts::from_iter([(&**host.name(), host)]);
        }
        if glob::is_glob(text) {
            return self.matching(|name| glob::matches(text, name), Names::GroupsAndHosts);
        }
        if inventory.groups.contains_key(text) {
            return self.matching(|name| name == text, Names::Groups);
        }
        inventory.localhost(text).map(|host| (&**host.name(), host)).into_iter().collect()
    }

    fn matching(&self, is_match: impl Fn(&str) -> bool, names: Names) -> Hosts<'a> {
        let inventory = self.inventory;
        let mut hosts = Hosts::new();
        for group in inventory.groups().filter(|group| is_match(group.name())) {
            hosts.extend(inventory.hosts_within(group).into_iter().map(|host| (&**host.name(), host)));
        }
        if names == Names::GroupsAndHosts {
            hosts.extend(inventory.hosts().filter(|host| is_match(host.name())).map(|host| (&**host.name(), host)));
        }
        hosts
    }

    fn warn_unless_found(&mut self, text: &str, hosts: &Hosts<'a>) {
        // An empty group is no slip of the pen.
        if hosts.is_empty() && !self.inventory.groups.contains_key(text) {
            let hint = self.inventory.nearest(text).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            self.warnings.push(format!("pattern `{text}` matches no host and no group{hint}"));
        }
    }

    fn warn_missing(&mut self, names: &[String], found: &[Hosts<'a>]) {
        let missing: HashSet<&str> =
            names.iter().zip(found).filter(|(_, hosts)| hosts.is_empty()).map(|(name, _)| name.as_str()).collect();
        if !missing.is_empty() {
            let mut shown: Vec<&str> =
                names.iter().map(String::as_str).filter(|name| missing.contains(name)).take(5).collect();
            if missing.len() > shown.len() {
                shown.push("…");
            }
            self.warnings.push(format!("not in the inventory: {} ({})", shown.join(", "), missing.len()));
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Groups,
    GroupsAndHosts,
}
