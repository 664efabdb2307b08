cd /srv/eq/commands_run
rm -f made
touch extra
