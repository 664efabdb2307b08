# What ufw has, and what it would do. $1: `numbered` lists the rules with their numbers   $2 and on: a rule, if any
said tool command -v ufw
command -v ufw >/dev/null || exit 0
rules() { grep -h '^### tuple' /lib/ufw/user.rules /lib/ufw/user6.rules /etc/ufw/user.rules /etc/ufw/user6.rules \
  /var/lib/ufw/user.rules /var/lib/ufw/user6.rules; }
said grep command -v grep
said status ufw status verbose
said rules rules
said version ufw --version
said defaults cat /etc/default/ufw
said conf cat /etc/ufw/ufw.conf
[ "$1" != numbered ] || said numbered ufw status numbered
shift
[ $# -eq 0 ] || said dry ufw --dry-run "$@"
