sed -i -e 's/ip_forward.*/ip_forward=0/' -e '/swappiness/d' /etc/sysctl.d/99-eq.conf
