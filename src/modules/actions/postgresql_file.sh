# dump|restore FILE DATABASE OPTION…: writes a database to a file, or reads it from one, as its name says.
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin
export PATH
verb=$1 database=$3
expand "$2"
file=$path
shift 3
pack=cat format=
case $file in
*.gz) pack=gzip ;;
*.bz2) pack=bzip2 ;;
*.xz) pack=xz ;;
*.tar) format=t ;;
*.pgc) format=c ;;
esac
for tool in pg_dump pg_restore psql "$pack"; do
    command -v "$tool" >/dev/null || { echo "$tool is not installed on the host" >&2; exit 127; }
done
if [ "$verb" = dump ]; then
    umask 077
    # What is there stays until the new one is whole: both pg_dump and what packs must have said so.
    scratch=$(mktemp -d "$file.XXXXXX") || exit 1
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 143' HUP INT TERM
    { pg_dump -w ${format:+-F "$format"} "$@" -- "$database" </dev/null && : >"$scratch/ended"; } |
        "$pack" >"$scratch/dump" || exit 1
    [ -e "$scratch/ended" ] || exit 1
    mv -f -- "$scratch/dump" "$file"
    exit
fi
[ -e "$file" ] || { echo "target $name does not exist on the host" >&2; exit 1; }
if [ -n "$format" ]; then
    pg_restore -w -F "$format" -d "$database" "$@" -- "$file" </dev/null
else
    case $pack in cat) cat -- "$file" ;; *) "$pack" -dc -- "$file" ;; esac | psql -X -q -w -v ON_ERROR_STOP=1 -d "$database" "$@"
fi
