# Prints what facts are made of. $1: the wanted groups, between blanks. $2: the folder of local facts. $3: seconds
# that a file system may take to answer. Each section starts with a line of \001 and its name.
LC_ALL=C
wanted=" $1 " fact_path=$2 limit=$3
user_path=$PATH
want() { case $wanted in *" $1 "*) ;; *) return 1 ;; esac; }
section() { printf '\n\001%s\n' "$1"; }
has() { command -v "$1" >/dev/null 2>&1; }
whole() { [ -f "$1" ] && [ -r "$1" ] && section "file $1" && cat "$1" 2>/dev/null; }
# One line of a small file, without starting a program.
line() {
  value=
  [ -r "$2" ] && { { IFS= read -r value <"$2"; } 2>/dev/null || [ -n "$value" ]; } && printf '%s=%s\n' "$1" "$value"
}
exists() {
  for path do
    [ -e "$path" ] && printf '%s\n' "$path"
  done
}
patient() {
  if [ -n "$timeout" ]; then timeout "$limit" "$@"; else "$@"; fi
}

if want env; then
  section env
  if [ -r /proc/self/environ ]; then cat /proc/self/environ 2>/dev/null; else env; fi
fi
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
timeout=
if has timeout; then timeout=1; fi

section uname
uname -s; uname -n; uname -r; uname -v; uname -m

if want date_time; then
  section date
  date '+%Y|%m|%A|%w|%W|%d|%H|%M|%S|%s|%N|%Z|%z'
  section tz
  if [ -n "$TZ" ]; then printf '%s\n' "$TZ"; else tail -n 1 /etc/localtime 2>/dev/null; fi
fi

if want platform; then
  section bits
  getconf LONG_BIT 2>/dev/null
  node=$(uname -n)
  section fqdn
  if has getent; then
    address=$(getent ahosts "$node" 2>/dev/null | sed -n '1s/[[:space:]].*//p')
    [ -n "$address" ] && getent hosts "$address" 2>/dev/null
  else
    printf '0 '; hostname -f 2>/dev/null
  fi
  whole /var/lib/dbus/machine-id
  whole /etc/machine-id
fi

if want python || want platform; then
  section python
  for name in python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python3.8 /usr/bin/python3 python3 \
    /usr/libexec/platform-python; do
    found=$(command -v "$name" 2>/dev/null) && printf '%s\n' "$found" && "$found" -V 2>&1 && break
  done
fi

if want distribution || want lsb || want pkg_mgr; then
  for file in altlinux-release oracle-release slackware-version centos-release redhat-release vmware-release \
    openwrt_release os-release system-release alpine-release arch-release SuSE-release gentoo-release lsb-release \
    sourcemage-release coreos/update.conf debian_version almalinux-release rocky-release fedora-release; do
    whole "/etc/$file"
  done
  whole /usr/lib/os-release
  section baseproduct
  [ -L /etc/products.d/baseproduct ] && readlink -f /etc/products.d/baseproduct 2>/dev/null
  if has lsb_release; then section lsb; lsb_release -a 2>/dev/null; fi
fi

if want pkg_mgr; then
  section managers
  exists /usr/bin/rpm-ostree /usr/bin/yum /usr/bin/dnf-3 /usr/bin/dnf5 /usr/bin/apt-get /usr/bin/zypper \
    /usr/sbin/urpmi /usr/bin/pacman /bin/opkg /usr/pkg/bin/pkgin /opt/local/bin/pkgin /opt/tools/bin/pkgin \
    /opt/local/bin/port /usr/local/bin/brew /opt/homebrew/bin/brew /sbin/apk /usr/sbin/pkg /usr/sbin/swlist \
    /usr/bin/emerge /usr/sbin/pkgadd /usr/bin/pkg /usr/bin/xbps-install /usr/local/sbin/pkg /usr/bin/swupd \
    /usr/sbin/sorcery /usr/bin/installp /run/ostree-booted /usr/bin/dnf /usr/bin/microdnf
  for path in /usr/bin/dnf /usr/bin/microdnf; do
    if [ -e "$path" ] && [ "$(readlink -f "$path")" = /usr/bin/dnf5 ]; then echo "dnf5:$path"; fi
  done
  if [ -e /usr/bin/rpm ] && /usr/bin/rpm -q --whatprovides /usr/bin/apt-get >/dev/null 2>&1; then echo apt_rpm; fi
fi

if want service_mgr || want systemd; then
  section init
  line comm /proc/1/comm
  [ -L /sbin/init ] && printf 'init=%s\n' "$(readlink /sbin/init)"
  has systemctl && echo systemctl=1
  has initctl && echo initctl=1
  exists /run/systemd/system /dev/.run/systemd /dev/.systemd /etc/init /sbin/openrc /etc/init.d /etc/dinit.d
fi
if want systemd && has systemctl; then section systemd; systemctl --version 2>/dev/null; fi

