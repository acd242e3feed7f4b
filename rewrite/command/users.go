package command

const passwdFiles = "/etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/subuid /etc/subgid /home /var/mail"

// Programs of the passwd package, Debian's adduser and busybox's.
var userPrograms = []program{
	{names: "useradd", grammar: grammar{options: "-b|--base-dir=w -c|--comment= -d|--home-dir|--home=w -D|--defaults -e|--expiredate= -f|--inactive= -g|--gid= -G|--groups= -k|--skel=r -K|--key= -l|--no-log-init -m|--create-home -M|--no-create-home -N|--no-user-group -o|--non-unique -p|--password= -r|--system -R|--root=w -P|--prefix=w -s|--shell= -u|--uid= -U|--user-group -Z= -F|--add-subids-for-system", operands: "t", writes: passwdFiles}},
	{names: "usermod", grammar: grammar{options: "-a|--append -c|--comment= -d|--home=w -e= -f= -g|--gid= -G|--groups= -l|--login= -L|--lock -m|--move-home -o|--non-unique -p|--password= -R|--root=w -s|--shell= -u|--uid= -U|--unlock -r|--remove -v|--add-subuids= -V= -w|--add-subgids= -W=", operands: "t", writes: passwdFiles}},
	{names: "userdel deluser", grammar: grammar{options: "-r|--remove|--remove-home -f|--force -R|--root=w --system --remove-all-files -q|--quiet", operands: "t t", writes: passwdFiles}},
	{names: "groupadd groupmod", grammar: grammar{options: "-f|--force -g|--gid= -K= -o|--non-unique -p= -r|--system -R|--root=w -n|--new-name= -U=", operands: "t", writes: passwdFiles}},
	{names: "groupdel delgroup", grammar: grammar{options: "-f|--force --system --only-if-empty -q|--quiet", operands: "t t", writes: passwdFiles}},
	{ // adduser(8); busybox's adduser -DHSs …
		names:   "adduser",
		grammar: grammar{options: "--system -S --disabled-password -D --disabled-login --gecos|--comment|-g= --home|-h|-d=w --no-create-home -H -M --shell|-s= --uid|-u= --gid= --group --ingroup|-G= --force-badname|--allow-bad-names --quiet|-q -k=r --add_extra_groups --conf=r --firstuid= --lastuid= --debug -r -m --allow-all-names", operands: "t t", writes: passwdFiles},
	},
	{names: "addgroup", grammar: grammar{options: "--system|-S --gid|-g= --quiet|-q --force-badname -r --debug --allow-bad-names", operands: "t t", writes: passwdFiles}},
	{names: "passwd", grammar: grammar{options: "-d|--delete -l|--lock -u|--unlock -e|--expire -q|--quiet --stdin -S -x= -n= -f", operands: "t", writes: passwdFiles}},
	{names: "chpasswd", grammar: grammar{options: "-e|--encrypted -c|--crypt-method= -m", writes: passwdFiles}},
	{names: "gpasswd", grammar: grammar{options: "-a|--add= -d|--delete= -M= -A= -r", operands: "t", writes: passwdFiles}},
	{names: "chsh chfn", grammar: grammar{options: "-s|--shell= -f= -R=", operands: "t", writes: passwdFiles}},
	{names: "id groups whoami logname who users", grammar: grammar{options: "-u|--user -g|--group -G|--groups -n|--name -r|--real -z", operands: "t*"}},
	{names: "getent", grammar: grammar{options: "-s= -i", operands: "t*"}},
	{names: "visudo", grammar: grammar{options: "-c -f=r -s -q"}},
	{names: "newgrp sg", grammar: grammar{operands: "t*"}, after: func(p *parse) { p.partly = true }},
}
