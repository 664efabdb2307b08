# DIRECTORY HOW OWNER GROUP ...: makes a directory that is missing. HOW: `own` sees that it is OWNER's alone, `make`
# leaves it as it is made, nothing does nothing. Goes on with the words after these.
if [ "$2" ]; then
  expand "$1"
  folder=$path how=$2 who=$3:$4
  if [ ! -e "$folder" ]; then
    if [ "$how" = own ]; then
      e=$(mkdir -m 700 "$folder" 2>&1) || die "Failed to create directory $name : $e"
    else
      e=$(mkdir -p "$folder" 2>&1) || die "Failed to create directory $name : $e"
    fi
    if [ -e /sys/fs/selinux/enforce ]; then restorecon "$folder" 2>/dev/null; fi
  fi
  if [ "$how" = own ]; then
    e=$(chown "$who" "$folder" 2>&1) || die "chown failed: $e"
    e=$(chmod 700 "$folder" 2>&1) || die "chmod failed: $e"
  fi
fi
shift 4
