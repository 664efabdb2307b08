# Writes a file; the words are those of place.
place "$@"
