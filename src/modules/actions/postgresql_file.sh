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
    part=$file.$$.part
    { pg_dump -w ${format:+-F "$format"} "$@" -- "$database" </dev/null && : >"$part.ok"; } | "$pack" >"$part"
    if [ -e "$part.ok" ]; then
        rm -f -- "$part.ok"
        mv -f -- "$part" "$file"
        exit
    fi
    rm -f -- "$part"
    exit 1
fi
[ -e "$file" ] || { echo "target $name does not exist on the host" >&2; exit 1; }
if [ -n "$format" ]; then
    pg_restore -w -F "$format" -d "$database" "$@" -- "$file" </dev/null
else
    case $pack in cat) cat -- "$file" ;; *) "$pack" -dc -- "$file" ;; esac | psql -X -q -w -v ON_ERROR_STOP=1 -d "$database" "$@"
fi
