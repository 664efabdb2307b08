# What LVM has. $1: the group   $2: `yes` to ask for its volumes   $3 and on: devices
# Answers `vgs`, `pvs`, `auto`, `lvs`, and `real:DEVICE` for each device, also for those that LVM has.
group=$1 states=$2
shift 2
real() {
  r=$(readlink -f "$1") && [ -e "$r" ] && printf %s "$r"
}
said vgs vgs --noheadings --separator ';' -o vg_name,pv_count,lv_count
fields=pv_name,vg_name,dev_size,pv_size,pe_start,vg_extent_size
said pvs pvs --noheadings --nosuffix --units b --separator ';' -o $fields
for device; do said "real:$device" real "$device"; done
pvs --noheadings -o pv_name 2>/dev/null </dev/null | while read -r device; do said "real:$device" real "$device"; done
[ "$states" ] || exit 0
fields=lv_attr
if vgchange --help 2>&1 </dev/null | grep -q -e --setautoactivation; then
  said auto echo yes
  fields=lv_attr,autoactivation
fi
said lvs vgs --noheadings --separator ';' -o $fields "$group"
exit 0
