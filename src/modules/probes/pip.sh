# What pip has installed, a line `NAME==VERSION` each. $1: the directory   $2: the virtual environment   $3: pip
# `@missing` when the virtual environment is not there.
if [ "$2" ]; then
    if [ "$1" ]; then expand "$1"; cd "$path" || exit 3; fi
    expand "$2"
    [ -e "$path/bin/activate" ] || { echo @missing; exit 0; }
    [ -z "$1" ] || cd - >/dev/null
fi
find_pip "$1" "$2" "$3" || exit
call_pip list --format=freeze 2>/dev/null || call_pip freeze
