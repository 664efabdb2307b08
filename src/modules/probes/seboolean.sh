# How a boolean of SELinux is. $1: its name   $2: yes asks for the value that outlives a restart too
said active getsebool "$1"
[ -e /sys/fs/selinux/enforce ] || said enabled getenforce
[ "$2" != yes ] || said booleans semanage boolean -l -n
