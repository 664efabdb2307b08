cd /srv/eq/lineinfile_edits
sed -i -e '/^key = new/d' -e '/in_two/d' -e 's/^tested/untested/' conf
echo '#bad 3' >>conf
rm -f conf.new
