//! Lines of fstab.

/// A line: what is mounted where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What; none where it does not matter.
    pub source: Option<String>,
    /// Where.
    pub path: String,
    /// Type of the file system.
    pub kind: String,
    /// Options.
    pub options: String,
    /// Fifth field.
    pub dump: String,
    /// Sixth field.
    pub pass: String,
}

/// A text as a field of fstab.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('\\', "\\134").replace(' ', "\\040").replace('&', "\\046")
}

impl Entry {
    fn line(&self) -> String {
        let source = self.source.as_deref().unwrap_or_default();
        let fields = [source, &self.path, &self.kind, &self.options, &self.dump, &self.pass].map(escape);
        fields.join(" ") + "\n"
    }

    /// The fields of the line, when it is about this mount point.
    fn fields_of<'a>(&self, line: &'a str) -> Option<Vec<&'a str>> {
        let fields: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        let [source, path, kind, _, ..] = fields.as_slice() else { return None };
        let swap = *path == "none" && *kind == "swap";
        let other_swap = swap && self.source.as_deref().is_some_and(|wanted| wanted != *source);
        (fields.len() <= 6 && *path == escape(&self.path) && !other_swap).then_some(fields)
    }

    /// Sets the entry: the new text; none when it stands there.
    #[must_use]
    pub fn set(&self, text: &str) -> Option<String> {
        let new = self.line();
        let wanted: Vec<&str> = new.split_whitespace().collect();
        let (mut found, mut changed) = (false, false);
        let mut lines = Vec::new();
        for line in text.split_inclusive('\n') {
            let line = line.strip_suffix('\n').unwrap_or(line);
            match self.fields_of(line) {
                None => lines.push(format!("{line}\n")),
                Some(fields) => {
                    found = true;
                    changed |= fields != wanted;
                    lines.push(if fields == wanted { format!("{line}\n") } else { new.clone() });
                }
            }
        }
        if !found {
            lines.push(new);
        }
        (changed || !found).then(|| lines.concat())
    }

    /// Takes the entry away: the new text; none when it is not there.
    #[must_use]
    pub fn unset(&self, text: &str) -> Option<String> {
        let kept: String = text.split_inclusive('\n').filter(|line| self.fields_of(line).is_none()).collect();
        (kept.len() != text.len()).then_some(kept)
    }
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// Where.
    pub path: String,
    /// What, as the kernel says.
    pub device: String,
    /// What, with the directory that a bind mount shows.
    pub source: String,
}

/// Reads `/proc/self/mountinfo`; the last mount at a path comes last.
#[must_use]
pub fn mounts(text: &str) -> Vec<Mounted> {
    struct Raw<'a> {
        id: &'a str,
        parent: &'a str,
        root: String,
        path: String,
        device: String,
    }
    let mut raw = Vec::new();
    for line in text.lines() {
        let Some((mount, system)) = line.split_once(" - ") else { continue };
        let fields: Vec<&str> = mount.split(' ').collect();
        let ([id, parent, _, root, path, ..], Some(device)) = (fields.as_slice(), system.split(' ').nth(1)) else {
            continue;
        };
        raw.push(Raw { id, parent, root: unescape(root), path: unescape(path), device: unescape(device) });
    }
    let source = |mount: &Raw<'_>| {
        let parent = raw.iter().find(|above| above.id == mount.parent && mount.parent != "1");
        let Some(parent) = parent else { return mount.device.clone() };
        let below = format!("{}/", parent.root);
        let root = match mount.root.strip_prefix(&below) {
            Some(rest) if parent.root.len() > 1 => format!("/{rest}"),
            _ => mount.root.clone(),
        };
        if parent.path == "/" { root } else { format!("{}{root}", parent.path) }
    };
    let mounted =
        |mount: &Raw<'_>| Mounted { path: mount.path.clone(), device: mount.device.clone(), source: source(mount) };
    raw.iter().map(mounted).collect()
}

/// A field with `\040` and the like resolved.
#[must_use]
pub fn unescape(field: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = field.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| *first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[3..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FSTAB: &str =
        "# static\nUUID=1 / ext4 defaults 0 1\n/dev/sdb1 /srv/a\\040b xfs noatime\n/dev/s1 none swap sw 0 0";

    fn entry(source: &str, path: &str, kind: &str, options: &str) -> Entry {
        let [source, path, kind, options] = [source, path, kind, options].map(str::to_owned);
        Entry { source: Some(source), path, kind, options, dump: "0".to_owned(), pass: "0".to_owned() }
    }

    #[test]
    fn entries_are_set_by_mount_point() {
        let new = entry("/dev/sdb1", "/srv/a b", "xfs", "noatime");
        let text = new.set(FSTAB).unwrap();
        assert_eq!(text, FSTAB.replace("xfs noatime", "xfs noatime 0 0") + "\n");
        assert_eq!(new.set(&text), None);
        let swap = entry("/dev/s2", "none", "swap", "sw");
        assert_eq!(swap.set(FSTAB).unwrap(), format!("{FSTAB}\n/dev/s2 none swap sw 0 0\n"));
        assert_eq!(entry("a", "/x", "nfs", "rw").set("").unwrap(), "a /x nfs rw 0 0\n");
    }

    #[test]
    fn entries_are_taken_away() {
        let gone = Entry { path: "/srv/a b".to_owned(), ..Entry::default() };
        assert_eq!(gone.unset(FSTAB).unwrap(), FSTAB.replace("/dev/sdb1 /srv/a\\040b xfs noatime\n", ""));
        assert_eq!(Entry { path: "/no".to_owned(), ..Entry::default() }.unset(FSTAB), None);
    }

    /// Lines from a Debian 12 host with a bind mount.
    #[test]
    fn mounts_are_read() {
        let text = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:24 / /tmp rw shared:1 - tmpfs tmpfs rw\n\
                    40 22 8:1 /srv/data /mnt/a\\040b rw - ext4 /dev/sda1 rw\nbroken\n";
        let all = mounts(text);
        assert_eq!(all.len(), 3);
        assert_eq!((all[0].path.as_str(), all[0].source.as_str()), ("/", "/dev/sda1"));
        assert_eq!((all[2].path.as_str(), all[2].source.as_str()), ("/mnt/a b", "/srv/data"));
        assert_eq!(all[2].device, "/dev/sda1");
    }
}
