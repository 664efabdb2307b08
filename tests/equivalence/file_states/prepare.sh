rm -rf /srv/eq/file_states
mkdir -p /srv/eq/file_states
touch /srv/eq/file_states/touched
