# Which keys apt-key knows, a line `@has` with each. $1: the keyring, or nothing
apt_keys() {
    found=$(apt-key ${1:+--keyring "$1"} adv --list-public-keys --keyid-format=long 2>&1) || {
        printf '%s\n' "$found" >&2
        return 1
    }
    printf '%s\n' "$found" | sed -n '/expired/!{/^pub/s/^/@has /p;/^sub/s/^/@has /p;}'
}