if want selinux; then
  section selinux
  if [ -e /sys/fs/selinux/enforce ]; then
    grep selinuxfs /proc/mounts
    line enforce /sys/fs/selinux/enforce
    line policyvers /sys/fs/selinux/policyvers
    grep -E '^(SELINUX|SELINUXTYPE)=' /etc/selinux/config 2>/dev/null
  fi
fi
if want apparmor; then section apparmor; exists /sys/kernel/security/apparmor; fi
if want fips; then section fips; line enabled /proc/sys/crypto/fips_enabled; fi
if want chroot; then
  section chroot
  printf 'debian=%s\n' "$debian_chroot"
  printf 'root=%s\n' "$(stat -L -c '%i %d' / 2>/dev/null)"
  printf 'init=%s\n' "$(stat -L -c '%i %d' /proc/1/root/. 2>/dev/null)"
  printf 'type=%s\n' "$(stat -f -c %T / 2>/dev/null)"
fi
if want caps && has capsh; then section caps; capsh --print 2>/dev/null; fi
if want cmdline; then whole /proc/cmdline; fi
if want loadavg; then whole /proc/loadavg; fi
if want dns; then whole /etc/resolv.conf; fi
if want iscsi; then whole /etc/iscsi/initiatorname.iscsi; fi
if want nvme; then whole /etc/nvme/hostnqn; fi
if want fibre_channel_wwn; then
  section fc
  for path in /sys/class/fc_host/*/port_name; do line port "$path"; done
fi
if want ssh_pub_keys; then
  for folder in /etc/ssh /etc/openssh /etc; do
    for path in "$folder"/ssh_host_*_key.pub; do whole "$path"; done
  done
fi
if want user; then
  for name in "$LOGNAME" "$USER" "$LNAME" "$USERNAME"; do [ -n "$name" ] && break; done
  section user
  printf 'name=%s\n' "$name"
  printf 'ids=%s %s %s\n' "$(id -ru)" "$(id -u)" "$(id -rg)"
  section passwd
  for key in "$name" "$(id -ru)"; do
    [ -n "$key" ] || continue
    if has getent; then getent passwd "$key"; else grep -E "^$key:|^[^:]*:[^:]*:$key:" /etc/passwd; fi && break
  done
fi

if want local && [ -d "$fact_path" ]; then
  for path in "$fact_path"/*.fact; do
    if [ ! -e "$path" ]; then
      [ -L "$path" ] && section "local broken $path"
    elif [ -f "$path" ] && [ -x "$path" ]; then
      section "local run $path"
      { errors=$("$path" </dev/null 2>&1 >&3); code=$?; } 3>&1
      section "local end $code"
      printf '%s' "$errors"
    else
      section "local read $path"
      cat "$path" 2>/dev/null
    fi
  done
fi

if want hardware || want virtual; then
  section dmi
  for key in bios_date bios_vendor bios_version board_asset_tag board_name board_serial board_vendor board_version \
    chassis_asset_tag chassis_serial chassis_vendor chassis_version chassis_type product_name product_serial \
    product_uuid product_version product_family sys_vendor; do
    line "$key" "/sys/devices/virtual/dmi/id/$key"
  done
  if [ ! -e /sys/devices/virtual/dmi/id/product_name ] && has dmidecode; then
    for key in bios-release-date bios-vendor bios-version baseboard-asset-tag baseboard-product-name \
      baseboard-serial-number baseboard-manufacturer baseboard-version chassis-asset-tag chassis-serial-number \
      chassis-manufacturer chassis-version chassis-type system-product-name system-serial-number system-uuid \
      system-version system-manufacturer; do
      printf '%s=%s\n' "$key" "$(dmidecode -s "$key" 2>/dev/null | grep -v '^#' | tr -d '\n')"
    done
  fi
  whole /proc/sysinfo
  section cpuinfo
  grep -E '^(processor|Processor|vendor_id|model name|cpu|Vendor|physical id|core id|cpu cores|siblings|# processors|max thread id|ncpus active|machine|Features)[[:space:]]*:' /proc/cpuinfo 2>/dev/null
  grep '^flags' /proc/cpuinfo 2>/dev/null | tail -n 1
fi

if want virtual; then
  section virtual
  exists /proc/vz /proc/lve /proc/bc /.dockerenv /.dockerinit /proc/xen /rhev /dev/kvm
  line container /run/systemd/container
  grep -E '^VxID:' /proc/self/status 2>/dev/null
  [ -r /proc/modules ] && grep -E '^(kvm|vboxdrv|virtio) ' /proc/modules
  whole /proc/1/cgroup
  whole /proc/xen/capabilities
  if [ -r /proc/1/environ ]; then section environ; { tr '\0' '\n' </proc/1/environ; } 2>/dev/null; fi
  if has dmidecode; then section dmidecode; dmidecode -s system-product-name 2>/dev/null; fi
fi

if want hardware; then
  whole /proc/meminfo
  section cpus
  grep Cpus_allowed_list /proc/self/status 2>/dev/null
  exists /proc/xen
  line hypervisor /sys/hypervisor/type
  whole /proc/uptime
  if has findmnt; then section findmnt; findmnt --list --noheadings --notruncate 2>/dev/null; fi
  if has lsblk; then section lsblk; lsblk --list --noheadings --paths --output NAME,UUID --exclude 2 2>/dev/null; fi
  mounts=/proc/mounts
  [ -e /etc/mtab ] && mounts=/etc/mtab
  section mounts
  cat "$mounts" 2>/dev/null
  section statfs
  set -f
  while read -r device mount type rest; do
    case $device in /* | *:/*) ;; *) continue ;; esac
    printf '%s ' "$mount"
    plain=$(printf '%b.' "$mount") plain=${plain%.}
    patient stat -f -c '%S %b %a %s %c %d' "$plain" 2>/dev/null || echo "- $?"
  done <"$mounts"
  set +f
  section links
  for kind in id uuid label; do
    [ -d "/dev/disk/by-$kind" ] && ls -l "/dev/disk/by-$kind" | sed "s/^/$kind /"
  done
  if has lspci; then section lspci; lspci -D 2>/dev/null; fi
  section blocks
  for block in /sys/block/*; do
    name=${block##*/}
    cd -P "$block" 2>/dev/null || continue
    printf '[%s\nlink=%s\n' "$name" "$PWD"
    if [ -L "$block" ]; then echo symlink=1; elif [ -e device ]; then echo device=1; fi
    for key in vendor model sas_address sas_device_handle; do line "$key" "device/$key"; done
    if has sg_inq; then
      printf 'serial=%s\n' "$(sg_inq "/dev/$name" 2>/dev/null | sed -n 's/^ *\(Unit serial\|Serial\) number: *//p')"
    else
      line serial device/serial
    fi
    for key in discard_max_hw_bytes discard_granularity rotational scheduler logical_block_size hw_sector_size; do
      line "$key" "queue/$key"
    done
    line removable removable
    line size size
    for holder in holders/dm-*; do
      [ -e "$holder" ] || continue
      value=
      { read -r value <"$holder/dm/name"; } 2>/dev/null
      echo "holder=${value:-${holder##*/}}"
    done
    for slave in slaves/*; do [ -e "$slave" ] && echo "slave=${slave##*/}"; done
    for part in "$name"*; do
      [ -f "$part/start" ] || continue
      echo "part=$part"
      line start "$part/start"
      line size "$part/size"
      line logical_block_size "$part/queue/logical_block_size"
      for holder in "$part"/holders/dm-*; do
        [ -e "$holder" ] || continue
        value=
        { read -r value <"$holder/dm/name"; } 2>/dev/null
        echo "holder=${value:-${holder##*/}}"
      done
    done
  done
  cd / || exit
  if has vgs && [ "$(id -u)" = 0 ]; then
    section lvm
    for command in vgs lvs pvs; do
      has "$command" && "$command" --noheadings --nosuffix --units g --separator , 2>/dev/null | sed "s/^ */$command /"
    done
  fi
