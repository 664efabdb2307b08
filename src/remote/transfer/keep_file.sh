# … TOKEN LISTED: behind the comparison, ends here if only the mode is to be set, or not even that: `ls` shows LISTED.
# The content is in the environment, escaped for `printf %b`.
case $same$m in
"1$9"*) exit 0 ;;
1*)
  chmod "$4" "$d"
  exit
  ;;
esac
c=$OPSCTL_CONTENT
unset OPSCTL_CONTENT
content() {
  printf %b "$c"
}
