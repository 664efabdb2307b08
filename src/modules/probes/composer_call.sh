# Sets $php and $composer. $1: PHP, or nothing   $2: composer, or nothing   Ends with 127 where one is not there.
find_composer() {
  PATH=$PATH:/usr/local/bin
  export PATH
  php=$1 composer=$2
  if [ "$php" ]; then expand "$php"; php=$path
  else php=$(command -v php) || { echo 'Failed to find required executable "php" in paths' >&2; exit 127; }
  fi
  if [ "$composer" ]; then expand "$composer"; composer=$path
  else composer=$(command -v composer) || { echo 'Failed to find required executable "composer" in paths' >&2; exit 127; }
  fi
}
# The option that names the directory $1, or the verb for the whole login where there is none.
where_to() {
  if [ "$1" ]; then expand "$1"; where=--working-dir=$name; else where=global; fi
}
