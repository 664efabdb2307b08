# What the policy of SELinux says. $1: port or fcontext   $2: all, or local for what was added to it alone
said enabled getenforce
case $1:$2 in
port:all) said list semanage port -l -n ;;
port:local) said list semanage port -l -n -C ;;
fcontext:*) said list semanage fcontext -l ;;
esac
[ "$1" != port ] || said every semanage port -l -n
