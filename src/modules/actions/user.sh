# Makes or alters a user. $1 to $4: as the state is asked for. $5: the home that is made when it is missing, or
# nothing. $6: the folder it is made after. $7 to $9: type, bits and comment of an SSH key that is made, or nothing.
# Then how many words a command has, and the command; and so on. OPSCTL_SET_PASSWORD: the hash that is set.
# OPSCTL_PASSPHRASE: of the SSH key.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH LC_ALL=C
name=$1 wanted_home=$2 key=$3 local=$4 home=$5 skeleton=$6 type=$7 bits=$8 comment=$9
shift 9
unset OPSCTL_PASSWORD
while [ $# -gt 0 ]; do
  count=$1 line= place=1
  shift
  while [ "$place" -le "$count" ]; do line="$line \"\${$place}\"" place=$((place + 1)); done
  eval "$line" </dev/null >&2 || exit $?
  shift "$count"
done
if [ -n "$OPSCTL_SET_PASSWORD" ]; then
  printf '%s:%s\n' "$name" "$OPSCTL_SET_PASSWORD" | chpasswd -e >&2 || exit
fi
state=$(user_knows "$name" "$wanted_home" "$key" "$local")
entry=$(printf '%s\n' "$state" | sed -n 's/^passwd //p' | head -n 1)
rest=${entry#*:*:}
uid=${rest%%:*} rest=${rest#*:} gid=${rest%%:*}
if [ -n "$home" ] && [ ! -e "$home" ]; then
  mkdir -p "$home" || exit
  [ -d "$skeleton" ] && { cp -RP "$skeleton/." "$home/" || exit; }
  mode=755
  while read -r option value rest; do
    case $option in
      HOME_MODE) mode=$value && break ;;
      UMASK) mode=$(printf '%o' $((0777 & ~0$value))) ;;
    esac
  done 2>/dev/null </etc/login.defs
  chmod "$mode" "$home" || exit
  chown -R "$uid:$gid" "$home" || exit
fi
if [ -n "$type" ]; then
  path=$(printf '%s\n' "$state" | sed -n 's/^key //p')
  folder=${path%/*}
  if [ ! -e "$folder" ]; then
    mkdir -m 700 "$folder" && chown "$uid:$gid" "$folder" || exit
  fi
  rm -f "$path" "$path.pub"
  set -- -t "$type" -C "$comment" -f "$path"
  [ "$bits" -gt 0 ] && set -- "$@" -b "$bits"
  if [ -n "$OPSCTL_PASSPHRASE" ]; then
    # The program that ssh-keygen asks prints it; an argument would be seen by all. It is not beside the key, where its
    # user could put a link in its place.
    private=$(mktemp -d "$HOME/.opsctl-XXXXXX" 2>/dev/null) || private=$(mktemp -d) || exit
    SSH_ASKPASS=$private/ask
    printf '#!/bin/sh\nprintf "%%s\\n" "$OPSCTL_PASSPHRASE"\n' >"$SSH_ASKPASS" && chmod 700 "$SSH_ASKPASS" || exit
    export SSH_ASKPASS SSH_ASKPASS_REQUIRE=force DISPLAY=:0
    ssh-keygen "$@" >&2 </dev/null
    code=$?
    rm -rf "$private"
    [ "$code" = 0 ] || exit "$code"
  else
    ssh-keygen "$@" -N '' >&2 </dev/null || exit
  fi
  chown "$uid:$gid" "$path" "$path.pub" || exit
fi
user_knows "$name" "$wanted_home" "$key" "$local"
