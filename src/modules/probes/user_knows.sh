# Says how a user is. $1: the name. $2: the home that is asked for. $3: the SSH key's file, relative to the home.
# $4: yes where only local accounts count. OPSCTL_PASSWORD: a password's hash to compare; the user's own stays here.
user_knows() {
  PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  export PATH LC_ALL=C
  for tool in useradd usermod userdel adduser deluser addgroup delgroup chpasswd chage ssh-keygen luseradd lusermod; do
    command -v "$tool" >/dev/null 2>&1 && echo "tool $tool"
  done
  if [ "$4" = yes ] || ! command -v getent >/dev/null 2>&1; then
    passwd=$(awk -F: -v name="$1" '$1 == name' /etc/passwd | tail -n 1)
    sed 's/^/group /' /etc/group
  else
    passwd=$(getent passwd | awk -F: -v name="$1" '$1 == name' | head -n 1)
    # What is not listed can still be asked for.
    [ -n "$passwd" ] || case $1 in *[!0-9]*) passwd=$(getent passwd "$1") ;; esac
    getent group | sed 's/^/group /'
  fi
  echo "tilde $HOME"
  home=$2
  case $home in '~' | '~'/*) home=$HOME${home#'~'} ;; esac
  if [ -n "$passwd" ]; then
    echo "passwd $passwd"
    rest=${passwd#*:*:*:*:*:}
    [ -n "$home" ] || home=${rest%%:*}
    entry=$(awk -F: -v name="$1" '$1 == name' /etc/shadow 2>/dev/null | head -n 1)
    rest=${entry#*:}
    hash=${rest%%:*}
    # Changed, minimum, maximum, warning, inactive, expires.
    echo "shadow ${rest#*:}"
    case $hash in !*) echo locked ;; esac
    while [ "${hash#!}" != "$hash" ]; do hash=${hash#!}; done
    wanted=$OPSCTL_PASSWORD
    while [ "${wanted#!}" != "$wanted" ]; do wanted=${wanted#!}; done
    [ "$hash" = "$wanted" ] && echo same_password
  fi
  [ -n "$home" ] && [ -e "$home" ] && echo home
  [ -n "$home" ] && [ -d "${home%/*}/" ] && echo parent
  if [ -n "$3" ]; then
    case $3 in /*) key=$3 ;; *) key=$home/$3 ;; esac
    echo "key $key"
    [ -e "$key" ] && echo private
    if [ -e "$key.pub" ]; then
      echo public
      echo "public_key $(cat "$key.pub" 2>/dev/null)"
      [ -e "$key" ] && echo "fingerprint $(ssh-keygen -l -f "$key" 2>&1)"
    fi
  fi
  return 0
}
