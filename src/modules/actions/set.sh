# Says why and ends.
die() { printf '%s\n' "$*" >&2; exit 1; }
# PATH MODE OWNER GROUP CONTEXT FLAGS: sets those that are not empty.
apply() {
  if [ "$3$4" ]; then e=$(chown -h "$3${4:+:$4}" "$1" 2>&1) || die "chown failed: $e"; fi
  if [ "$2" ] && [ ! -h "$1" ]; then e=$(chmod "$2" "$1" 2>&1) || die "chmod failed: $e"; fi
  if [ "$5" ]; then
    x=$5 u=${x%%:*} x=${x#*:} v=${x%%:*} x=${x#*:} y=${x%%:*} x=${x#*:}
    e=$(chcon -h ${u:+-u "$u"} ${v:+-r "$v"} ${y:+-t "$y"} ${x:+-l "$x"} "$1" 2>&1) || die "set selinux context failed: $e"
  fi
  if [ "$6" ]; then e=$(chattr "$6" "$1" 2>&1) || die "chattr failed: $e"; fi
}
# PATH MODE OWNER GROUP CONTEXT FLAGS: makes the directories that are missing, each with these attributes.
make_directories() {
  rest=$1 cur=
  case $rest in /*) cur=/ ;; esac
  while [ "$rest" ]; do
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    [ "$part" ] || continue
    cur=$cur$part
    if [ ! -d "$cur" ]; then
      e=$(mkdir "$cur" 2>&1) || [ -d "$cur" ] || die "There was an issue creating ${cur#./} as requested: $e"
      if [ -e /sys/fs/selinux/enforce ]; then restorecon "$cur" 2>/dev/null; fi
      apply "$cur" "$2" "$3" "$4" "$5" "$6"
    fi
    cur=$cur/
  done
}
