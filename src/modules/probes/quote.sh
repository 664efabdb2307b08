# Leaves $1 in $q so that a shell reads it as one word.
quoted() {
  q='' r=$1
  while :; do case $r in *"'"*) q=$q${r%%"'"*}"'\\''" r=${r#*"'"} ;; *) break ;; esac; done
  q="'$q$r'"
}
quote() { quoted "$1"; printf ' %s' "$q"; }
