# What RabbitMQ says. $1 and on: the words of rabbitmqctl or rabbitmq-plugins; it reads $PASSWORD from its input
PATH=$PATH:/usr/sbin:/sbin:/usr/lib/rabbitmq/bin
LC_ALL=C
export PATH LC_ALL
command -v "$1" >/dev/null || { echo "$1 is not installed on the host" >&2; exit 127; }
printf '%s\n' "$PASSWORD" | { unset PASSWORD; "$@"; }
