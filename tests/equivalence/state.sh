# Prints what the objects named on standard input look like: one line of input an object, `KIND NAME`.
LC_ALL=C
export LC_ALL
entry() {
    if [ -L "$1" ]; then
        printf '%s link %s\n' "$1" "$(readlink "$1")"
    elif [ -d "$1" ]; then
        stat -c '%n directory %a %U %G' "$1"
    elif [ -f "$1" ]; then
        printf '%s %s\n' "$(stat -c '%n file %a %U %G %s' "$1")" "$(sha256sum <"$1" | cut -d' ' -f1)"
    elif [ -e "$1" ]; then
        stat -c '%n %F %a %U %G' "$1"
    else
        printf '%s absent\n' "$1"
    fi
}
while read -r kind name; do
    case $kind in
        file) entry "$name" ;;
        tree)
            [ -e "$name" ] || entry "$name"
            find "$name" 2>/dev/null | sort | while read -r path; do entry "$path"; done
            ;;
        text) printf '%s:\n' "$name" && sed 's/^/  /' "$name" ;;
        time) stat -c '%n modified %Y' "$name" ;;
        user) getent passwd "$name" || printf 'no user %s\n' "$name"
              id -Gn "$name" 2>/dev/null | tr ' ' '\n' | sort | tr '\n' ' '
              getent shadow "$name" | awk -F: '{ print substr($2, 1, 3), $5, $6, $8 }' ;;
        group) getent group "$name" || printf 'no group %s\n' "$name" ;;
        package) printf '%s %s\n' "$name" "$(dpkg-query -W -f '${Status} ${Version}' "$name" 2>/dev/null || echo absent)" ;;
        hold) printf '%s %s\n' "$name" "$(dpkg-query -W -f '${db:Status-Want}' "$name" 2>/dev/null)" ;;
        service) printf '%s %s %s\n' "$name" "$(systemctl is-active "$name")" "$(systemctl is-enabled "$name" 2>/dev/null)" ;;
        crontab) crontab -l -u "$name" 2>/dev/null | sed 's/^/  /' ;;
        command) sh -c "$name" ;;
        '') ;;
        *) printf 'unknown kind: %s\n' "$kind" ;;
    esac
done
:
