# Gives the server the standard input. $@: options
mysql_client mysql mariadb
mysql_call --batch --skip-column-names "$@"
