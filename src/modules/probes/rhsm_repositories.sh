# The repositories of subscriptions.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C LANGUAGE=C
export PATH LC_ALL LANGUAGE
if [ "$(id -u)" != 0 ]; then
  echo "Interacting with subscription-manager requires root permissions ('become: true')" >&2
  exit 126
fi
exec subscription-manager repos --list </dev/null
