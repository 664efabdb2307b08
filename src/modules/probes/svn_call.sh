# NAME OPTION...: runs svn with the options of the login and says what it says under NAME. It reads $OPSCTL_PASSWORD from
# its input, where no process list has it.
svn_says() {
  printf '%s\0' "$1"
  shift
  set -- --non-interactive --no-auth-cache ${trust:+--trust-server-cert} ${user:+--username "$user"} \
    ${OPSCTL_PASSWORD:+--password-from-stdin} "$@"
  { e=$(svn_call "$@" 2>&1 >&3 3>&-); } 3>&1
  said_rc=$?
  printf '\0%s\0%s\0' "$said_rc" "$e"
}
svn_call() { printf %s "$OPSCTL_PASSWORD" | (unset OPSCTL_PASSWORD; exec "$svn" "$@"); }
# Takes PROGRAM TRUST USER DEST REPO REVISION.
svn_words() {
  svn=${1:-svn} trust=$2 user=$3 repo=$5 revision=$6
  case $svn in */* | '~'* | *'$'*) expand "$svn"; svn=$name ;; esac
  expand "$4"
  dest=$path shown_dest=$name
}
