//! What modules do to hosts: scripts for `sh`. All of them stand in this folder.

/// Declares the scripts: each stands in the file of its name, after the shared functions that it needs.
macro_rules! actions {
    ($($about:literal $name:ident = $($file:literal)+;)*) => {
        $(#[doc = $about] pub const $name: &str = concat!($(include_str!(concat!($file, ".sh"))),+);)*
    };
}

actions! {
    "Enables or disables a module of Apache and says which are loaded then." APACHE2_MODULE = "apache2_module";
    "Runs apt-get, dpkg or apt-mark once the lock is free." APT = "apt";
    "Adds or removes a key of apt and says which there are then."
        APT_KEY = "../probes/expand" "../probes/download" "../probes/apt_keys" "apt_key";
    "Fetches apt's lists and says what apt knows then." APT_UPDATE = "../probes/apt_knows" "apt_update";
    "Writes a source of apt and its key." DEB822 = "deb822";
    "Runs a command with what it is given on standard input." FEED = "feed";
    "Makes a path a directory, a link, a file that is there, nothing; sets attributes."
        FILE = "../probes/expand" "../probes/lib" "set" "file";
    "Makes locales and says which there are then." LOCALE_GEN = "locale_gen";
    "Sets owners and modes below a directory." RECURSE = "../probes/expand" "../probes/lib" "set" "recurse";
    "Runs one command." RUN = "run";
    "Runs a command in a directory." RUN_IN = "../probes/expand" "run_in";
    "Runs commands one after another until one fails." RUN_EACH = "run_each";
    "Alters a service that systemd does not manage." SERVICE = "service";
    "Runs systemctl for one unit." SYSTEMCTL = "systemctl";
    "Makes systemd read its files again and says how a unit is then."
        SYSTEMD_RELOAD = "../probes/systemd_knows" "systemd_reload";
    "Writes or deletes a file of apt's sources." APT_SOURCE = "apt_source";
    "Replaces a user's crontab." CRONTAB = "crontab";
    "Sets the host's name." HOSTNAME = "hostname";
    "Writes a file beside its place and renames it there." PUT = "put";
    "Deletes files." REMOVE_FILE = "remove_file";
    "Sets the time zone." TIMEZONE = "timezone";
    "Has the host start anew." REBOOT = "reboot";
    "Runs dnf or yum and says what came and went." DNF = "dnf";
    "Makes a temporary file or directory." TEMPFILE = "../probes/expand" "tempfile";
    "Makes or alters a user and says how it is then." USER = "../probes/user_knows" "user";
    "Replaces the content of a file." WRITE = "../probes/expand" "../probes/lib" "set" "write";
}
