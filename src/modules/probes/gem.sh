# What gem has. $1: the directory of gems, or nothing   $2: the package   $3: `yes` to read no .gemrc   $4: `yes` to ask
# the server   $5: the server, or nothing   $6: `yes` to ask where a user's gems are   $7 and on: the words of gem
home=$1 package=$2 norc=$3 remote=$4 source=$5 environment=$6
shift 6
[ -z "$home" ] || { expand "$home"; GEM_HOME=$name; export GEM_HOME; }
said version "$@" --version
# Before 2.5.2 there is no --norc.
[ "$norc" ] && "$@" --version 2>/dev/null </dev/null |
  awk -F '[^0-9]+' '{ exit !($1 * 10000 + $2 * 100 + $3 >= 20502) }' && norc=--norc || norc=
said list "$@" list $norc "^$package\$"
[ -z "$remote" ] || said remote "$@" list $norc --remote ${source:+--source "$source"} "^$package\$"
[ -z "$environment" ] || said environment "$@" environment
exit 0
