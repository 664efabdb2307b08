# MODE SSH GIT UMASK DEST REPO REMOTE VERSION KIND DEPTH FLAGS FOLDER SEPARATE ALLOWED ARCHIVE FORMAT PREFIX WORD...:
# makes a checkout what it is to be, and says what it is then. MODE: `clone` with the words of git clone, `update` with
# those of git fetch, or `none`. KIND: VERSION is `head`, `branch` or `other`. FLAGS: `b` bare, `f` force, `l` local
# modifications, `m` the git directory moves, `r` submodules, `t` these follow their remotes, `u` another URL, `v` verify.
PATH=$PATH:/usr/local/bin
export PATH GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND="${GIT_SSH:-${GIT_SSH_COMMAND:-ssh}} $2"
mode=$1 git=git remote=$7 version=$8 kind=$9
[ -z "$4" ] || umask "$4"
if [ "$3" ]; then expand "$3"; git=$name; fi
dest=$5 repo=$6 depth=${10} flags=${11} folder=${12} separate=${13} allowed=${14} archive=${15} format=${16} prefix=${17}
shift 17
has() { case $flags in *$1*) ;; *) return 1 ;; esac; }
# MESSAGE COMMAND...: runs the command, or says MESSAGE, what it printed and its error, and ends. What it printed is $o.
run() {
  message=$1
  shift
  errors=$(mktemp) || exit
  o=$("$@" 2>"$errors" </dev/null)
  r=$?
  e=$(cat "$errors")
  rm -f "$errors"
  [ $r -eq 0 ] && return
  printf 'failed\0%s\0%s\0' "$message" "$o"
  printf '%s\n' "$e" >&2
  exit $r
}
verify() {
  has v || return 0
  what=verify-commit raw=
  [ "$("$git" for-each-ref "refs/tags/$version" '--format=%(objecttype)')" != tag ] || what=verify-tag
  [ -z "$allowed" ] || raw=--raw
  run "Failed to verify GPG signature of commit/tag \"$version\"" "$git" $what $raw "$version"
  [ "$allowed" ] || return 0
  print=$(printf '%s\n' "$e" | while read -r a b c; do
    [ "$b" = VALIDSIG ] || continue
    set -- $c
    if [ $# -ge 10 ]; then shift 9; fi
    echo "$1"
    break
  done)
  case " $allowed " in *" ${print:-none} "*) return 0 ;; esac
  printf 'failed\0The gpg_allowlist does not include the public key "%s" for this commit\0\0' "$print"
  exit 1
}
switch() {
  case $kind in
  head)
    branch=$("$git" symbolic-ref -q --short HEAD) || branch=$("$git" symbolic-ref -q --short "refs/remotes/$remote/HEAD")
    branch=${branch#"$remote/"}
    run "Failed to checkout branch $branch" "$git" checkout --force "$branch" --
    run "Failed to checkout branch $branch" "$git" reset --hard "$remote/$branch" -- ;;
  branch)
    if [ "$depth" ] && ! "$git" show-ref -q --verify "refs/heads/$version"; then
      run "Failed to fetch branch from remote: $version" "$git" fetch "--depth=$depth" "$remote" \
        "+refs/heads/$version:refs/heads/$version" "+refs/heads/$version:refs/remotes/$remote/$version"
    fi
    if "$git" show-ref -q --verify "refs/heads/$version"; then
      run "Failed to checkout branch $version" "$git" checkout --force "$version" --
      run "Failed to checkout $version" "$git" reset --hard "$remote/$version" --
    else
      run "Failed to checkout $version" "$git" checkout --track -b "$version" "$remote/$version"
    fi ;;
  *) run "Failed to checkout $version" "$git" checkout --force "$version" -- ;;
  esac
  verify
}
heads() { "$git" submodule foreach --quiet "'$git' rev-parse HEAD" 2>/dev/null; }
submodules=
update_submodules() {
  [ -f .gitmodules ] || return 0
  before=$(heads)
  if ! has t; then
    [ -z "$before" ] || "$git" submodule foreach --quiet "'$git' fetch --quiet" >/dev/null 2>&1 </dev/null
    case $("$git" submodule status | cut -c 1 | sort -u | tr -d '\n ') in '') return 0 ;; esac
    submodules=1
  fi
  run 'Failed to synchronise submodules' "$git" submodule sync
  set -- submodule update --init --recursive
  if has t; then set -- "$@" --remote; fi
  if has f; then set -- "$@" --force; fi
  run 'Failed to init/update submodules' "$git" "$@"
  [ "$before" = "$(heads)" ] || submodules=1
}
archived=
make_archive() {
  [ "$archive" ] || return 0
  expand "$archive"
  case $path in /*) ;; *) path=$home/$path ;; esac
  spare=$(mktemp -d) || exit
  set -- archive --format "$format" --output "$spare/archive"
  if [ "$prefix" ]; then set -- "$@" --prefix "${prefix#?}"; fi
  run 'Failed to perform archive operation' "$git" "$@" "$version"
  if ! cmp -s "$spare/archive" "$path"; then
    cp "$spare/archive" "$path" || { rm -rf "$spare"; exit 1; }
    archived=1
  fi
  rm -rf "$spare"
}
home=$PWD
case $mode in
clone)
  parent=${dest%/*}
  [ -d "${parent:-/}" ] || mkdir -p "$parent" || exit
  cd "${parent:-/}" || exit
  run '' "$git" clone "$@" "$repo" "$dest"
  cd "$dest" || exit
  if has b && [ "$remote" != origin ]; then run '' "$git" remote add "$remote" "$repo"; fi
  if [ "$folder" ]; then
    if [ "$depth" ]; then run '' "$git" fetch --depth "$depth" "$remote" "$folder"
    else run '' "$git" fetch "$remote" "$folder"
    fi
  fi
  verify ;;
update)
  cd "$dest" || exit
  if has m; then
    mv "$folder" "$separate" && printf 'gitdir: %s' "$separate" >"$dest/.git" || exit
  fi
  if has l; then run '' "$git" reset --hard HEAD; fi
  if has u; then run "Failed to set a new url $repo for $remote:" "$git" remote set-url "$remote" "$repo"; fi
  run 'Failed to download remote objects and refs:' "$git" fetch "$@" ;;
*) cd "$dest" || exit ;;
esac
if [ "$mode" != none ] && ! has b; then
  switch
  if has r; then update_submodules; fi
fi
after=$("$git" rev-parse HEAD 2>/dev/null)
make_archive
printf 'done\0%s\0%s\0%s\0' "$after" "$submodules" "$archived"
