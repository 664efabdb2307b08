hostnamectl set-hostname eq-other
timedatectl set-timezone Asia/Tokyo
