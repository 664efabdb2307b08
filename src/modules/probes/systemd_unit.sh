systemd_knows "$@"
