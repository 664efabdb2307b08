rm -rf /srv/eq/commands_run
mkdir -p /srv/eq/commands_run
touch /srv/eq/commands_run/extra
