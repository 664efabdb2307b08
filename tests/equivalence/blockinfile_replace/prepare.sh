rm -rf /srv/eq/blockinfile_replace
mkdir -p /srv/eq/blockinfile_replace
cat >/srv/eq/blockinfile_replace/conf <<'END'
[a]
x
old1 old2
# BEGIN GONE
gone
# END GONE
[b]
x
x
# BEGIN EMPTY
not empty
# END EMPTY
[c]
x
cut 1
cut 2
END
