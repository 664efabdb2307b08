rm -f /etc/apt/sources.list.d/eq_made.list
echo "deb http://old.example.com/debian stable main" >/etc/apt/sources.list.d/again.list
