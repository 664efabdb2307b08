# JID: removes what is known of a job.
rm -rf "$HOME/.ansible_async/$1"
