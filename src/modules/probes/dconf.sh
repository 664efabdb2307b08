# The value of a key of dconf. $1: the key
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C LANGUAGE=C
export PATH LC_ALL LANGUAGE
exec dconf read "$1" </dev/null
