rm -rf /srv/eq/stat_slurp_fetch
mkdir -p /srv/eq/stat_slurp_fetch
cd /srv/eq/stat_slurp_fetch
printf 'some text\n' >file
chmod 640 file
chown daemon:games file
ln -s file link
ln -s missing nowhere
mkfifo -m 600 pipe
printf '\303\244\n\000end' >bytes
