# Says how a group is. $1: the name. $2: yes where only local groups count.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
for tool in groupadd groupmod groupdel addgroup delgroup; do
  command -v "$tool" >/dev/null 2>&1 && echo "tool $tool"
done
if [ "$2" = yes ] || ! command -v getent >/dev/null 2>&1; then
  cat /etc/group
else
  getent group
  case $1 in *[!0-9]*) getent group "$1" ;; esac
fi | awk -F: -v name="$1" '$1 == name { print "group " $0; exit }'
exit 0
