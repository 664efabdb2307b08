# Runs ufw. $1: how many words the first order has, then these words, then the next. Says what ufw has then.
rules() { grep -h '^### tuple' /lib/ufw/user.rules /lib/ufw/user6.rules /etc/ufw/user.rules /etc/ufw/user6.rules \
  /var/lib/ufw/user.rules /var/lib/ufw/user6.rules; }
while [ $# -gt 0 ]; do
    count=$1
    shift
    line= place=1
    while [ "$place" -le "$count" ]; do
        line="$line \"\${$place}\""
        place=$((place + 1))
    done
    eval "ufw $line" </dev/null >/dev/null || exit $?
    shift "$count"
done
said status ufw status verbose
said rules rules
