# Replaces a user's crontab by the text on standard input. $1: the user, or nothing   $2: keep to keep the old one
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
who=
[ -z "$1" ] || [ "$1" = "$(id -un)" ] || who=$1
if [ "$2" = keep ]; then
    old=$(mktemp /tmp/crontab.XXXXXX) && crontab ${who:+-u "$who"} -l >"$old" 2>/dev/null
    echo "$old"
fi
exec crontab ${who:+-u "$who"} -
