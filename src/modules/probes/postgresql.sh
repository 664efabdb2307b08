# What a server of PostgreSQL says to $SQL, a line each. Errors of statements end nothing.
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin
export PATH PGCLIENTENCODING=UTF8
command -v psql >/dev/null || { echo "psql is not installed on the host" >&2; exit 127; }
cd / || exit
printf '%s\n' "$SQL" | psql -X -q -A -t -w
