# Starts sshd in a copy of a Debian system, within namespaces of its own, all of which end with this process.
#   system.sh BASE PLACE AUTHORIZED_KEYS PORT
base=$1 place=$2 keys=$3 port=$4
mount -t tmpfs tmpfs "$place"
root=$place/root
mkdir "$root" "$place/upper" "$place/work"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$place/upper,workdir=$place/work" "$root" 2>/dev/null ||
    cp -a "$base/." "$root"
hostname equivalence
mount -t proc proc "$root/proc"
# The kernel's settings are those of the machine.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount --bind /sys "$root/sys"
mount -o remount,bind,ro "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
    : >"$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$root/run/sshd" "$root/run/lock" "$root/root/.ssh"
cp "$keys" "$root/root/.ssh/authorized_keys"
rm -f "$root"/etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C '' -f "$root/etc/ssh/ssh_host_ed25519_key"
printf '127.0.0.1 localhost\n127.0.1.1 equivalence\n' >"$root/etc/hosts"
printf 'equivalence\n' >"$root/etc/hostname"
cat >"$root/etc/ssh/sshd_config" <<END
Port $port
ListenAddress 127.0.0.1
HostKey /etc/ssh/ssh_host_ed25519_key
PidFile none
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
UseDNS no
MaxSessions 100
MaxStartups 200
Subsystem sftp internal-sftp
END
exec chroot "$root" /usr/sbin/sshd -D -e
