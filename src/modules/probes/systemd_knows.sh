# What systemd says of a unit. $1: system, user or global   $2: the unit
# Lines `@NAME VALUE`, then after `@show` what systemctl says of the unit.
systemd_knows() {
    scope=$1 unit=$2
    PATH=$PATH:/usr/sbin:/sbin
    LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_PAGER=
    : "${XDG_RUNTIME_DIR:=/run/user/$(id -u)}"
    export PATH LC_ALL SYSTEMD_COLORS SYSTEMD_PAGER XDG_RUNTIME_DIR
    command -v systemctl >/dev/null || { echo "@missing systemctl"; return 0; }
    [ -d /run/systemd/system ] || echo "@offline yes"
    [ -n "$unit" ] || return 0
    script=/etc/init.d/${unit%.service}
    if [ -e "$script" ]; then
        echo "@initd yes"
        for link in /etc/rc[2-5].d/S??"${unit%.service}"; do
            [ ! -e "$link" ] || { echo "@initd-enabled yes"; break; }
        done
    fi
    echo "@enabled $(systemctl "--$scope" is-enabled "$unit" 2>/dev/null | head -n 1)"
    echo "@show"
    systemctl "--$scope" show -- "$unit" 2>&1
    echo "@rc $?"
}
