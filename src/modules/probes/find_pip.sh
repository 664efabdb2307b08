# Goes to the directory $1, or to that of temporary files, and leaves the call of pip in $pip and $module.
# $2: the virtual environment, or nothing   $3: the program, or nothing
find_pip() {
    if [ "$1" ]; then expand "$1"; cd "$path" || return 3; else cd "${TMPDIR:-/tmp}" || return 3; fi
    environment='' pip='' module=''
    LC_ALL=C LANG=C
    export LC_ALL LANG
    if [ "$2" ]; then
        expand "$2"
        environment=$name
        PATH=$name/bin:$PATH
        for pip in "$path/bin/pip3" "$path/bin/pip" ''; do [ ! -x "$pip" ] || break; done
        [ "$pip" ] || {
            echo "Unable to find pip in the virtualenv, $name, under any of these names: pip3, pip. Make sure pip is present in the virtualenv." >&2
            return 4
        }
    elif [ "$3" ]; then
        expand "$3"
        case $name in */*) pip=$name ;; *) pip=$(command -v "$name") ;; esac
        [ "$pip" ] || { echo "Unable to find any of $name to use.  pip needs to be installed." >&2; return 4; }
    elif pip=$(command -v python3) && "$pip" -c 'import pip' 2>/dev/null; then module=yes
    else
        pip=$(command -v pip3) || { echo "Unable to find any of pip3 to use.  pip needs to be installed." >&2; return 4; }
    fi
}
call_pip() { "$pip" ${module:+-m} ${module:+pip} "$@" </dev/null; }
