# What pacman knows. $1: names of packages, one a line   $2 and on: pacman and its options
names=$1
shift
said query "$@" --query
said upgrades "$@" --query --upgrades
said explicit "$@" --query --explicit --quiet
said groups "$@" --sync --groups --groups
set -f
IFS='
'
for name in $names; do
  said "info $name" "$@" --sync --info "$name"
  case $name in */* | *.pkg.*) said "file $name" "$@" --upgrade --print-format %n "$name" ;; esac
done
