# What is installed of packages, and what dnf would do about the others.
# $1: the tool   $2: install, latest, upgrade, remove or autoremove   $3: yes: says what would be done in any case
# $4: root of the system   $5: yes: an older version may take a newer one's place   $6: yes: only what is there
# $7: options, one a line   $8 and on: names
# Lines: `@tool TOOL`, `@yes NAME` and `@no NAME` for what is there or not, `@group NAME`; `@act NAME` for what is to be
# installed or removed, `@up NAME` for what is to be upgraded; with a simulation `@have NEVRA`, `@simulated` and what the
# tool says.
find_tool "$1"
echo "@tool $tool"
[ "$tool" ] || exit 0
verb=$2 foresee=$3 root=$4 downgrade=$5 only=$6 options=$7
shift 7
rpm() { command rpm --root "$root" "$@"; }
# Whether a package is there, by its name and version, by what it provides, or by one of its files.
installed() {
  case $1 in
  *://*) return 1 ;;
  *.rpm)
    found=$(rpm -qp --nosignature --qf "$nevra" "$1" 2>/dev/null) || return 1
    rpm -qa --qf "$nevra" | grep -Fxq -e "$found"
    ;;
  *[*?[]*) rpm -qa "$1" | grep -q . ;;
  *) rpm -q "$1" >/dev/null 2>&1 || rpm -q --whatprovides "$1" >/dev/null 2>&1 ;;
  esac
}
# Whether a newer version is there than the one that a name with a version means, and a repository has that one.
newer() {
  case $1 in
  *://*) return 1 ;;
  *.rpm)
    found=$(rpm -qp --nosignature --qf '%{NAME}/%{VERSION}/%{RELEASE}.x' "$1" 2>/dev/null) || return 1
    v=${found#*/}
    newer_than "${found%%/*}" "${v%%/*}" "${v#*/}"
    return
    ;;
  esac
  case $1 in *[!A-Za-z0-9._+~^:-]* | [!A-Za-z0-9]*) return 1 ;; *-[0-9]*) ;; *) return 1 ;; esac
  v=${1##*-} n=${1%-*}
  if ! newer_than "$n" "$v" ''; then
    case $n in *-[0-9]*) ;; *) return 1 ;; esac
    newer_than "${n%-*}" "${n##*-}" "$v" || return 1
  fi
  ask -q repoquery "$1" 2>/dev/null | grep -q .
}
newer_than() {
  found=$(rpm -q --qf '%{VERSION}/%{RELEASE}\n' "$1" 2>/dev/null) || return 1
  found=${found##*
}
  case $(compare "${found%/*}" "${2#*:}") in
  1) return 0 ;;
  0) [ "$3" ] && [ "$(compare "${found#*/}" "${3%.*}")" = 1 ] ;;
  *) return 1 ;;
  esac
}
compare() { command rpm --eval "%{lua:print(rpm.vercmp('$1', '$2'))}"; }
# Runs the tool with the options that the task gives, which stand one a line.
ask() { (
  IFS='
'
  set -f
  exec "$tool" "$@" $options </dev/null
); }
upgrades=
for name in "$@"; do
  shift
  case $name in
  @*) echo "@group $name"; there=group ;;
  *) if installed "$name"; then there=yes; else there=no; fi; echo "@$there $name" ;;
  esac
  case $verb-$there-$only in
  install-yes-* | remove-no-* | autoremove-no-* | latest-no-yes) continue ;;
  install-no-* | latest-*) if [ "$downgrade" != yes ] && newer "$name"; then continue; fi ;;
  esac
  [ $there != group ] || foresee=yes
  case $verb-$there-$name-$only in
  latest-yes-*.rpm-*) ;;
  latest-yes-*) echo "@up $name"; upgrades="$upgrades$name
"; continue ;;
  latest-group-*-yes) echo "@up $name"; upgrades="$upgrades$name
"; continue ;;
  esac
  echo "@act $name"
  set -- "$@" "$name"
done
case $verb in
latest) foresee=yes command=install ;;
upgrade | autoremove) foresee=yes command=$verb ;;
*) command=$verb ;;
esac
case $#-$verb-$upgrades in
0-upgrade-* | 0-autoremove-*) ;;
0-*-) exit 0 ;;
esac
[ $foresee = yes ] || exit 0
rpm -qa --qf "@have $nevra" | sed 's/-0:/-/'
echo @simulated
rc=0
if [ $# -gt 0 ] || [ -z "$upgrades" ]; then
  ask --assumeno "$command" "$@"
  rc=$?
fi
if [ "$upgrades" ]; then
  IFS='
'
  set -f
  ask --assumeno upgrade $upgrades || rc=$?
fi
exit $rc
