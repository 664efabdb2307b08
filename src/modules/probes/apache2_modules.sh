# The modules that Apache has loaded. $1: a2enmod or a2dismod, to be looked for   $2: cgi to ask for threads too
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C LANGUAGE=C
export PATH LC_ALL LANGUAGE
control=$(command -v apache2ctl) || control=$(command -v apachectl) || {
    echo "Neither of apache2ctl nor apachectl found. At least one apache control binary is necessary." >&2
    exit 127
}
echo "@control $control"
! command -v "$1" >/dev/null || echo @tool
[ "$2" != cgi ] || ! "$control" -V 2>/dev/null | grep -q 'threaded: *yes' || echo @threaded
echo @modules
exec "$control" -M </dev/null
