//! Which tasks run for `--tags` and `--skip-tags`.
//!
//! Pure: takes tags as they are when their templates were computed.

/// What `--tags` and `--skip-tags` say; an empty `only` means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagFilter {
    /// `--tags`.
    pub only: Vec<String>,
    /// `--skip-tags`.
    pub skip: Vec<String>,
}

impl TagFilter {
    /// Whether a task with these tags, its own and those it inherits, runs.
    ///
    /// `always` runs unless it is skipped by name, `never` only when one of its tags is asked for; `tagged`, `untagged`
    /// and `all` mean what they say.
    #[must_use]
    pub fn runs(&self, tags: &[String]) -> bool {
        self.is_chosen(tags) && !self.is_skipped(tags)
    }

    fn is_chosen(&self, tags: &[String]) -> bool {
        let has = |name: &str| tags.iter().any(|tag| tag == name);
        let asks = |name: &str| self.only.iter().any(|tag| tag == name);
        let is_named = self.only.iter().any(|tag| if tags.is_empty() { tag == "untagged" } else { has(tag) });
        if has("always") || is_named {
            return true;
        }
        let asks_all = self.only.is_empty() || asks("all");
        !has("never") && (asks_all || (asks("tagged") && !tags.is_empty()))
    }

    fn is_skipped(&self, tags: &[String]) -> bool {
        let has = |name: &str| tags.iter().any(|tag| tag == name);
        let skips = |name: &str| self.skip.iter().any(|tag| tag == name);
        if skips("all") {
            return !has("always") || skips("always");
        }
        let is_named = self.skip.iter().any(|tag| if tags.is_empty() { tag == "untagged" } else { has(tag) });
        is_named || (skips("tagged") && !tags.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(only: &str, skip: &str, tags: &str) -> bool {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        TagFilter { only: list(only), skip: list(skip) }.runs(&list(tags))
    }

    #[test]
    fn tasks_are_chosen_as_ansible_chooses_them() {
        for (only, skip, tags, expected) in [
            ("", "", "", true),
            ("", "", "never", false),
            ("", "", "never a", false),
            ("a", "", "never a", true),
            ("a", "", "", false),
            ("a", "", "b", false),
            ("a", "", "a b", true),
            ("a", "", "always", true),
            ("tagged", "", "", false),
            ("tagged", "", "a", true),
            ("tagged", "", "a never", false),
            ("untagged", "", "", true),
            ("untagged", "", "a", false),
            ("all", "", "a", true),
            ("all", "", "never", false),
            ("", "a", "a", false),
            ("", "a", "always a", false),
            ("", "always", "always", false),
            ("", "all", "a", false),
            ("", "all", "always", true),
            ("", "all always", "always", false),
            ("", "tagged", "a", false),
            ("", "tagged", "", true),
            ("", "untagged", "", false),
            ("a", "b", "a b", false),
        ] {
            assert_eq!(runs(only, skip, tags), expected, "--tags {only} --skip-tags {skip}: {tags}");
        }
    }
}
