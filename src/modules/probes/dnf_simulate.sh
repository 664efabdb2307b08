# What dnf or yum would do, without doing it. $1 and on: its words, the tool first
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
tool=$1
shift
exec "$tool" --assumeno "$@" </dev/null
