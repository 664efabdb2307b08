# What apt-get would do: $1 and on are its words.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical
export PATH LC_ALL DEBIAN_FRONTEND DEBIAN_PRIORITY
exec apt-get -s "$@" </dev/null
