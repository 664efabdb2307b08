//! What may be asked of a host: scripts that only read. All of them stand in this folder, so that a reader can see
//! that none changes anything.

/// A read-only script for `sh`; its arguments are `$1` and on.
#[derive(Debug)]
pub struct Probe {
    /// Its name, for messages and the journal.
    pub name: &'static str,
    /// Its text.
    pub script: &'static str,
}

/// Declares the probes: what each says, its name, and its files, the shared functions that it needs first.
macro_rules! probes {
    ($($about:literal $item:ident = $name:literal: $($file:literal)+;)*) => {
        $(
            #[doc = $about]
            pub static $item: Probe =
                Probe { name: $name, script: concat!($(include_str!(concat!($file, ".sh"))),+) };
        )*
    };
}

probes! {
    "The numbers of a user." ACCOUNT_IDS = "account_ids": "account_ids";
    "What an access control list is, and what would change." ACL = "acl": "expand" "acl";
    "What is known of a group of alternatives." ALTERNATIVES = "alternatives": "alternatives";
    "What goes into an archive, and whether all of it is there." ARCHIVED = "archived": "expand" "quote" "archiving" "archived";
    "The modules that Apache has loaded." APACHE2_MODULES = "apache2_modules": "apache2_modules";
    "What apt-key knows, and which key would be added." APT_KEY = "apt_key": "expand" "download" "apt_keys" "apt_key";
    "What apt-get would do." APT_SIMULATE = "apt_simulate": "apt_simulate";
    "The files of apt's sources." APT_SOURCES = "apt_sources": "apt_sources";
    "What apt knows of packages." APT_STATE = "apt_state": "apt_knows" "apt_state";
    "How owners and modes below a directory are." BELOW = "below": "expand" "lib" "below";
    "Which casks of Homebrew are there." BREW_CASKS = "brew_casks": "said" "brew_find" "brew_casks";
    "What Homebrew knows of packages." BREW_INFO = "brew_info": "brew_find" "brew_info";
    "The repositories of Homebrew." BREW_TAPS = "brew_taps": "said" "brew_find" "brew_taps";
    "The capabilities of a file." CAPABILITIES = "capabilities": "capabilities";
    "A crontab." CRONTAB = "crontab": "crontab";
    "The value of a key of dconf." DCONF = "dconf": "dconf";
    "What pkg of FreeBSD has." PKGNG = "pkgng": "said" "pkgng";
    "What a thing of ZFS is." ZFS = "zfs": "said" "zfs";
    "The answers that debconf has." DEBCONF = "debconf": "debconf";
    "What stands where a source of apt belongs." DEB822 = "deb822": "download" "deb822";
    "What a .deb is and whether it is installed." DEB_STATE = "deb_state": "deb_state";
    "Packages and repositories that dnf knows." DNF_LIST = "dnf_list": "dnf_tool" "dnf_list";
    "What is installed of packages, and what dnf would do." DNF_STATE = "dnf_state": "dnf_tool" "dnf_state";
    "What dpkg is to do with a package." DPKG_SELECTION = "dpkg_selection": "dpkg_selection";
    "Whether paths exist." EXISTING = "existing": "expand" "lib" "existing";
    "Prints what facts are made of." FACTS = "facts": "facts";
    "What a database of names holds." GETENT = "getent": "said" "getent";
    "What a checkout of git is, and what its remote has." GIT = "git": "expand" "said" "git";
    "The values of a setting of git." GIT_CONFIG = "git_config": "expand" "git_config";
    "How a group is." GROUP_STATE = "group_state": "group_state";
    "The names of the host, now and after the next start." HOSTNAME = "hostname": "hostname";
    "The keys behind an address." KEY_SOURCE = "key_source": "key_source";
    "The locales of the host." LOCALES = "locales": "locales";
    "What paths are, and what a file holds." LOOK = "look": "expand" "lib" "look";
    "How a kernel module is." MODPROBE = "modprobe": "said" "modprobe";
    "How a boolean of `SELinux` is." SEBOOLEAN = "seboolean": "said" "seboolean";
    "How `SELinux` is." SELINUX = "selinux": "said" "selinux";
    "What the policy of `SELinux` says." SEMANAGE = "semanage": "said" "semanage";
    "What a key of rpm is." RPM_KEY = "rpm_key": "expand" "said" "rpm_key";
    "What apk knows." APK = "apk": "said" "apk";
    "What pacman knows." PACMAN = "pacman": "said" "pacman";
    "What pacman would do." PACMAN_PRINT = "pacman_print": "said" "pacman_print";
    "What zypper has, or would do." ZYPPER = "zypper": "said" "zypper_call" "zypper";
    "The repositories that zypper has." ZYPPER_REPOSITORIES = "zypper_repositories": "expand" "said" "zypper_repositories";
    "The snaps of the host." SNAP = "snap": "said" "snap";
    "What a device holds." FILESYSTEM = "filesystem": "expand" "said" "filesystem";
    "What composer knows, and would do." COMPOSER = "composer": "expand" "said" "composer_call" "composer";
    "The volume groups of LVM." LVG = "lvg": "said" "lvg";
    "The volumes of a group of LVM." LVOL = "lvol": "said" "lvol";
    "What parted says of a disk." PARTED = "parted": "said" "parted";
    "Which program turns the host off." SHUTDOWN = "shutdown": "expand" "shutdown";
    "What a checkout of Subversion is." SVN = "svn": "expand" "said" "svn_call" "svn";
    "The parts of a file." FRAGMENTS = "fragments": "expand" "fragments";
    "What is below directories." FIND = "find": "expand" "lib" "find";
    "What files hold." FIND_READ = "find_read": "find_read";
    "What gem has." GEM = "gem": "expand" "said" "gem";
    "What firewalld has." FIREWALLD = "firewalld": "said" "firewalld";
    "What iptables knows." IPTABLES = "iptables": "said" "iptables";
    "What ufw has, and what it would do." UFW = "ufw": "said" "ufw";
    "What is mounted." MOUNTS = "mounts": "mounts";
    "Whether make would do something." MAKE_QUESTION = "make_question": "expand" "make_question";
    "The packages that are installed." PACKAGES = "packages": "packages";
    "What npm has." NPM = "npm": "expand" "said" "npm";
    "The module for this host's package manager." PACKAGE_MANAGER = "package_manager": "package_manager";
    "Whether a patch is applied, and whether it can be." PATCH = "patch": "expand" "patch";
    "Answers `pong`." PING = "ping": "ping";
    "What pip has installed." PIP = "pip": "expand" "find_pip" "pip";
    "What a line of the task's own answers." RUN_LINE = "run_line": "run_line";
    "All services." SERVICE_FACTS = "service_facts": "said" "service_facts";
    "How a service is." SERVICE_STATE = "service_state": "systemd_knows" "service_state";
    "How a kernel parameter is." SYSCTL = "sysctl": "expand" "said" "sysctl";
    "How a pair of SSH keys is." SSH_KEYPAIR = "ssh_keypair": "expand" "ssh_key_knows" "ssh_keypair";
    "What supervisord runs." SUPERVISOR = "supervisor": "expand" "supervisor_runs" "supervisor";
    "How a unit of systemd is." SYSTEMD_UNIT = "systemd_unit": "systemd_knows" "systemd_unit";
    "The time zone of the host." TIMEZONE = "timezone": "timezone";
    "Whether a directory differs from another." TREE_DIFFERS = "tree_differs": "expand" "tree_differs";
    "How a user is." USER_STATE = "user_state": "user_knows" "user_state";
    "Whether sudo would take a text." VISUDO = "visudo": "visudo";
    "Whether all of an archive is there." UNARCHIVE = "unarchive": "expand" "quote" "archive" "unarchive";
    "What a web server answers." WEB = "web": "expand" "http" "web";
    "Whether a port or a file is as wanted." WAIT_FOR = "wait_for": "wait_for";
    "What docker compose would do." DOCKER_COMPOSE = "docker_compose": "expand" "docker_compose";
    "What docker knows of things." DOCKER_INSPECT = "docker_inspect": "docker_inspect";
    "What docker logged in with." DOCKER_LOGIN = "docker_login": "docker_login";
    "What podman knows of a container and an image." PODMAN = "podman": "said" "podman";
    "What a server of `MongoDB` says." MONGODB = "mongodb": "expand" "mongodb_call" "mongodb";
    "The repositories of Red Hat's subscriptions." RHSM_REPOSITORIES = "rhsm_repositories": "rhsm_repositories";
    "What a server of `MySQL` says." MYSQL = "mysql": "mysql_call" "mysql";
    "What a server of `PostgreSQL` says." POSTGRESQL = "postgresql": "postgresql";
    "What openssl says of a file." OPENSSL = "openssl": "expand" "openssl";
    "What openssl says of a request or a certificate." OPENSSL_PAIR = "openssl_pair": "expand" "openssl_pair";
    "What `RabbitMQ` says." RABBITMQ = "rabbitmq": "rabbitmq";
}
