//! The arguments that all modules about files take.

use crate::modules::{Argument, Kind};

/// Permissions.
pub const MODE: Argument = Argument::of("mode", Kind::Mode, "Permissions: octal, or symbolic such as `u=rw,g=r`.");
/// Owner.
pub const OWNER: Argument = Argument::text("owner", "User that owns it; a name or a number.");
/// Group.
pub const GROUP: Argument = Argument::text("group", "Group that owns it; a name or a number.");
/// Part of the `SELinux` context.
pub const SEUSER: Argument = Argument::text("seuser", "User part of the SELinux context; `_default` for the policy's.");
/// Part of the `SELinux` context.
pub const SEROLE: Argument = Argument::text("serole", "Role part of the SELinux context; `_default` for the policy's.");
/// Part of the `SELinux` context.
pub const SETYPE: Argument = Argument::text("setype", "Type part of the SELinux context; `_default` for the policy's.");
/// Part of the `SELinux` context.
pub const SELEVEL: Argument =
    Argument::text("selevel", "Level part of the SELinux context; `_default` for the policy's.");
/// Flags of `chattr`.
pub const ATTRIBUTES: Argument =
    Argument::text("attributes", "Flags for `chattr`, such as `i`; with `+` or `-` in front, added or taken away.")
        .aliases(&["attr"]);
/// Writing in place.
pub const UNSAFE_WRITES: Argument =
    Argument::bool("unsafe_writes", false, "Writes in place where the file cannot be replaced.");

/// Puts the arguments that all modules about files take after a module's own.
macro_rules! file_arguments {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            $crate::modules::files::arguments::MODE,
            $crate::modules::files::arguments::OWNER,
            $crate::modules::files::arguments::GROUP,
            $crate::modules::files::arguments::SEUSER,
            $crate::modules::files::arguments::SEROLE,
            $crate::modules::files::arguments::SETYPE,
            $crate::modules::files::arguments::SELEVEL,
            $crate::modules::files::arguments::ATTRIBUTES,
            $crate::modules::files::arguments::UNSAFE_WRITES,
        ]
    };
}
pub(crate) use file_arguments;
