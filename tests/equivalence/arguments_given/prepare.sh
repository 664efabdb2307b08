rm -rf /srv/eq/arguments_given
mkdir -p /srv/eq
