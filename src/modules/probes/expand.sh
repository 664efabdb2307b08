# Leaves $1 with `~`, `~user`, `$NAME` and `${NAME}` expanded in $name, and in $path so that no command takes it for an option.
expand() {
  name=$1
  case $name in
  '~' | '~'/*) name=$HOME${name#'~'} ;;
  '~'*)
    u=${name#'~'} u=${u%%/*}
    case $u in
    *[!A-Za-z0-9._-]*) ;;
    *) eval "h=~$u"; case $h in '~'*) ;; *) name=$h${name#"~$u"} ;; esac ;;
    esac ;;
  esac
  case $name in *'$'*) expand_variables ;; esac
  case $name in /* | '') path=$name ;; *) path=./$name ;; esac
}
expand_variables() {
  o='' r=$name
  while :; do
    case $r in *'$'*) ;; *) break ;; esac
    o=$o${r%%'$'*} r=${r#*'$'}
    case $r in
    '{'*'}'*) n=${r#'{'} n=${n%%'}'*} k=${r#*'}'} ;;
    [A-Za-z_]*) n=${r%%[!A-Za-z0-9_]*} k=${r#"$n"} ;;
    *) n='' ;;
    esac
    case $n in
    '' | [0-9]* | *[!A-Za-z0-9_]*) o=$o'$' ;;
    *) eval "if [ \"\${$n+x}\" ]; then o=\$o\$$n r=\$k; else o=\$o'\$'; fi" ;;
    esac
  done
  name=$o$r
}
