usermod -c Other -s /bin/bash equser
gpasswd -d equser audio >/dev/null
userdel eqdaemon
usermod -e '' eqexpires
groupmod -g 4299 eqgroup
groupadd eqgonegroup
