rm -rf /srv/eq-repo
mkdir -p /srv/eq-repo
cd /srv/eq-repo
package() { # NAME VERSION [DEPENDS]
    mkdir -p build/DEBIAN "build/usr/share/$1"
    printf "Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: for a test\n" "$1" "$2" >build/DEBIAN/control
    [ -z "${3:-}" ] || printf "Depends: %s\n" "$3" >>build/DEBIAN/control
    echo "$2" >"build/usr/share/$1/version"
    dpkg-deb -b build "$1_$2_all.deb" >/dev/null
    rm -rf build
    { dpkg-deb -f "$1_$2_all.deb"; printf "Filename: ./%s\nSize: %s\nSHA256: %s\n\n" "$1_$2_all.deb" "$(stat -c %s "$1_$2_all.deb")" "$(sha256sum "$1_$2_all.deb" | cut -d" " -f1)"; } >>Packages
}
package eq-one 1.0
package eq-one 1.1
package eq-two 2.0 eq-one
package eq-three 3.0
package eq-old 1.0
apt-mark unhold eq-one >/dev/null 2>&1 || true
dpkg --purge eq-two eq-one eq-three eq-old eq-free >/dev/null 2>&1 || true
dpkg -i /srv/eq-repo/eq-old_1.0_all.deb >/dev/null
mkdir -p /etc/apt/sources.list.d
echo 'deb [trusted=yes] file:/srv/eq-repo ./' >/etc/apt/sources.list.d/eq.list
: >/etc/apt/sources.list
apt-get update -qq 2>/dev/null || true
# So that it can be seen that they are fetched anew.
for path in /var/lib/apt/lists /var/cache/apt/pkgcache.bin /var/lib/apt/periodic/update-success-stamp; do
    [ ! -e $path ] || touch -d '1 hour ago' $path
done
