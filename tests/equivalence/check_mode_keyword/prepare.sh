rm -rf /srv/eq/check_mode_keyword
mkdir -p /srv/eq/check_mode_keyword
