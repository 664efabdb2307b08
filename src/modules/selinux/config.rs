//! `/etc/selinux/config`: the mode and the policy of the next start.

/// The value of the first line `NAME=VALUE`.
#[must_use]
pub fn setting<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    value.split('=').next().map(str::trim)
}

/// The text with a setting as wanted.
#[must_use]
pub fn set(text: &str, name: &str, value: &str) -> String {
    let start = format!("{name}=");
    let mut found = false;
    let mut new = String::new();
    for line in text.lines() {
        if line.starts_with(&start) {
            found = true;
            new.extend([&start, value, "\n"]);
        } else {
            new.extend([line, "\n"]);
        }
    }
    if !found {
        new.extend([&start, value, "\n"]);
    }
    new
}

/// Whether all kernels start with `SELinux`, as `grubby --info=ALL` says; none when they differ.
#[must_use]
pub fn kernels_enabled(text: &str) -> Option<bool> {
    let args = text.lines().filter_map(|line| line.strip_prefix("args=\"")?.strip_suffix('"'));
    let off: Vec<bool> = args.map(|args| args.split(' ').any(|word| word == "selinux=0")).collect();
    let all = |wanted: bool| off.iter().all(|off| *off == wanted);
    match (all(false), all(true)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_set() {
        let text = "# SELINUX=no\nSELINUX=enforcing\nSELINUXTYPE=targeted\n";
        assert_eq!(setting(text, "SELINUX"), Some("enforcing"));
        assert_eq!(set(text, "SELINUX", "disabled"), "# SELINUX=no\nSELINUX=disabled\nSELINUXTYPE=targeted\n");
        assert_eq!(set("", "SELINUX", "disabled"), "SELINUX=disabled\n");
    }

    #[test]
    fn kernels_may_differ() {
        let (on, off) = ("args=\"ro quiet\"\n", "args=\"ro selinux=0\"\n");
        assert_eq!(kernels_enabled(on), Some(true));
        assert_eq!(kernels_enabled(off), Some(false));
        assert_eq!(kernels_enabled(&format!("{on}{off}")), None);
    }
}
