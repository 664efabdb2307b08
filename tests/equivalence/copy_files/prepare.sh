rm -rf /srv/eq/copy_files
mkdir -p /srv/eq/copy_files
echo old >/srv/eq/copy_files/kept
echo first >/srv/eq/copy_files/once
echo pointed >/srv/eq/copy_files/target
ln -s target /srv/eq/copy_files/by_link
