# What a .deb is and whether it is installed. $1: its path, or an address that is fetched to look at it.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
file=$1
case $file in
*://*)
    folder=$(mktemp -d) || exit 1
    trap 'rm -rf "$folder"' EXIT HUP INT TERM
    file=$folder/package.deb
    /usr/lib/apt/apt-helper -q download-file "$1" "$file" >&2 || exit 1
    ;;
esac
[ -r "$file" ] || { echo "cannot read $file" >&2; exit 1; }
dpkg-deb --field "$file" Package Version Architecture || exit 1
name=$(dpkg-deb --field "$file" Package)
arch=$(dpkg-deb --field "$file" Architecture)
[ "$arch" = all ] || name=$name:$arch
dpkg-query -W -f 'Installed: ${db:Status-Status} ${Version}\n' -- "$name" 2>/dev/null
exit 0
