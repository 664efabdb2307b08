//! Which groups of facts are wanted: `gather_subset`, and `filter`.

use crate::modules::ModuleError;

/// The groups of facts that are gathered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subset {
    groups: Vec<&'static str>,
    asked: Vec<String>,
}

/// All groups, in an order in which each finds the facts that it builds on: name, whether `min` has it, the facts
/// that stand for it in `gather_subset`, the groups that it needs.
const GROUPS: &[(&str, bool, &[&str], &[&str])] = &[
    (
        "platform",
        true,
        &["system", "kernel", "kernel_version", "machine", "python_version", "architecture", "machine_id"],
        &[],
    ),
    (
        "distribution",
        true,
        &["distribution_version", "distribution_release", "distribution_major_version", "os_family"],
        &[],
    ),
    ("lsb", true, &[], &[]),
    ("selinux", true, &[], &[]),
    ("apparmor", true, &[], &[]),
    ("chroot", false, &["is_chroot"], &[]),
    ("fips", true, &[], &[]),
    ("python", true, &[], &[]),
    ("caps", true, &["system_capabilities", "system_capabilities_enforced"], &[]),
    ("pkg_mgr", true, &[], &["distribution"]),
    ("service_mgr", true, &[], &["platform", "distribution"]),
    ("cmdline", true, &[], &[]),
    ("date_time", true, &[], &[]),
    ("env", true, &[], &[]),
    ("loadavg", false, &[], &[]),
    (
        "ssh_pub_keys",
        true,
        &[
            "ssh_host_pub_keys",
            "ssh_host_key_dsa_public",
            "ssh_host_key_rsa_public",
            "ssh_host_key_ecdsa_public",
            "ssh_host_key_ed25519_public",
        ],
        &[],
    ),
    (
        "user",
        true,
        &[
            "user_id",
            "user_uid",
            "user_gid",
            "user_gecos",
            "user_dir",
            "user_shell",
            "real_user_id",
            "effective_user_id",
            "effective_group_ids",
        ],
        &[],
    ),
    ("systemd", false, &[], &[]),
    (
        "virtual",
        false,
        &["virtualization_type", "virtualization_role", "virtualization_tech_guest", "virtualization_tech_host"],
        &[],
    ),
    ("hardware", false, &["processor", "processor_cores", "processor_count", "mounts", "devices"], &["platform"]),
    ("dns", true, &[], &[]),
    ("fibre_channel_wwn", false, &[], &[]),
    (
        "network",
        false,
        &["interfaces", "default_ipv4", "default_ipv6", "all_ipv4_addresses", "all_ipv6_addresses"],
        &["distribution", "platform"],
    ),
    ("iscsi", false, &[], &[]),
    ("nvme", false, &[], &[]),
    ("local", true, &[], &[]),
    // Facts of other programs, which are not run.
    ("facter", false, &[], &[]),
    ("ohai", false, &[], &[]),
];

impl Subset {
    /// Reads `gather_subset`: names are added, names with `!` taken away, unless they were named themselves.
    ///
    /// # Errors
    /// When a group is unknown.
    pub fn new(asked: &[String]) -> Result<Self, ModuleError> {
        let asked: Vec<String> = if asked.is_empty() { vec!["all".to_owned()] } else { asked.to_vec() };
        let valid = valid();
        let minimal: Vec<&str> = GROUPS.iter().filter(|group| group.1).map(|group| group.0).collect();
        let (mut added, mut excluded, mut named) = (minimal.clone(), Vec::new(), Vec::new());
        for name in &asked {
            match (name.as_str(), name.strip_prefix('!')) {
                ("min", _) => added.extend(&minimal),
                ("all", _) => added.extend(&valid),
                (_, Some("min")) => excluded.extend(&minimal),
                (_, Some("all")) => excluded.extend(valid.iter().copied().filter(|name| !minimal.contains(name))),
                (_, Some(name)) => {
                    excluded.extend(valid.iter().copied().filter(|other| *other == name));
                    let aliases = GROUPS.iter().filter(|group| group.0 == name).flat_map(|group| group.2);
                    excluded.extend(aliases.copied());
                }
                (name, None) => {
                    let Some(name) = valid.iter().copied().find(|other| *other == name) else {
                        return Err(bad(name, valid));
                    };
                    named.push(name);
                    added.push(name);
                }
            }
        }
        added.retain(|name| !excluded.contains(name) || named.contains(name));
        Ok(Self { groups: with_needs(&added), asked })
    }

