# What iptables knows. $1: the programs, `iptables ip6tables`   $2: -C for a rule, -S for a chain and its policy
# $3: the table   $4: the option for ICMP types comes from the program's name; it stands in place of the word @icmp
# $5: the chain, then the words of a rule
programs=$1 verb=$2 table=$3
shift 3
case $verb in -C | -S) ;; *) exit 2 ;; esac
for program in $programs; do
  case $program in ip6tables) icmp=--icmpv6-type ;; *) icmp=--icmp-type ;; esac
  count=$#
  for word; do
    [ "$word" != @icmp ] || word=$icmp
    set -- "$@" "$word"
  done
  shift "$count"
  said "$program" "$program" -t "$table" "$verb" "$@"
done
