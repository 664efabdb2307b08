# Lists packages or repositories. $1: the tool   $2: installed, updates, available, repos or a package
# $3: options, one a line. Lines `NAME|ARCH|EPOCH|RELEASE|VERSION|REPOSITORY`, or the table of repositories.
find_tool "$1"
if [ -z "$tool" ]; then
  echo "neither dnf nor yum is here" >&2
  exit 127
fi
what=$2
IFS='
'
set -f
set -- $3
unset IFS
query() { "$tool" -q repoquery "$@" --qf '%{name}|%{arch}|%{epoch}|%{release}|%{version}|%{repoid}\n' </dev/null; }
case $what in
installed | available) query "--$what" "$@" ;;
updates | upgrades) query --upgrades "$@" ;;
repos | repositories) "$tool" -q repolist --enabled "$@" </dev/null ;;
*) query --installed "$@" "$what" && query --available "$@" "$what" ;;
esac
