# Sets a kernel parameter. $1: its file   $2: its name   $3: its value   Standard input: the file's new text
# $4: `s` sets it now, `w` writes the file, `r` has the file read, `i` lets unknown parameters pass
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
expand "$1"
options=$4 unknown=
case $options in *i*) unknown=-e ;; esac
# sysctl may end with 0 although a parameter could not be set.
heard() {
    answer=$(sysctl $unknown "$@" 2>&1 </dev/null) || return 1
    ! printf '%s\n' "$answer" | grep -E -q '^sysctl: setting key "[^"]+": (Invalid argument|Read-only file system)$'
}
case $options in *s*) heard -w "$2=$3" || { echo "setting $2 failed: $answer" >&2; exit 1; } ;; esac
case $options in *w*) place "$path" 0644 || exit 1 ;; esac
case $options in *r*) heard -p "$path" || { echo "Failed to reload sysctl: $answer" >&2; exit 1; } ;; esac
exit 0
