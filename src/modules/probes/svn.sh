# What a checkout of Subversion is. $1: svn, or nothing   $2: `yes` to trust any certificate   $3: the user   $4: the
# checkout   $5: the repository   $6: the revision   $7: `remote` to ask the repository alone
# Answers `version`, `there`, `info`, `status`, `head`, or `remote`.
svn_words "$@"
said version "$svn" --version --quiet
[ "$said_rc" = 0 ] || exit 0
if [ "$7" = remote ]; then svn_says remote info "$repo"; exit 0; fi
[ -e "$dest" ] || exit 0
said there echo yes
svn_says info info "$dest"
[ "$said_rc" = 0 ] || exit 0
svn_says status status --quiet --ignore-externals "$dest"
svn_says head info -r "$revision" "$dest"
exit 0
