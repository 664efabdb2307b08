# Makes systemd read its files again, then says what it knows of a unit.
# $1: reload, reexec or both (reload,reexec)   $2: system, user or global   $3: the unit
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
: "${XDG_RUNTIME_DIR:=/run/user/$(id -u)}"
export PATH LC_ALL XDG_RUNTIME_DIR
for what in reload reexec; do
    case ,$1, in
    *,$what,*)
        said=$(systemctl "--$2" "daemon-$what" 2>&1)
        rc=$?
        if [ "$rc" -ne 0 ]; then
            if [ -d /run/systemd/system ] && [ "${SYSTEMD_OFFLINE:-0}" != 1 ]; then
                echo "failure $rc during daemon-$what: $said" >&2
                exit "$rc"
            fi
            echo "@warning daemon-$what failed, but target is a chroot or systemd is offline. Continuing. Error was: $rc / $said" |
                tr '\n' ' '
            echo
        fi
        ;;
    esac
done
systemd_knows "$2" "$3"
