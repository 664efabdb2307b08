mkdir -p /etc/sysctl.d
printf '# kept\nkernel.old = 1\n' >/etc/sysctl.d/99-eq.conf
