hostnamectl set-hostname eq-before
timedatectl set-timezone Etc/UTC