fi

if want network; then
  section interfaces
  for path in /sys/class/net/*; do
    [ -d "$path" ] || continue
    cd "$path" || continue
    printf '[%s\n' "${path##*/}"
    for key in address mtu operstate type speed flags; do line "$key" "$key"; done
    [ -e device/driver/module ] && printf 'module=%s\n' "$(readlink -f device/driver/module)"
    [ -e device ] && printf 'pciid=%s\n' "$(readlink device)"
    if [ -e bridge ]; then
      echo bridge=1
      for port in brif/*; do [ -e "$port" ] && echo "port=${port##*/}"; done
      line bridge_id bridge/bridge_id
      line stp_state bridge/stp_state
    fi
    if [ -e bonding ]; then
      echo bonding=1
      for key in slaves mode miimon lacp_rate primary all_slaves_active; do line "$key" "bonding/$key"; done
    fi
    if [ -e bonding_slave ]; then
      echo bonding_slave=1
      line perm_hwaddr bonding_slave/perm_hwaddr
    fi
    if has ethtool; then
      ethtool -k "${path##*/}" 2>/dev/null | sed 's/^/ethtool-k=/'
      ethtool -T "${path##*/}" 2>/dev/null | sed 's/^/ethtool-T=/'
    fi
  done
  cd / || exit
  if has ip; then
    section route4; ip -4 route get 8.8.8.8 2>/dev/null
    section route6; ip -6 route get 2404:6800:400a:800::1012 2>/dev/null
    section local4; ip -4 route show table local 2>/dev/null
    section local6; ip -6 route show table local 2>/dev/null
    section primary
    ip addr show primary 2>/dev/null || ip addr show 2>/dev/null
    section secondary; ip addr show secondary 2>/dev/null
  fi
fi
section end
PATH=$user_path
exit 0
