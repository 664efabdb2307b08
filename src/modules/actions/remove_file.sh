# Deletes files: $1 and on.
rm -f -- "$@"
