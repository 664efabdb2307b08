# The numbers of a user and of its primary group. $1: the user
id -u -- "$1" && id -g -- "$1"
