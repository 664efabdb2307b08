cd /srv/eq/blockinfile_replace
sed -i -e 's/^two$/three/' -e 's/^; STOP of mine/; STOP/' conf
printf 'old7\n# BEGIN GONE\nback\n# END GONE\n' >>conf
chmod 600 conf.new
