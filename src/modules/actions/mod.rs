//! What modules do to hosts: scripts for `sh`. All of them stand in this folder.

/// Declares the scripts: each stands in the file of its name, after the shared functions that it needs.
macro_rules! actions {
    ($($about:literal $name:ident = $($file:literal)+;)*) => {
        $(#[doc = $about] pub const $name: &str = concat!($(include_str!(concat!($file, ".sh"))),+);)*
    };
}

actions! {
    "Sets an access control list and says how it is then." ACL = "../probes/expand" "acl";
    "Enables or disables a module of Apache and says which are loaded then." APACHE2_MODULE = "apache2_module";
    "Runs apt-get, dpkg or apt-mark once the lock is free." APT = "apt";
    "Adds or removes a key of apt and says which there are then."
        APT_KEY = "../probes/expand" "../probes/download" "../probes/apt_keys" "apt_key";
    "Fetches apt's lists and says what apt knows then." APT_UPDATE = "../probes/apt_knows" "apt_update";
    "Packs an archive."
        ARCHIVE = "../probes/expand" "../probes/quote" "../probes/lib" "../probes/archiving" "set" "archive";
    "Writes a source of apt and its key." DEB822 = "deb822";
    "Runs a command with what it is given on standard input." FEED = "feed";
    "Runs gem and says what it has then." GEM = "../probes/expand" "../probes/said" "gem";
    "Makes a path a directory, a link, a file that is there, nothing; sets attributes."
        FILE = "../probes/expand" "../probes/lib" "set" "file";
    "Makes locales and says which there are then." LOCALE_GEN = "locale_gen";
    "Sets owners and modes below a directory." RECURSE = "../probes/expand" "../probes/lib" "set" "recurse";
    "Writes fstab, mounts and unmounts." MOUNT = "mount";
    "Runs brew." BREW = "../probes/brew_find" "brew";
    "Runs brew for casks." BREW_CASKS = "../probes/brew_find" "brew_casks";
    "Adds or removes repositories of Homebrew." BREW_TAPS = "../probes/brew_find" "brew_taps";
    "Sets or resets a key of dconf." DCONF = "dconf";
    "Runs pkg of FreeBSD." PKGNG = "pkgng";
    "Sets properties of ZFS and says how they are then." ZFS = "zfs";
    "Runs one command." RUN = "run";
    "Makes a virtual environment and runs pip." PIP = "../probes/expand" "../probes/find_pip" "pip";
    "Runs a command in a directory." RUN_IN = "../probes/expand" "run_in";
    "Runs commands one after another until one fails." RUN_EACH = "run_each";
    "Runs commands in a directory, which is made when it is missing." RUN_EACH_IN = "../probes/expand" "into" "run_each";
    "Alters a service that systemd does not manage." SERVICE = "service";
    "Runs systemctl for one unit." SYSTEMCTL = "systemctl";
    "Makes systemd read its files again and says how a unit is then."
        SYSTEMD_RELOAD = "../probes/systemd_knows" "systemd_reload";
    "Writes or deletes a file of apt's sources." APT_SOURCE = "apt_source";
    "Copies a directory of the host." COPY_TREE = "../probes/expand" "../probes/lib" "set" "copy_tree";
    "Replaces a user's crontab." CRONTAB = "crontab";
    "Makes a checkout of git what it is to be." GIT = "../probes/expand" "git";
    "Sets a setting of git." GIT_CONFIG = "../probes/expand" "git_config";
    "Sets the host's name." HOSTNAME = "hostname";
    "Writes a file beside its place and renames it there." PUT = "place" "put";
    "Sets a kernel parameter." SYSCTL = "../probes/expand" "place" "sysctl";
    "Has rpm take a key." RPM_KEY = "rpm_key";
    "Alters `SELinux`." SELINUX = "place" "selinux";
    "Runs ufw and says what it has then." UFW = "../probes/said" "ufw";
    "Loads or unloads a kernel module." MODPROBE = "place" "modprobe";
    "Applies a patch, or takes it away." PATCH = "../probes/expand" "patch";
    "Deletes files." REMOVE_FILE = "remove_file";
    "Runs rsync." SYNCHRONIZE = "synchronize";
    "Sets the time zone." TIMEZONE = "timezone";
    "Has the host start anew." REBOOT = "detach" "reboot";
    "Turns the host off." SHUTDOWN = "detach" "shutdown";
    "Runs composer." COMPOSER = "../probes/expand" "../probes/said" "../probes/composer_call" "composer";
    "Runs parted and says how the disk is then." PARTED = "../probes/said" "parted";
    "Alters a checkout of Subversion." SVN = "../probes/expand" "../probes/said" "../probes/svn_call" "svn";
    "Gets a file from a web server."
        DOWNLOAD = "../probes/expand" "../probes/lib" "../probes/http" "set" "download" "write";
    "Asks a web server for something that it may alter." WEB = "../probes/expand" "../probes/http" "web";
    "Runs zypper and says what it did." ZYPPER = "../probes/said" "../probes/zypper_call" "zypper";
    "Runs dnf or yum and says what came and went." DNF = "../probes/dnf_tool" "dnf";
    "Makes a pair of SSH keys and says how it is then."
        SSH_KEYPAIR = "../probes/expand" "set" "../probes/ssh_key_knows" "ssh_keypair";
    "Runs supervisorctl." SUPERVISOR = "../probes/expand" "../probes/supervisor_runs" "supervisor";
    "Sends mail." MAIL = "../probes/expand" "mail";
    "Makes a temporary file or directory and says how it is." TEMPFILE = "../probes/expand" "../probes/lib" "tempfile";
    "Unpacks an archive."
        UNARCHIVE = "../probes/expand" "../probes/http" "set" "../probes/quote" "../probes/archive" "unarchive";
    "Makes or alters a user and says how it is then." USER = "../probes/user_knows" "user";
    "Makes a directory and replaces the content of a file in it."
        WRITE_IN_DIRECTORY = "../probes/expand" "../probes/lib" "set" "in_directory" "write";
    "Replaces the content of a file." WRITE = "../probes/expand" "../probes/lib" "set" "write";
    "Runs docker." DOCKER = "../probes/expand" "docker";
    "Runs podman." PODMAN = "../probes/said" "podman";
    "Gives a server of `MongoDB` commands." MONGODB = "../probes/expand" "../probes/mongodb_call" "mongodb";
    "Gives a server of `MySQL` statements." MYSQL = "../probes/mysql_call" "mysql";
    "Writes databases of `MySQL` to a file, or reads them." MYSQL_FILE = "../probes/expand" "../probes/mysql_call" "mysql_file";
    "Gives a server of `PostgreSQL` statements." POSTGRESQL = "postgresql";
    "Writes a database of `PostgreSQL` to a file, or reads it." POSTGRESQL_FILE = "../probes/expand" "postgresql_file";
    "Has openssl make a file." OPENSSL_WRITE = "../probes/expand" "../probes/lib" "set" "openssl_make" "write";
    "Runs commands of `RabbitMQ`, which read a password." RABBITMQ = "rabbitmq";
}
