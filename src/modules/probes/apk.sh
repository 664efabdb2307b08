# What apk knows. $1: the list of packages that were asked for   $2: names of packages, one a line
# $3: upgrade, when all packages are to be upgraded; available, when versions may go back too   $4 and on: options
world=$1 names=$2 upgrade=$3
shift 3
said world cat "$world"
case $upgrade in
upgrade) said upgrade apk "$@" upgrade --simulate ;;
available) said upgrade apk "$@" upgrade --simulate --available ;;
esac
set -f
IFS='
'
for name in $names; do
  said "description $name" apk "$@" -v info --description "$name"
  said "installed $name" apk "$@" -v info --installed "$name"
  said "version $name" apk "$@" version "$name"
  said "depends $name" apk "$@" -v info --depends "$name"
done
