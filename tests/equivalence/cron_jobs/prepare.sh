crontab -r 2>/dev/null || true
crontab -r -u games 2>/dev/null || true
rm -f /etc/cron.d/eq_*
printf '#Ansible: obsolete\n0 0 * * * /bin/old\n1 1 1 1 1 /kept/without/name\n' | crontab -
printf '#Ansible: all of it\n0 0 * * * root /bin/old\n' >/etc/cron.d/eq_gone
