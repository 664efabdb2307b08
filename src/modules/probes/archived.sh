# The words of an archive: what goes in, and whether all of it is there. Prints, each with NUL at its end: what the host
# lacks; whether more than one file is packed; the root; `none`, `same` or `differs`; how many things the paths match, and
# these; how many are not taken, and these; how many are, each after `-` where nothing is there, `d` for a directory, `l`
# for a link to one, `f` for others; and where the archive is the same, the names in it.
read_archiving "$@"
own=
missing=$(lacks) || missing=
state=none
is_same() {
  if [ $format = zip ]; then zip_is_same; return; fi
  there=$(plain <"$dest" 2>/dev/null | cksum)
  if [ "$must" ] || [ $format = tar ]; then packed=$(names | tar_stream 2>/dev/null | cksum)
  else eval "packed=\$(cksum <$paths)"
  fi
  [ "$there" = "$packed" ]
}
zip_is_same() {
  command -v unzip >/dev/null 2>&1 || return 1
  there=$(unzip -Z1 "$dest" 2>/dev/null | sort)
  wanted=$(names | tr '\0' '\n' | while IFS= read -r one; do
    [ ! -d "$root$one" ] || one=$one/
    printf '%s\n' "$one"
  done | sort)
  # Of an empty one unzip says so, in words.
  if [ -z "$wanted" ]; then [ "$(wc -c <"$dest")" -eq 22 ]; return; fi
  [ "$there" = "$wanted" ] || return 1
  packed=$(unzip -p "$dest" 2>/dev/null | cksum)
  there=$(unzip -Z1 "$dest" | while IFS= read -r one; do case $one in */) ;; *) cat "$root$one" ;; esac; done | cksum)
  [ "$packed" = "$there" ]
}
if [ -f "$dest" ] && [ "$paths" ] && [ -z "$missing" ]; then
  if is_same 2>/dev/null; then state=same; else state=differs; fi
fi
count() { printf '%s\0' $#; [ $# = 0 ] || printf '%s\0' "$@"; }
printf '%s\0%s\0%s\0%s\0' "$missing" "$must" "$root" $state
eval "count $all"
eval "count $barred"
eval "set -- $paths"
printf '%s\0' $#
for one; do
  if [ -d "$one" ]; then if [ -h "$one" ]; then kind=l; else kind=d; fi
  elif [ -e "$one" ] || [ -h "$one" ]; then kind=f
  else kind=-
  fi
  printf '%s%s\0' $kind "$one"
done
[ $state != same ] || names 2>/dev/null | shown
exit 0
