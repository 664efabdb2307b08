rm -f /srv/eq/unsafe_texts
mkdir -p /srv/eq
