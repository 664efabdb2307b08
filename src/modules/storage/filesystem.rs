//! Kinds of file systems: the programs that make, grow and name them, and what these say.

/// A kind of file system.
#[derive(Debug)]
pub struct Kind {
    /// What the argument calls it.
    pub name: &'static str,
    /// What `blkid` calls it.
    pub signature: &'static str,
    /// The program that makes one, with the options that let it overwrite.
    pub make: &'static [&'static str],
    /// Options that set the UUID of a new one, around it.
    pub new_uuid: Option<(&'static str, &'static [&'static str])>,
    /// The option that sets the label of a new one.
    pub new_label: Option<&'static str>,
    /// The program and option that give one another UUID.
    pub change_uuid: Option<(&'static str, &'static str)>,
    /// The program that grows one.
    pub grow: Option<Grow>,
}

/// How a file system is grown.
#[derive(Debug)]
pub struct Grow {
    /// The program and its options.
    pub command: &'static [&'static str],
    /// Whether it wants the place where it is mounted.
    pub mounted: bool,
    /// Bytes at the end that it cannot use.
    pub slack: u64,
}

const PLAIN: Kind =
    Kind { name: "", signature: "", make: &[], new_uuid: None, new_label: None, change_uuid: None, grow: None };

const fn ext(name: &'static str, make: &'static [&'static str]) -> Kind {
    Kind {
        name,
        signature: name,
        make,
        new_uuid: Some(("-U", &[])),
        change_uuid: Some(("tune2fs", "-U")),
        grow: Some(Grow { command: &["resize2fs"], mounted: false, slack: 0 }),
        ..PLAIN
    }
}

const fn plain(name: &'static str, make: &'static [&'static str]) -> Kind {
    Kind { name, signature: name, make, ..PLAIN }
}

/// All kinds.
pub static KINDS: &[Kind] = &[
    ext("ext2", &["mkfs.ext2", "-F"]),
    ext("ext3", &["mkfs.ext3", "-F"]),
    ext("ext4", &["mkfs.ext4", "-F"]),
    ext("ext4dev", &["mkfs.ext4", "-F"]),
    Kind {
        change_uuid: Some(("xfs_admin", "-U")),
        // A new group of allocation needs at least 64 blocks of 4096 bytes.
        grow: Some(Grow { command: &["xfs_growfs"], mounted: true, slack: 64 * 4096 - 1 }),
        ..plain("xfs", &["mkfs.xfs", "-f"])
    },
    Kind {
        grow: Some(Grow { command: &["btrfs", "filesystem", "resize", "max"], mounted: true, slack: 0 }),
        ..plain("btrfs", &["mkfs.btrfs", "-f"])
    },
    Kind {
        signature: "LVM2_member",
        new_uuid: Some(("--uuid", &["--norestorefile"])),
        change_uuid: Some(("pvchange", "-u")),
        grow: Some(Grow { command: &["pvresize"], mounted: false, slack: 0 }),
        ..plain("lvm", &["pvcreate", "-f"])
    },
    Kind { new_uuid: Some(("-U", &[])), new_label: Some("-t"), ..plain("gfs2", &["mkfs.gfs2", "-O"]) },
    plain("f2fs", &["mkfs.f2fs", "-f"]),
    plain("ocfs2", &["mkfs.ocfs2", "-Fx"]),
    plain("reiserfs", &["mkfs.reiserfs", "-q"]),
    plain("swap", &["mkswap", "-f"]),
    plain("vfat", &["mkfs.vfat"]),
];

/// The kind of that name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// What `blkid` found; that of busybox says more than the type.
#[must_use]
pub fn signature(text: &str) -> &str {
    let text = text.trim();
    if !text.contains(' ') {
        return text;
    }
    let rest = text.split_once(" TYPE=").map(|(_, rest)| rest.trim_start_matches('"')).unwrap_or_default();
    rest.split(['"', ' ']).next().unwrap_or_default()
}

/// The size of a file system in bytes, from what its program says.
#[must_use]
pub fn size(name: &str, text: &str) -> Option<u64> {
    let after = |label: &str| text.lines().find_map(|line| line.trim().strip_prefix(label)).map(str::trim);
    match name {
        "xfs" => {
            let data = text.lines().find(|line| line.trim_start().starts_with("data"))?;
            let value = |name: &str| {
                let rest = data.split_once(name)?.1;
                rest.trim_start_matches(['=', ' ']).split([' ', ',']).next()?.parse::<u64>().ok()
            };
            value("bsize")?.checked_mul(value("blocks")?)
        }
        "btrfs" => after("Device size:")?.parse().ok(),
        "lvm" => text.trim().parse().ok(),
        _ => after("Block count:")?.parse::<u64>().ok()?.checked_mul(after("Block size:")?.parse().ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(size("ext4", "Inode count:  1\nBlock count:   25\nBlock size:  1024\n"), Some(25600));
        let xfs = "meta-data=/dev/x isize=512\ndata     =              bsize=4096   blocks=4096, imaxpct=25\n";
        assert_eq!(size("xfs", xfs), Some(16_777_216));
        assert_eq!(size("btrfs", "Overall:\n    Device size:\t\t  1048576\n"), Some(1_048_576));
        assert_eq!(size("lvm", "  4194304\n"), Some(4_194_304));
        assert_eq!(size("ext4", ""), None);
    }

    #[test]
    fn signatures_are_read() {
        assert_eq!(signature("ext4\n"), "ext4");
        assert_eq!(signature("/dev/sda2: UUID=\"x\" TYPE=\"btrfs\"\n"), "btrfs");
        assert_eq!(signature(""), "");
    }
}
