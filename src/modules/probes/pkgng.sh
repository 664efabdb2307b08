# What pkg has. $1: the option of where (`--rootdir=…`), or nothing   $2: `-g`, or nothing   $3: yes: asks about upgrades
# $4: yes: asks what autoremove would do   $5: yes: asks about annotations   $6: all: asks what upgrading all would do
# $7: `--repository=…`, or nothing   $8: what PACKAGESITE is to be   $9: yes: IGNORE_OSVERSION   then: names
where=$1 glob=$2 upgrades=$3 autoremove=$4 annotations=$5 all=$6 repository=$7 site=$8 any=$9
shift 9
BATCH=yes
export BATCH
[ -z "$site" ] || { PACKAGESITE=$site; export PACKAGESITE; }
[ "$any" != yes ] || { IGNORE_OSVERSION=yes; export IGNORE_OSVERSION; }
call() { pkg ${where:+"$where"} "$@"; }
said version pkg -v
for name; do
  said "info $name" call info $glob -e "$name"
  if [ "$upgrades" = yes ]; then said "upgrade $name" call upgrade ${repository:+"$repository"} $glob -n "$name"; fi
  if [ "$annotations" = yes ]; then said "annotations $name" call info $glob -A "$name"; fi
done
if [ "$all" = all ]; then said all call upgrade ${repository:+"$repository"} $glob -n; fi
if [ "$autoremove" = yes ]; then said autoremove call autoremove -n; fi
