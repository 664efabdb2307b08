dpkg --purge eq-two eq-three >/dev/null 2>&1
dpkg -i /srv/eq-repo/eq-old_1.0_all.deb >/dev/null
