# COMMAND...: runs a command that outlives this script and its session.
detach() {
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null &&
    systemd-run --quiet --collect --setenv=PATH="$PATH" "$@" 2>/dev/null; then
    return 0
  fi
  if command -v setsid >/dev/null; then setsid "$@" </dev/null >/dev/null 2>&1 &
  else nohup "$@" </dev/null >/dev/null 2>&1 &
  fi
}
