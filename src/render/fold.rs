//! Puts hosts that said the same under one header.
//!
//! Pure. First exactly: same outcome, code, failure and bytes. Then nearly (`≈`): hosts whose outputs differ only in
//! their own name, addresses, times and ids are one group always. Numbers can be the answer itself (a version, a
//! count), so hosts that differ in numbers become one group unless the numbers sort them into a few classes: at most
//! [`FEW`], of two hosts or more on average. Such classes stay apart.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::mask::Masks;
use crate::event::{Captured, FailureKind, Fate, HostReport, Outcome};

/// Classes of numbers up to this many are shown one by one: as many as a reader takes in at a glance.
const FEW: usize = 10;

/// Outputs above this size, in bytes, are folded exactly only.
const MASK_LIMIT: u64 = 256 * 1024;

/// Whether hosts that differ in plain numbers may share a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// They may.
    Fold,
    /// Each number counts.
    Keep,
}

/// Hosts under one header.
#[derive(Debug)]
pub struct Group {
    /// The members, by name; never empty. The first one's output stands for all.
    pub reports: Vec<Arc<HostReport>>,
    /// Whether all members said exactly the same.
    pub exact: bool,
}

impl Group {
    /// The member whose output is shown.
    #[must_use]
    pub fn shown(&self) -> &HostReport {
        &self.reports[0]
    }
}

/// Collects reports; equal outputs share memory.
#[derive(Debug, Default)]
pub struct Folder {
    outputs: HashSet<Arc<Captured>>,
    reports: Vec<Arc<HostReport>>,
}

impl Folder {
    /// Adds a host.
    pub fn add(&mut self, report: &Arc<HostReport>) {
        let stdout = self.share(&report.stdout);
        let stderr = self.share(&report.stderr);
        let is_shared = Arc::ptr_eq(&stdout, &report.stdout) && Arc::ptr_eq(&stderr, &report.stderr);
        let report =
            if is_shared { Arc::clone(report) } else { Arc::new(HostReport { stdout, stderr, ..(**report).clone() }) };
        self.reports.push(report);
    }

    /// The reports so far, in order of arrival.
    #[must_use]
    pub fn reports(&self) -> &[Arc<HostReport>] {
        &self.reports
    }

    /// The groups: successes first, then failures; within an outcome, the largest first.
    #[must_use]
    pub fn groups(&self, numbers: Numbers) -> Vec<Group> {
        let mut reports = self.reports.clone();
        reports.sort_by(|a, b| a.host.cmp(&b.host));
        let mut groups = merge_alike(exact_groups(reports), numbers);
        groups.sort_by_key(order);
        groups
    }

    fn share(&mut self, output: &Arc<Captured>) -> Arc<Captured> {
        if let Some(known) = self.outputs.get(output) {
            return Arc::clone(known);
        }
        self.outputs.insert(Arc::clone(output));
        Arc::clone(output)
    }
}

fn order(group: &Group) -> (bool, Outcome, Reverse<usize>, Arc<str>) {
    let outcome = group.shown().outcome;
    (!outcome.is_success(), outcome, Reverse(group.reports.len()), Arc::clone(&group.shown().host))
}

/// What must be equal even in groups that are only alike.
type State = (Outcome, Option<i32>, Option<String>, Option<Fate>, Option<FailureKind>);

fn state(report: &HostReport) -> State {
    let kind = report.failure.as_ref().map(|failure| failure.kind);
    (report.outcome, report.rc, report.signal.clone(), report.fate, kind)
}

fn exact_groups(reports: Vec<Arc<HostReport>>) -> Vec<Group> {
    let mut places = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for report in reports {
        let failure = report.failure.as_ref().map(|failure| (failure.message.clone(), failure.hint.clone()));
        // Equal outputs are one allocation, so that their addresses stand for their bytes.
        let outputs = (Arc::as_ptr(&report.stdout).addr(), Arc::as_ptr(&report.stderr).addr());
        let place = *places.entry((state(&report), failure, outputs)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { reports: Vec::new(), exact: true });
        }
        groups[place].reports.push(report);
    }
    groups
}

fn merge_alike(groups: Vec<Group>, numbers: Numbers) -> Vec<Group> {
    let mut families: HashMap<State, Vec<Group>> = HashMap::new();
    for group in groups {
        families.entry(state(group.shown())).or_default().push(group);
    }
    families.into_values().flat_map(|family| merge_family(family, numbers)).collect()
}

fn merge_family(groups: Vec<Group>, numbers: Numbers) -> Vec<Group> {
    if groups.len() < 2 {
        return groups;
    }
    let (small, mut merged): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| is_small(group.shown()));
    let mut shapes: HashMap<Vec<u8>, HashMap<Vec<u8>, Vec<Group>>> = HashMap::new();
    for group in small {
        let masks = masks(group.shown());
        shapes.entry(masks.shape).or_default().entry(masks.identity).or_default().push(group);
    }
    for classes in shapes.into_values() {
        let classes: Vec<Group> = classes.into_values().map(merge).collect();
        if numbers == Numbers::Fold && !numbers_matter(&classes) {
            merged.push(merge(classes));
        } else {
            merged.extend(classes);
        }
    }
    merged
}

