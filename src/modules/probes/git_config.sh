# FOLDER FILE SCOPE NAME: the values of a setting of git. Ends with 127 where git is missing.
PATH=$PATH:/usr/local/bin
export PATH LC_ALL=C
name=
expand "$1"
folder=$path
expand "$2"
file=$name
command -v git >/dev/null 2>&1 || exit 127
cd "$folder" || exit 4
if [ "$3" = file ]; then exec git config --includes -f "$file" --get-all "$4" </dev/null; fi
exec git config --includes "--$3" --get-all "$4" </dev/null
