# Runs supervisorctl: $program, or the one in PATH. OPSCTL_CONFIG: its configuration, where it has a password.
supervisor_is_there() {
  if [ "$program" ]; then
    expand "$program"
    program=$path
    [ -x "$program" ]
  else
    program=supervisorctl
    command -v supervisorctl >/dev/null 2>&1
  fi
}
config=$OPSCTL_CONFIG
unset OPSCTL_CONFIG
supervisor() {
  if [ "$config" ]; then
    "$program" -c /dev/fd/3 "$@" </dev/null 3<<END
$config
END
  else
    "$program" "$@" </dev/null
  fi
}
