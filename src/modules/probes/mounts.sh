# What is mounted, as the kernel says.
cat /proc/self/mountinfo
