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
    part=$file.$$.part
    { mysql_call "$@" </dev/null && touch "$part.ok"; } | { case $pack in zstd) zstd -qc ;; *) "$pack" ;; esac } >"$part"
    if [ -e "$part.ok" ]; then
        rm -f -- "$part.ok"
        mv -f -- "$part" "$file"
    else
        rm -f -- "$part"
        exit 1
    fi
    ;;
import)
    [ -e "$file" ] || { echo "target $name does not exist on the host" >&2; exit 1; }
    mysql_client mysql mariadb
    [ -z "$SQL" ] || printf '%s\n' "$SQL" | mysql_call || exit
    case $pack in cat) cat -- "$file" ;; *) "$pack" -dc -- "$file" ;; esac | mysql_call "$@"
    ;;
esac
