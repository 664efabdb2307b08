# Which of the names $2 and on are installed; $1: the tool, or auto. Lines `@yes NAME` and `@no NAME`.
tool=$1
shift
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
if [ "$tool" = auto ]; then
    for tool in dnf5 dnf yum none; do command -v "$tool" >/dev/null && break; done
fi
echo "@tool $tool"
[ "$tool" != none ] || exit 0
for name in "$@"; do
    case $name in
    @*) echo "@group $name" ;;
    *)
        query=$name
        case $name in
        *://*.rpm | /*.rpm)
            query=$(rpm -qp --nosignature --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n' "$name" 2>/dev/null) ||
                { echo "@no $name"; continue; }
            ;;
        *[*?]*)
            if rpm -qa --qf '%{NAME}\n' "$name" | grep -q .; then echo "@yes $name"; else echo "@no $name"; fi
            continue
            ;;
        esac
        if rpm -q "$query" >/dev/null 2>&1 || rpm -q --whatprovides "$query" >/dev/null 2>&1; then echo "@yes $name"
        else echo "@no $name"
        fi
        ;;
    esac
done
exit 0
