# FOLDER FILE SOURCE BACK COUNT OPTION... PART...: whether a patch stands applied already, with BACK whether it does not;
# if so says `same`. Else tries what would come of it. The patch is the file SOURCE, or the parts.
PATH=$PATH:/usr/local/bin
export PATH LC_ALL=C
file=
if [ "$2" ]; then expand "$2"; file=$name; fi
source=
if [ "$3" ]; then
  expand "$3"
  source=$path
  case $source in /*) ;; *) source=$PWD/$source ;; esac
  [ -r "$source" ] || { echo "src $name doesn't exist or not readable" >&2; exit 90; }
fi
if [ "$file" ] && [ ! -w "$file" ]; then echo "dest $file doesn't exist or not writable" >&2; exit 90; fi
if [ "$1" ]; then
  expand "$1"
  folder=$path
  [ -e "$folder" ] || { echo "basedir $name doesn't exist" >&2; exit 90; }
else
  case $file in */*) folder=${file%/*} folder=${folder:-/} ;; *) folder=. file=./$file ;; esac
fi
command -v patch >/dev/null 2>&1 || { echo "patch command not found" >&2; exit 90; }
back=$4 count=$5
shift 5
line= place=1
while [ "$place" -le "$count" ]; do line="$line \"\${$place}\"" place=$((place + 1)); done
run() {
  if [ "$source" ]; then eval "patch --quiet --forward --dry-run --directory=\"\$folder\" $line $extra \${file:+\"\$file\"}" <"$source"
  else
    (shift "$count"; printf %s "$@") | eval "patch --quiet --forward --dry-run --directory=\"\$folder\" $line $extra \${file:+\"\$file\"}"
  fi
}
extra=--reverse
[ "$back" ] && extra=
if run "$@" >/dev/null 2>&1; then echo same; exit 0; fi
extra="--batch --reject-file=-"
[ "$back" ] && extra="$extra --reverse"
run "$@"
