rm -rf /srv/eq/template_files
mkdir -p /srv/eq
