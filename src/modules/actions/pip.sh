# Makes a virtual environment where it is missing and runs pip. $1: the directory   $2: the virtual environment
# $3: pip   $4: the umask   $5: `freeze` to tell by `@same` that nothing came or went   $6: `break` to alter Python's
# own packages   $7: how many words the command has that makes the environment, then these, then pip's
# The word @python stands for the option that names the host's Python. Lines `@pip WORD` tell the call of pip.
if [ "$1" ]; then expand "$1"; cd "$path" || exit 3; fi
folder=$1 environment=$2 program=$3 freeze=$5 count=$7
[ -z "$4" ] || umask "$4"
[ -z "$6" ] || { PIP_BREAK_SYSTEM_PACKAGES=1; export PIP_BREAK_SYSTEM_PACKAGES; }
shift 7
if [ "$count" -gt 0 ]; then
    line= place=1
    while [ "$place" -le "$count" ]; do
        eval "word=\${$place}"
        if [ "$word" = @python ]; then line="$line \"-p\$(command -v python3)\""; else line="$line \"\${$place}\""; fi
        place=$((place + 1))
    done
    expand "$environment"
    command -v "$1" >/dev/null || { echo "Failed to find required executable \"$1\"" >&2; exit 127; }
    [ "$folder" ] || cd "${TMPDIR:-/tmp}" || exit 3
    [ -e "$path/bin/activate" ] || eval "$line \"\$name\"" </dev/null || exit
    [ "$folder" ] || cd - >/dev/null || exit 3
    shift "$count"
fi
if [ "$folder" ]; then find_pip . "$environment" "$program"; else find_pip '' "$environment" "$program"; fi || exit
for word in "$pip" ${module:+-m} ${module:+pip}; do echo "@pip $word"; done
[ -z "$freeze" ] || before=$(call_pip list --format=freeze 2>/dev/null || call_pip freeze)
call_pip "$@" || exit
[ -z "$freeze" ] || [ "$before" != "$(call_pip list --format=freeze 2>/dev/null || call_pip freeze)" ] || echo @same
exit 0
