# What a database of names holds. $1: the database   $2: the service, or nothing   $3: the key, when there is one
database=$1 service=$2
shift 2
said getent getent ${service:+-s "$service"} "$database" "$@"
