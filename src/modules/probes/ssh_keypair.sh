# How a pair of SSH keys is. $1: the private key's path. Ends with 127 where ssh-keygen is missing.
export LC_ALL=C
expand "$1"
command -v ssh-keygen >/dev/null 2>&1 || exit 127
ssh_key_knows
