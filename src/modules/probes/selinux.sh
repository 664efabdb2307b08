# How SELinux is, now and for the next start. $1: the file that says so   $2: the policy that is wanted   $3: yes asks grubby
[ ! -e "$1" ] || said config cat "$1"
[ ! -e "/etc/selinux/$2/policy" ] || said policy echo yes
[ ! -e /etc/selinux/config ] || said system cat /etc/selinux/config
if command -v getenforce >/dev/null; then said mode getenforce
elif [ -e /sys/fs/selinux/enforce ]; then said enforce cat /sys/fs/selinux/enforce
fi
[ "$3" != yes ] || said grubby grubby --info=ALL
