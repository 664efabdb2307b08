# What pacman would do. $1: what is printed of each package   $2 and on: pacman, its options and packages
format=$1
shift
said print "$@" --print-format "$format"
