# SSH GIT DEST REPO REMOTE VERSION SEPARATE FLAGS: what a checkout is and what its remote has, each as `said` prints it.
# FLAGS: `b` for a bare one, `r` where the remote is asked only if there is no checkout.
PATH=$PATH:/usr/local/bin
export PATH GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND="${GIT_SSH:-${GIT_SSH_COMMAND:-ssh}} $1"
export GIT_OPTIONAL_LOCKS=0
git=git remote=$5 version=$6
if [ "$2" ]; then expand "$2"; git=$name; fi
command -v "$git" >/dev/null 2>&1 || exit 127
repo=$4
case $repo in
'~'*) expand "$repo"; case $name in /*) repo=file://$name ;; esac ;;
/*) repo=file://$repo ;;
esac
say() { printf '%s\0%s\0%s\0\0' "$1" "$2" 0; }
say repo "$repo"
dest= kind=none
if [ "$3" ]; then
  expand "$3"
  dest=$name
  case $dest in /*) ;; *) dest=$PWD/$dest ;; esac
  case $8 in *b*) folder=$dest ;; *) folder=$dest/.git ;; esac
  if [ -f "$folder" ]; then
    IFS= read -r line <"$folder"
    case $line in
    'gitdir: '*)
      folder=${line#'gitdir: '}
      case $folder in /*) ;; *) folder=$dest/$folder ;; esac
      [ -d "$folder" ] || kind=bad ;;
    *) kind=bad ;;
    esac
  fi
  [ "$kind" = bad ] || [ ! -e "$folder/config" ] || kind=there
  say dest "$dest"
  say folder "$folder"
  [ ! -e "$folder" ] || say present 1
fi
say kind "$kind"
if [ "$7" ]; then
  expand "$7"
  separate=$(readlink -f "$path") || separate=$path
  say separate "$separate"
  [ ! -e "$separate" ] || say taken 1
fi
if [ "$kind" = there ]; then
  cd "$dest" || exit
  said head "$git" rev-parse HEAD
  said branch "$git" symbolic-ref -q --short HEAD
  said default "$git" symbolic-ref -q --short "refs/remotes/$remote/HEAD"
  case $8 in *b*) ;; *) said status "$git" status --porcelain ;; esac
  said url "$git" ls-remote --get-url "$remote"
  said fetches "$git" config --get-all "remote.$remote.fetch"
  said wanted "$git" rev-parse -q --verify "$version^{commit}"
  said refs "$git" for-each-ref '--format=%(objectname) %(refname)'
  if [ -f .gitmodules ]; then said submodules "$git" submodule status; fi
  case $8 in *r*) exit 0 ;; esac
fi
said remote "$git" ls-remote --heads --tags "$repo"
if [ "$version" = HEAD ]; then said top "$git" ls-remote "$repo" HEAD; fi
exit 0
