PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
LC_ALL=C LANGUAGE=C
export PATH LC_ALL LANGUAGE
# NAME COMMAND...: runs the command and prints NAME, its standard output, its exit code and its standard error, each
# with NUL at its end. Leaves the exit code in $said_rc.
said() {
  printf '%s\0' "$1"
  shift
  { e=$("$@" 2>&1 >&3 3>&- </dev/null); } 3>&1
  said_rc=$?
  printf '\0%s\0%s\0' "$said_rc" "$e"
}
