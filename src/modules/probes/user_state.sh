user_knows "$@"
