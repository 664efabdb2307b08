# What firewalld has. $1: the zone, or nothing   $2: the question, such as --query-service=http   $3: `p` asks for what
# lasts, `i` for what is so now
said tool command -v firewall-cmd
command -v firewall-cmd >/dev/null || exit 0
said state firewall-cmd --state
if firewall-cmd --state >/dev/null 2>&1; then
  case $3 in *p*) said permanent firewall-cmd --permanent ${1:+"--zone=$1"} "$2" ;; esac
  case $3 in *i*) said immediate firewall-cmd ${1:+"--zone=$1"} "$2" ;; esac
  said zone firewall-cmd --get-default-zone
  said zones firewall-cmd --permanent --get-zones
else
  said permanent firewall-offline-cmd ${1:+"--zone=$1"} "$2"
  said zone firewall-offline-cmd --get-default-zone
  said zones firewall-offline-cmd --get-zones
fi
