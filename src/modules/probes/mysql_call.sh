# mysql_call WORD…: runs the client for MySQL or MariaDB with options of the environment: $OPTIONS is an option file,
# $CONFIG one of the host that it comes after. They reach the client through a pipe, so that no process list shows them.
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin:/usr/local/mysql/bin
LC_ALL=C
export PATH LC_ALL
mysql_client() { # NAME… : leaves the first that is there in $client
    for client; do command -v "$client" >/dev/null && return; done
    echo "the client $1 is not installed on the host" >&2
    exit 127
}
mysql_options() {
    case $CONFIG in '~/'*) CONFIG=$HOME/${CONFIG#'~/'} ;; esac
    [ -z "$CONFIG" ] || [ ! -r "$CONFIG" ] || printf '!include %s\n' "$CONFIG"
    printf '%s\n' "$OPTIONS"
}
mysql_call() {
    { mysql_options | { exec 3<&0 0<&4 4<&-; "$client" --defaults-file=/dev/fd/3 "$@"; }; } 4<&0
}
