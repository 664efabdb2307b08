# DEST NAME PARENTS MODE: for a file whose content is right already.
resolve "$1" file "$2"
chmod "$4" "$d"
