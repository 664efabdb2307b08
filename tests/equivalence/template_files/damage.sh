cd /srv/eq/template_files
echo >>site.conf
chmod 644 values
rm -f header
chown daemon stripped
