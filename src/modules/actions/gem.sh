# Runs gem and says what it says, then what it has. $1: the directory of gems, or nothing   $2: the package, or nothing
# where it need not be looked for   $3: how many words gem has, these, then those for it
[ -z "$1" ] || { expand "$1"; GEM_HOME=$name; export GEM_HOME; }
package=$2 count=$3
shift 3
said run "$@"
[ "$package" ] || exit 0
line= place=1
while [ "$place" -le "$count" ]; do line="$line \"\${$place}\"" place=$((place + 1)); done
eval "said list $line list \"^\$package\\\$\""
exit 0
