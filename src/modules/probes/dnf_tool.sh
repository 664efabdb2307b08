# Leaves the tool of this host in $tool, empty when it has none; $1: auto, dnf or dnf5.
find_tool() {
  case $1 in
  auto) set -- dnf dnf5 yum ;;
  dnf) set -- dnf dnf-3 yum ;;
  esac
  for tool in "$@" ''; do
    if [ -z "$tool" ] || command -v "$tool" >/dev/null; then return; fi
  done
}
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
# A package with its version, as dnf tells it.
nevra='%{NAME}-%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}.%{ARCH}\n'
