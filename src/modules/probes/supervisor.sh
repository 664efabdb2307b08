# PROGRAM OPTION...: what supervisord runs. OPSCTL_CONFIG: a configuration with a password, read from a descriptor so
# that no process list has it. Ends with 127 where supervisorctl is missing.
PATH=$PATH:/usr/local/bin
export PATH LC_ALL=C
program=$1
shift
supervisor_is_there || exit 127
supervisor "$@" status
exit 0
