apt_knows "$@"
