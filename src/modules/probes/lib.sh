LC_ALL=C; export LC_ALL
FIELDS='%f %u %g %s %h %i %d %b %o %t %T %X %Y %Z|%x|%y|%z|%U|%G'
# PATTERNS, expanded: leaves in $n whether one of them has a match.
holds() {
  n=0
  for i; do
    if [ -e "$i" ] || [ -h "$i" ]; then n=1; return; fi
  done
}
# Prints what $path is, each field with NUL at its end. $1: checksum program, or none. $2: `a` for the flags of lsattr,
# `m` for the MIME type, `d` for whether a directory holds anything (1 or 0).
look() {
  printf '%s\0' "$name"
  l='' f='' r='' c='' g='' s='' m='' n=''
  a=
  if [ -e "$path" ] || [ -h "$path" ]; then a=$(stat -c "$FIELDS" "$path" 2>/dev/null) || a=; fi
  if [ -h "$path" ]; then
    l=$(readlink "$path"; echo .) l=${l%??}
    f=$(stat -L -c "$FIELDS" "$path" 2>/dev/null) || f=
    r=$(readlink -f "$path" 2>/dev/null; echo .) r=${r%??}
  fi
  printf '%s\0%s\0%s\0%s\0' "$a" "$l" "$f" "$r"
  if [ "$a" ]; then
    if [ -e /sys/fs/selinux/enforce ]; then c=$(stat -c %C "$path" 2>/dev/null) || c=; fi
    case $2 in *a*) g=$(lsattr -vd "$path" 2>/dev/null) || g= ;; esac
    if [ -f "$path" ]; then
      [ -z "$1" ] || { s=$("$1" <"$path" 2>/dev/null) && s=${s%% *} || s=; }
    fi
    case $2 in *m*) m=$(file --mime-type --mime-encoding -b "$path" 2>/dev/null) || m= ;; esac
    case $2 in *d*) if [ -d "$path" ]; then holds "$path"/* "$path"/.[!.]* "$path"/..?*; fi ;; esac
  fi
  printf '%s\0%s\0%s\0%s\0%s\0' "$c" "$g" "$s" "$m" "$n"
  p=''
  [ -r "$path" ] && p=${p}r; [ -w "$path" ] && p=${p}w; [ -x "$path" ] && p=${p}x
  d=${path%/*}; d=${d:-/}
  [ -d "$d" ] && p=${p}D; [ -w "$d" ] && p=${p}W
  printf '%s\0' "$p"
}
