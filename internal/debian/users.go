package debian

import (
	"fmt"
	"strconv"
	"strings"
)

// Nonroot is the user that images have for programs that need no rights, with the
// number that distroless images gave it.
const Nonroot = 65532

// passwd and group are the users that Debian allots for all its systems (Debian
// Policy, section 9.2.2: the package base-passwd), and nonroot. Nobody can log in.
const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
games:x:5:60:games:/usr/games:/usr/sbin/nologin
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
lp:x:7:7:lp:/var/spool/lpd:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
news:x:9:9:news:/var/spool/news:/usr/sbin/nologin
uucp:x:10:10:uucp:/var/spool/uucp:/usr/sbin/nologin
proxy:x:13:13:proxy:/bin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
list:x:38:38:Mailing List Manager:/var/list:/usr/sbin/nologin
irc:x:39:39:ircd:/run/ircd:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/usr/sbin/nologin
`

const group = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
lp:x:7:
mail:x:8:
news:x:9:
uucp:x:10:
man:x:12:
proxy:x:13:
kmem:x:15:
dialout:x:20:
fax:x:21:
voice:x:22:
cdrom:x:24:
floppy:x:25:
tape:x:26:
sudo:x:27:
audio:x:29:
dip:x:30:
www-data:x:33:
backup:x:34:
operator:x:37:
list:x:38:
irc:x:39:
src:x:40:
shadow:x:42:
utmp:x:43:
video:x:44:
sasl:x:45:
plugdev:x:46:
staff:x:50:
games:x:60:
users:x:100:
nogroup:x:65534:
nonroot:x:65532:
`

// number is the number of a user or group in one of the tables.
func number(table, name string) (int, bool) {
	for line := range strings.SplitSeq(table, "\n") {
		if f := strings.Split(line, ":"); len(f) > 2 && f[0] == name {
			n, err := strconv.Atoi(f[2])
			return n, err == nil
		}
	}
	return 0, false
}

// own turns the names of a file's owners into numbers, as dpkg does. A name that is
// not allotted to all systems keeps the number of the machine that made the package,
// which can only be that of a user whom a script would have made.
func (r *root) own(f *file) error {
	for i, table := range []string{passwd, group} {
		id := []*int{&f.uid, &f.gid}[i]
		if n, ok := number(table, f.owner[i]); ok {
			*id = n
		} else if f.owner[i] != "" {
			r.notes = append(r.notes, fmt.Sprintf("%s: /%s belongs to %s, whom no package of Debian's base has; it gets the number %d", f.pkg, f.path, f.owner[i], *id))
		}
		if *id < 0 || *id > 1<<31-2 {
			return fmt.Errorf("%s: /%s belongs to the number %d", f.pkg, f.path, *id)
		}
	}
	return nil
}

// User is what an image's configuration says for a user given by name or by number,
// uid or uid:gid, and the folder that such a user begins in.
func User(s string) (user, home string, err error) {
	if s == "" || s == "root" || s == "0" || s == "0:0" {
		return "", "/", nil
	}
	for line := range strings.SplitSeq(passwd, "\n") {
		// By number, so that what runs it can tell that it is not root.
		if f := strings.Split(line, ":"); len(f) > 5 && f[0] == s {
			if s == "nonroot" {
				return f[2] + ":" + f[3], f[5], nil
			}
			return f[2] + ":" + f[3], "/", nil
		}
	}
	uid, gid, both := strings.Cut(s, ":")
	for _, n := range []string{uid, gid} {
		if n == "" && !both {
			continue
		}
		if v, err := strconv.ParseUint(n, 10, 31); err != nil || strconv.FormatUint(v, 10) != n {
			return "", "", fmt.Errorf("there is no user %q: give nonroot, a user of Debian's base-passwd, or a number", s)
		}
	}
	if s == "65532" || s == "65532:65532" {
		return s, "/home/nonroot", nil
	}
	return s, "/", nil
}
