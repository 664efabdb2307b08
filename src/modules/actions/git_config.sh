# FOLDER FILE SCOPE HOW NAME VALUE: sets a setting of git: HOW is `--add` or `--replace-all`, or `--unset-all` without
# a value.
PATH=$PATH:/usr/local/bin
export PATH LC_ALL=C
expand "$1"
folder=$path
expand "$2"
file=$name
cd "$folder" || exit
if [ "$3" = file ]; then set -- "$4" "$5" "$6" -f "$file"; else set -- "$4" "$5" "$6" "--$3"; fi
how=$1 setting=$2 value=$3
shift 3
case $how in
--unset-all) exec git config --includes "$@" "$how" "$setting" </dev/null ;;
*) exec git config --includes "$@" "$how" "$setting" "$value" </dev/null ;;
esac
