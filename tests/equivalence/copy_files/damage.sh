cd /srv/eq/copy_files
echo other >>text
rm -f empty copied/tree/sub/deep.txt
chmod 777 plain.txt
chown root contents/top.txt
echo bad >remote
rm -f valid
echo x >target
