# Runs a2enmod or a2dismod, $2 and on, then says which modules Apache has loaded. $1: apache2ctl
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C LANGUAGE=C
export PATH LC_ALL LANGUAGE
control=$1
shift
"$@" </dev/null
echo "@rc $?"
exec "$control" -M </dev/null
