//! What modules do to hosts: scripts for `sh`. All of them stand in this folder.

/// Declares the scripts: each stands in the file of its name, after the shared functions that it needs.
macro_rules! actions {
    ($($about:literal $name:ident = $($file:literal)+;)*) => {
        $(#[doc = $about] pub const $name: &str = concat!($(include_str!(concat!($file, ".sh"))),+);)*
    };
}

actions! {}
