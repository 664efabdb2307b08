cd /srv/eq/arguments_given
chmod 777 over args default
chown root alias
rm -rf action2 lines
