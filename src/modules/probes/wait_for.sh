# Whether a port or a file is as wanted: ends with 0 then.
# $1: nothing, started, present, stopped, absent or drained   $2: file, or nothing   $3: host   $4: port
# $5: seconds that a connection may take   $6: text to say what the file holds or the port sends
# $7: peers that do not count   $8: states that count
state=$1 path=$2 host=$3 port=$4 limit=$5 text=$6
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
[ "$state" != nothing ] || exit 1
if [ -n "$path" ]; then
    case $state in
    absent | stopped) [ ! -e "$path" ] && exit 0; exit 1 ;;
    esac
    [ -e "$path" ] || exit 1
    [ -z "$text" ] || cat -- "$path"
    exit
fi
# Listening sockets of this host need no connection.
listens() {
    hex=$(printf ':%04X' "$port")
    awk -v port="$hex" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }' \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null
}
reach() {
    if command -v bash >/dev/null && command -v timeout >/dev/null; then
        timeout "$limit" bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 1; [ -z "$3" ] || timeout "$4" cat <&3; exit 0' \
            bash "$host" "$port" "$text" "$((limit > 1 ? limit - 1 : 1))"
    elif command -v perl >/dev/null; then
        perl -e '
            use Socket qw(getaddrinfo SOCK_STREAM);
            my ($host, $port, $text, $limit) = @ARGV;
            alarm $limit;
            my ($error, @found) = getaddrinfo($host, $port, { socktype => SOCK_STREAM });
            for my $one (@found) {
                socket(my $socket, $one->{family}, $one->{socktype}, $one->{protocol}) or next;
                connect($socket, $one->{addr}) or next;
                if ($text) { $SIG{ALRM} = sub { exit 0 }; while (sysread($socket, my $piece, 4096)) { syswrite STDOUT, $piece } }
                exit 0;
            }
            exit 1' "$host" "$port" "$text" "$limit"
    elif command -v nc >/dev/null; then
        if [ -n "$text" ]; then nc -w "$limit" "$host" "$port" </dev/null
        else nc -z -w "$limit" "$host" "$port"
        fi
    elif command -v curl >/dev/null; then
        curl -s --connect-timeout "$limit" --max-time "$limit" "telnet://$host:$port" </dev/null
        case $? in 0 | 28 | 52 | 56) return 0 ;; esac
        return 1
    else
        case $host in
        127.* | ::1 | localhost | 0.0.0.0) listens ;;
        *) echo "neither bash, perl, nc nor curl is here to try $host:$port" >&2; return 1 ;;
        esac
    fi 2>/dev/null
}
case $state in
started | present) reach ;;
stopped | absent) ! reach >/dev/null ;;
drained)
    hex=$(printf ':%04X' "$port")
    # Addresses of peers that do not count, as the kernel writes them.
    peers=
    for peer in $7; do
        one=$(getent ahostsv4 "$peer" 2>/dev/null | awk 'NR == 1 { print $1 }')
        peers="$peers $(printf '%s\n' "${one:-$peer}" | awk -F. 'NF == 4 { printf "%02X%02X%02X%02X", $4, $3, $2, $1 }')"
    done
    awk -v port="$hex" -v peers="$peers " -v states=" $8 " '
        BEGIN {
            name["01"] = "ESTABLISHED"; name["02"] = "SYN_SENT"; name["03"] = "SYN_RECV"; name["04"] = "FIN_WAIT1"
            name["05"] = "FIN_WAIT2"; name["06"] = "TIME_WAIT"
        }
        ($4 in name) && index(states, " " name[$4] " ") && substr($2, length($2) - 4) == port {
            split($3, peer, ":")
            if (!index(peers, " " substr(peer[1], length(peer[1]) - 7) " ")) busy = 1
        }
        END { exit busy }
    ' /proc/net/tcp /proc/net/tcp6 2>/dev/null
    ;;
esac
