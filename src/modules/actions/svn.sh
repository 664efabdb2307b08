# Alters a checkout of Subversion and says how it is then. $1: svn, or nothing   $2: `yes` to trust any certificate
# $3: the user   $4: the checkout   $5: the repository   $6: the revision   $7 and on: what is done: `checkout`, `over` for
# a checkout over what is there, `export`, `overwrite` for an export over it, `switch`, `revert`, `update`
svn_words "$@"
shift 6
for verb; do
  case $verb in
  checkout | export) svn_says "$verb" "$verb" -r "$revision" "$repo" "$dest" ;;
  over) svn_says over checkout --force -r "$revision" "$repo" "$dest" ;;
  overwrite) svn_says overwrite export --force -r "$revision" "$repo" "$dest" ;;
  switch) svn_says switch switch --revision "$revision" "$repo" "$dest" ;;
  revert) svn_says revert revert -R "$dest" ;;
  update) svn_says update update -r "$revision" "$dest" ;;
  esac
  [ "$said_rc" = 0 ] || exit 0
done
case $1 in export | overwrite) exit 0 ;; esac
svn_says info info "$dest"
svn_says status status --quiet --ignore-externals "$dest"
exit 0
