# What a server says to $SQL: fields with tabs between them. Errors of statements end nothing. $@: options
mysql_client mysql mariadb
printf '%s\n' "$SQL" | mysql_call --batch --skip-column-names --force "$@"
