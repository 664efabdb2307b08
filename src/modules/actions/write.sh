# PATH GUARD MODE OWNER GROUP CONTEXT FLAGS OPTIONS SOURCE DIRMODE VALIDATE...: replaces a file by standard input, or by
# SOURCE. GUARD is what it was when it was looked at. OPTIONS: `b` keeps the old one, `u` writes in place where it cannot
# be replaced, `o` owner and group were asked for, `d` makes missing directories, with mode DIRMODE.
expand "$1"
guard=$2 mode=$3 owner=$4 group=$5 context=$6 flags=$7 options=$8
shift 8
expand_source() { shown=$name; saved=$path; expand "$1"; source=$path name=$shown path=$saved; }
source=
[ -z "$1" ] || expand_source "$1"
dirmode=$2
shift 2
has() { case $options in *$1*) ;; *) return 1 ;; esac; }
now=
if [ -e "$path" ] || [ -h "$path" ]; then now=$(stat -c '%d %i %s %y/%u:%g' "$path" 2>/dev/null) || now=; fi
ids=${now##*/} now=${now%/*}
if [ "$now" != "$guard" ]; then
  echo "$name was changed by something else after it was read; nothing was written" >&2
  exit 91
fi
[ -h "$path" ] || [ ! -d "$path" ] || die "$name is a directory"
dir=${path%/*} base=${path##*/}
dir=${dir:-/}
if has d; then
  asked_owner= asked_group=
  if has o; then asked_owner=$owner asked_group=$group; fi
  make_directories "$dir" "$dirmode" "$asked_owner" "$asked_group" "$context" ''
fi
suffix=
case $base in ?*.*) suffix=.${base##*.} ;; esac
umask 077
tmp=$dir/.opsctl-$$$suffix
trap 'rm -f "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
e=$( (set -C; : >"$tmp") 2>&1) || {
  [ -d "$dir" ] || die "Destination directory ${dir#./} does not exist"
  has u || die "The destination directory (${dir#./}) is not writable by the current user: ${e##*: }"
  tmp=${TMPDIR:-/tmp}/.opsctl-$$$suffix
  e=$( (set -C; : >"$tmp") 2>&1) || die "no temporary file: ${e##*: }"
}
if [ "$source" ]; then exec <"$source" || exit; fi
e=$(cat 2>&1 >"$tmp") || die "could not write $name: ${e##*: }"
sync "$tmp" || die "could not write $name to the disk"
# One that is ours as the old one is needs no other owner.
ours() { [ "$owner:$group" = "$ids" ] && [ -O "$path" ] && [ -G "$path" ] && [ -O "$tmp" ] && [ -G "$tmp" ]; }
if [ "$owner$group" ] && ! ours; then
  e=$(chown "$owner${group:+:$group}" "$tmp" 2>&1) || ! has o || die "chown failed: $e"
fi
chmod "$mode" "$tmp" || exit
if [ $# -gt 0 ]; then
  z=$#
  while [ $z -gt 0 ]; do
    w=$1
    shift
    case $w in
    *%s*)
      y=
      while :; do case $w in *%s*) y=$y${w%%%s*}$tmp w=${w#*%s} ;; *) break ;; esac; done
      w=$y$w ;;
    *'~'* | *'$'*) shown=$name; saved=$path; expand "$w"; w=$name name=$shown path=$saved ;;
    esac
    set -- "$@" "$w"
    z=$((z - 1))
  done
  { e=$("$@" 2>&1 >&3 3>&- </dev/null); } 3>&1
  r=$?
  [ $r -eq 0 ] || { printf '%s\n%s' "$r" "$e" >&2; exit 90; }
fi
backup=
if has b && [ -e "$path" ]; then
  backup=$path.$$.$(date +%Y-%m-%d@%H:%M:%S~)
  e=$(cp -p "$path" "$backup" 2>&1) || die "Could not make backup of $name to $backup: $e"
fi
selinux=
[ ! -e /sys/fs/selinux/enforce ] || selinux=1
if [ "$selinux" ] && [ "$guard" ]; then chcon --reference="$path" "$tmp" 2>/dev/null; fi
if e=$(mv -f "$tmp" "$path" 2>&1 </dev/null); then
  trap - EXIT
else
  has u || die "Could not replace file: $tmp to $name: $e"
  cat "$tmp" >"$path" || die "Could not write data to file ($name)"
fi
if [ "$selinux" ] && [ -z "$guard" ]; then restorecon "$path" 2>/dev/null; fi
apply "$path" '' '' '' "$context" "$flags"
case $name in /*) ;; *) backup=${backup#./} ;; esac
printf '\0%s\0' "$backup"
look '' ''
