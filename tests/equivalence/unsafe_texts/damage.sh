echo 2 >/srv/eq/unsafe_texts