    /// The groups, in order.
    #[must_use]
    pub fn groups(&self) -> &[&'static str] {
        &self.groups
    }

    /// What was asked for.
    #[must_use]
    pub fn asked(&self) -> &[String] {
        &self.asked
    }
}

fn valid() -> Vec<&'static str> {
    GROUPS.iter().flat_map(|group| std::iter::once(&group.0).chain(group.2)).copied().collect()
}

fn bad(name: &str, mut valid: Vec<&str>) -> ModuleError {
    valid.sort_unstable();
    let valid = valid.join(", ");
    ModuleError::new(format!("Bad subset '{name}' given to Ansible. gather_subset options allowed: all, {valid}"))
}

fn with_needs(names: &[&str]) -> Vec<&'static str> {
    let wanted = |group: &&(&str, bool, &[&str], &[&str])| {
        names.contains(&group.0) || group.2.iter().any(|alias| names.contains(alias))
    };
    let chosen: Vec<_> = GROUPS.iter().filter(wanted).collect();
    GROUPS
        .iter()
        .filter(|group| chosen.iter().any(|other| other.0 == group.0 || other.3.contains(&group.0)))
        .map(|group| group.0)
        .collect()
}

/// Whether a pattern of `filter` wants a fact; the prefix `ansible_` may be left out.
pub fn wants(pattern: &str, name: &str) -> bool {
    if pattern.is_empty() || matches(pattern, name) {
        return true;
    }
    let prefixed = ["ansible_", "facter", "ohai"].iter().any(|prefix| pattern.starts_with(prefix));
    !prefixed && matches(&format!("ansible_{pattern}"), name)
}

/// Matches a shell pattern: `*`, `?` and `[…]`.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // For each prefix of the pattern, which prefixes of the text it matches; linear in the product of both.
    let mut reached: Vec<bool> = std::iter::once(true).chain(text.iter().map(|_| false)).collect();
    let mut rest = pattern.as_slice();
    while let Some((head, tail)) = rest.split_first() {
        let (class, next) = class(*head, tail);
        rest = next;
        let mut after = vec![false; reached.len()];
        if *head == '*' {
            let first = reached.iter().position(|at| *at).unwrap_or(reached.len());
            after.iter_mut().skip(first).for_each(|at| *at = true);
        } else {
            for (index, character) in text.iter().enumerate().filter(|(index, _)| reached[*index]) {
                after[index + 1] = class.contains(*character);
            }
        }
        reached = after;
    }
    reached.last() == Some(&true)
}

struct Class<'a> {
    any: bool,
    negated: bool,
    members: &'a [char],
    single: char,
}

impl Class<'_> {
    fn contains(&self, character: char) -> bool {
        if self.any {
            return true;
        }
        if self.members.is_empty() {
            return self.single == character;
        }
        let (mut found, mut index) = (false, 0);
        while index < self.members.len() {
            if self.members.get(index + 1) == Some(&'-') && index + 2 < self.members.len() {
                found |= (self.members[index]..=self.members[index + 2]).contains(&character);
                index += 3;
            } else {
                found |= self.members[index] == character;
                index += 1;
            }
        }
        found != self.negated
    }
}

fn class(head: char, tail: &[char]) -> (Class<'_>, &[char]) {
    let plain = Class { any: head == '?' || head == '*', negated: false, members: &[], single: head };
    if head != '[' {
        return (plain, tail);
    }
    let negated = tail.first() == Some(&'!');
    let start = usize::from(negated);
    match tail.iter().skip(start + 1).position(|character| *character == ']') {
        Some(length) => {
            let end = start + 1 + length;
            (Class { any: false, negated, members: &tail[start..end], single: head }, &tail[end + 1..])
        }
        None => (plain, tail),
    }
}
