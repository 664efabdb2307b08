# dump|import FILE OPTION…: writes databases to a file, or reads them from one; packed as its name says.
verb=$1
expand "$2"
file=$path
shift 2
case $file in
*.gz) pack=gzip ;;
*.bz2) pack=bzip2 ;;
*.xz) pack=xz ;;
*.zst) pack=zstd ;;
*) pack=cat ;;
esac
command -v "$pack" >/dev/null || { echo "$pack is not installed on the host" >&2; exit 127; }
case $verb in
dump)
    mysql_client mysqldump mariadb-dump
    umask 077
    # What is there stays until the new one is whole: both the client and what packs must have said so.
    scratch=$(mktemp -d "$file.XXXXXX") || exit 1
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 143' HUP INT TERM
    { mysql_call "$@" </dev/null && : >"$scratch/ended"; } |
        { case $pack in zstd) zstd -qc ;; *) "$pack" ;; esac } >"$scratch/dump" || exit 1
    [ -e "$scratch/ended" ] || exit 1
    mv -f -- "$scratch/dump" "$file" || exit
    ;;
import)
    [ -e "$file" ] || { echo "target $name does not exist on the host" >&2; exit 1; }
    mysql_client mysql mariadb
    [ -z "$SQL" ] || printf '%s\n' "$SQL" | mysql_call || exit
    case $pack in cat) cat -- "$file" ;; *) "$pack" -dc -- "$file" ;; esac | mysql_call "$@"
    ;;
esac
