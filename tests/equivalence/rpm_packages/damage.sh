dnf -q -y remove eq-three eq-epoch eq-file >/dev/null 2>&1
rpm -e eq-signed 2>/dev/null || true
rpm -e --allmatches gpg-pubkey || true
rpm -i --nodeps /srv/eq-rpm/main/eq-gone-1.0-1.noarch.rpm 2>/dev/null
sed -i 's/^baseurl.*/baseurl = file:\/\/\/nowhere/' /etc/yum.repos.d/eq-main.repo
