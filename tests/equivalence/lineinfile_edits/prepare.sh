rm -rf /srv/eq/lineinfile_edits
mkdir -p /srv/eq/lineinfile_edits
cat >/srv/eq/lineinfile_edits/conf <<'END'
[one]
key=old
key = older
twice 1
twice 2
#bad 1
axb
a.b
port=80
#bad 2
go away
[two]
x=y
END
printf 'no newline at the end' >>/srv/eq/lineinfile_edits/conf
