cd /srv/eq/file_states
chmod 777 a/b symbolic
rm -f link dangling
ln -s /etc/passwd link
rm -rf octal
touch unwanted
touch dated
chmod 644 touched
chown root a/b
