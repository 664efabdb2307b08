# Runs systemctl for one unit, verb after verb. $1: system, user or global   $2: options, split at blanks
# $3: the unit   $4 and on: verbs
scope=$1 options=$2 unit=$3
shift 3
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C SYSTEMD_COLORS=0
: "${XDG_RUNTIME_DIR:=/run/user/$(id -u)}"
export PATH LC_ALL SYSTEMD_COLORS XDG_RUNTIME_DIR
for verb in "$@"; do
    systemctl "--$scope" $options "$verb" "$unit" </dev/null || { rc=$?; echo "@failed $verb"; exit "$rc"; }
done
