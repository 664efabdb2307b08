rm -rf /srv/eq/secrets
mkdir -p /srv/eq
