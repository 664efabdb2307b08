# The name of the host, then the one it will have after the next start.
uname -n
if [ -r /etc/hostname ]; then head -n 1 /etc/hostname
elif [ -r /etc/sysconfig/network ]; then sed -n 's/^HOSTNAME=//p' /etc/sysconfig/network
else echo
fi
