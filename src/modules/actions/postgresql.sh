# Gives a server of PostgreSQL the standard input; the first error ends it.
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin
export PATH PGCLIENTENCODING=UTF8
command -v psql >/dev/null || { echo "psql is not installed on the host" >&2; exit 127; }
cd / || exit
psql -X -q -A -t -w -v ON_ERROR_STOP=1
