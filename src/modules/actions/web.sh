# SIMPLE OPTIONS BODY: asks a web server, which may alter what it has.
ask_web '' '' "$1" "$2" "$3"
