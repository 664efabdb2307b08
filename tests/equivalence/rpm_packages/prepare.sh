missing=
for need in dnf:dnf createrepo_c:createrepo-c rpmbuild:rpm gpg:gnupg; do
    command -v "${need%:*}" >/dev/null || missing="$missing ${need#*:}"
done
if [ -n "$missing" ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends --yes $missing >/dev/null
fi
export HOME=/root
names=$(rpm -qa --qf '%{NAME}\n' 'eq-*')
[ -z "$names" ] || rpm -e --nodeps $names
! rpm -q gpg-pubkey >/dev/null || rpm -e --allmatches gpg-pubkey
rm -rf /srv/eq-rpm /srv/eq-root /etc/yum.repos.d/eq*.repo /var/cache/dnf
mkdir -p /srv/eq-rpm /srv/eq-root /etc/yum.repos.d
cd /srv/eq-rpm
package() { # FOLDER NAME VERSION [TAG…]
    folder=$1 name=$2 version=$3
    shift 3
    mkdir -p "$folder"
    printf '%s\n' "Name: $name" "Version: $version" "Release: 1" "Summary: for a test" "License: MIT" "BuildArch: noarch" \
        "$@" '%description' 'For a test.' '%install' "mkdir -p %{buildroot}/usr/share/$name" \
        "echo $version >%{buildroot}/usr/share/$name/version" '%files' "/usr/share/$name" >package.spec
    rpmbuild -bb --quiet --define "_topdir $PWD/build" --define "_rpmdir $PWD/$folder" \
        --define '_build_name_fmt %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm' package.spec 2>/dev/null
}
package main eq-one 1.0
package main eq-one 1.1
package main eq-two 2.0 'Requires: eq-one'
package main eq-three 3.0 'Provides: eq-virtual'
package main eq-epoch 1.0 'Epoch: 2'
package main eq-grouped 1.0
package main eq-gone 1.0 'Requires: eq-needed'
package main eq-needed 1.0
package main eq-weak 1.0 'Recommends: eq-recommended'
package main eq-recommended 1.0
package main eq-with-a-name-that-is-far-too-long-for-the-columns-of-a-table-of-packages 1.0
package testing eq-one 1.2
package testing eq-three 3.1
package testing eq-signed 1.0
package files eq-file 1.0
cat >comps.xml <<END
<comps><group><id>eq-group</id><name>Equivalence</name><default>false</default><uservisible>true</uservisible>
<packagelist><packagereq type="mandatory">eq-grouped</packagereq></packagelist></group></comps>
END
mkdir -p gnupg
chmod 700 gnupg
export GNUPGHOME=$PWD/gnupg
gpg --batch --quiet --no-auto-check-trustdb --passphrase '' --quick-gen-key 'Equivalence <eq@example.com>' rsa2048 sign never 2>/dev/null
gpg --armor --export eq@example.com >key.asc
gpg --with-colons --no-auto-check-trustdb --list-keys eq@example.com | awk -F: '$1 == "fpr" { print $10; exit }' >fingerprint
rpmsign --define '_gpg_name eq@example.com' --define "__gpg $(command -v gpg)" --addsign testing/eq-signed-1.0-1.noarch.rpm >/dev/null 2>&1
gpgconf --kill all
createrepo_c -q -g "$PWD/comps.xml" main
createrepo_c -q testing
rpm -i --nodeps main/eq-gone-1.0-1.noarch.rpm main/eq-needed-1.0-1.noarch.rpm 2>/dev/null
printf '[eq-main]\nbaseurl = file:///srv/eq-rpm/main\ngpgcheck = 0\nname = Old\n\n' >/etc/yum.repos.d/eq-main.repo
