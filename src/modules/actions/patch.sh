# FOLDER FILE SOURCE BACK OPTION...: applies a patch, with BACK takes it away. The patch is the file SOURCE, or standard
# input.
PATH=$PATH:/usr/local/bin
export PATH LC_ALL=C
file=
if [ "$2" ]; then expand "$2"; file=$name; fi
if [ "$3" ]; then
  expand "$3"
  exec <"$path" || exit
fi
if [ "$1" ]; then
  expand "$1"
  folder=$path
else
  case $file in */*) folder=${file%/*} folder=${folder:-/} ;; *) folder=. file=./$file ;; esac
fi
back=$4
shift 4
exec patch --quiet --forward --batch --reject-file=- --directory="$folder" ${back:+--reverse} "$@" ${file:+"$file"}
