# SINCE SIMPLE OPTIONS: asks a web server.
ask_web '' "$1" "$2" "$3" ''
