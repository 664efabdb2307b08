# Runs pkg until it fails. $1: what PACKAGESITE is to be   $2: yes: IGNORE_OSVERSION
# then, for each: whether its failure counts (`must` or `may`), how many words it has, these words; a word `<` before the
# last means that the last is given on standard input.
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin
LC_ALL=C LANGUAGE=C BATCH=yes
export PATH LC_ALL LANGUAGE BATCH
[ -z "$1" ] || { PACKAGESITE=$1; export PACKAGESITE; }
[ "$2" != yes ] || { IGNORE_OSVERSION=yes; export IGNORE_OSVERSION; }
shift 2
while [ $# -gt 0 ]; do
  must=$1 count=$2
  shift 2
  line= place=1
  while [ "$place" -le "$count" ]; do
    eval "word=\${$place}"
    if [ "$word" = '<' ]; then
      eval "input=\${$((place + 1))}"
      line="printf %s \"\$input\" | $line"
      break
    fi
    line="$line \"\${$place}\""
    place=$((place + 1))
  done
  eval "$line" || [ "$must" = may ] || exit 1
  shift "$count"
done