fn is_small(report: &HostReport) -> bool {
    report.stdout.total() + report.stderr.total() <= MASK_LIMIT
}

fn numbers_matter(classes: &[Group]) -> bool {
    let hosts: usize = classes.iter().map(|class| class.reports.len()).sum();
    classes.len() > 1 && classes.len() <= FEW && classes.len() * 2 <= hosts + 1
}

fn masks(report: &HostReport) -> Masks {
    let mut masks = Masks::default();
    let failure = report.failure.as_ref().map_or([""; 2], |f| [&f.message, f.hint.as_deref().unwrap_or("")]);
    let mut add = |text: &[u8]| {
        masks.add(text, &report.host);
        masks.add(b"\n", "");
    };
    for text in failure {
        add(text.as_bytes());
    }
    for output in [&report.stdout, &report.stderr] {
        add(&output.head);
        if output.is_truncated() {
            add(output.dropped.to_string().as_bytes());
            add(&output.tail);
        }
    }
    masks
}

fn merge(mut groups: Vec<Group>) -> Group {
    if groups.len() == 1 {
        return groups.remove(0);
    }
    let mut reports: Vec<_> = groups.into_iter().flat_map(|group| group.reports).collect();
    reports.sort_by(|a, b| a.host.cmp(&b.host));
    Group { reports, exact: false }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::fixture::{failed, folder, not_started, ok, unreachable};
    use super::*;

    fn sets(folder: &Folder) -> Vec<String> {
        let set = |group: &Group| {
            let names: Vec<&str> = group.reports.iter().map(|report| &*report.host).collect();
            format!("{}{}", if group.exact { "" } else { "≈ " }, super::super::host_set(&names))
        };
        folder.groups(Numbers::Fold).iter().map(set).collect()
    }

    #[test]
    fn equal_outputs_share_a_group_and_their_memory() {
        let folder = folder(&[ok("a", "x\n"), ok("b", "y\n"), ok("c", "x\n")]);
        assert_eq!(sets(&folder), ["a,c", "b"]);
        assert!(Arc::ptr_eq(&folder.reports()[0].stdout, &folder.reports()[2].stdout));
    }

    #[test]
    fn failures_come_last_and_the_same_words_with_another_code_stay_apart() {
        let folder =
            folder(&[failed("a", 1, "no\n"), not_started("b"), unreachable("c"), failed("d", 2, "no\n"), ok("e", "")]);
        assert_eq!(sets(&folder), ["e", "a", "d", "c", "b"]);
    }

    #[test]
    fn own_names_addresses_times_and_ids_fold() {
        let output =
            |host: &str, n: u8| format!("{host} 10.0.0.{n} 04:30:2{n} 0191e0b2-7c1a-7000-8000-0123456789a{n}\n");
        let folder = folder(&[ok("web1", &output("web1", 1)), ok("web2", &output("web2", 2)), ok("web3", "other\n")]);
        assert_eq!(sets(&folder), ["≈ web[1-2]", "web3"]);
    }

    #[test]
    fn unreachable_hosts_fold_by_what_went_wrong() {
        assert_eq!(sets(&folder(&[unreachable("a"), unreachable("b")])), ["≈ a,b"]);
    }

    #[test]
    fn numbers_that_differ_everywhere_fold_and_numbers_that_sort_hosts_do_not() {
        let loads = folder(&[ok("a", "load 0.1\n"), ok("b", "load 0.2\n"), ok("c", "load 3\n")]);
        assert_eq!(sets(&loads), ["≈ a,b,c"]);
        let versions = folder(&[ok("a", "nginx 1.18\n"), ok("b", "nginx 1.20\n"), ok("c", "nginx 1.18\n")]);
        assert_eq!(sets(&versions), ["a,c", "b"]);
    }

    proptest! {
        #[test]
        fn every_host_appears_exactly_once(outputs in prop::collection::vec("(up|down) [0-9]{1,2}(:[0-9]{2})? ?h?", 0..40)) {
            let mut folder = Folder::default();
            for (index, output) in outputs.iter().enumerate() {
                folder.add(&ok(&format!("h{index}"), output));
            }
            for numbers in [Numbers::Fold, Numbers::Keep] {
                let groups = folder.groups(numbers);
                let hosts: Vec<_> = groups.iter().flat_map(|g| &g.reports).map(|r| r.host.to_string()).collect();
                prop_assert_eq!(hosts.len(), outputs.len());
                prop_assert_eq!(hosts.into_iter().collect::<BTreeSet<_>>().len(), outputs.len());
            }
        }
    }
}
