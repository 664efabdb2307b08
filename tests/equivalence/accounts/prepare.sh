for name in equser eqdaemon eqlocked eqexpires eqgone; do userdel -rf $name 2>/dev/null || true; done
for name in eqgroup eqsystem eqgone eqgonegroup; do groupdel $name 2>/dev/null || true; done
rm -rf /srv/eq/accounts-home
mkdir -p /srv/eq
groupadd -g 4210 eqgone
groupadd eqgonegroup
useradd -u 4210 -g eqgone -m eqgone
