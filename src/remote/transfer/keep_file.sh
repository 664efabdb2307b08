# … TOKEN LISTED: behind the comparison, ends here if only the mode is to be set, or not even that: `ls` shows LISTED.
# The content is in the environment, escaped for `printf %b`.
case $same$m in
"1$9"*) exit 0 ;;
1*)
  chmod "$4" "$d" && echo put
  exit
  ;;
esac
# A printf that is no part of the shell would show the content in the list of processes.
case $(command -v printf) in
*/*)
  echo input
  exit
  ;;
esac
c=$OPSCTL_CONTENT
unset OPSCTL_CONTENT
content() {
  printf %b "$c"
}
