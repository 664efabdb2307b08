# The name of the module for this host's package manager.
PATH=$PATH:/usr/sbin:/sbin
for pair in apt-get:apt dnf:dnf dnf5:dnf yum:yum zypper:zypper apk:apk pacman:pacman; do
    # Debian may have a dnf, Fedora an apt: what the system itself is made with goes first.
    case $pair in
    apt-get:*) [ -e /etc/redhat-release ] && command -v dnf >/dev/null && continue ;;
    esac
    command -v "${pair%%:*}" >/dev/null && { echo "${pair#*:}"; break; }
done
case $(uname -s) in
FreeBSD | DragonFly) command -v pkg >/dev/null && echo pkgng ;;
Darwin) command -v brew >/dev/null && echo homebrew ;;
esac
exit 0
