package shell

import (
	"strings"
	"testing"
)

func TestApart(t *testing.T) {
	for _, tt := range []struct{ before, after, why string }{
		{"a b", "c d", ""},
		{"apt-get update", "apt-get install -y a", ""},
		{"apk add a && rm -rf b", "apk add c && rm -rf d", ""},
		{"echo a", "echo b", ""},
		{"mkdir a", "mkdir b && chmod 1 a", ""},
		{"./a", "./a", ""},
		{"/opt/a b", "/opt/a c", ""},
		{"pip install a", "pip install b", "`pip` runs in both"},
		{"npm ci && npm run a", "npm run b", "`npm` runs in both"},
		{"a", "echo && a", "`a` runs in both"},
		{"git clone a", "git clone b", ""},
		{"curl -o a https://b", "curl -o c https://d", ""},
		{"apt-get install -y git && git clone a", "git clone b", ""},
		{"git clone a && make install", "git clone b", "`git` runs in both"},
		{"git clone a && cp git /usr/local/bin/", "git clone b", "`git` runs in both"},
		{"git clone a && ln -s b/git /opt/git", "git clone b", "`git` runs in both"},
		{"git clone a && install git /usr/local/bin/git", "git clone b", "`git` runs in both"},
		{"tar -C /usr/local/bin -xf a", "tar -xf b", "`tar` runs in both"},
		{"curl -o \"/opt/curl\" a", "curl b", "`curl` runs in both"},
		{"service a start", "b", "may leave a process running"},
		{"nginx", "b", "may leave a process running"},
		{"/usr/sbin/nginx", "b", "may leave a process running"},
		{"/etc/init.d/a start", "b", "may leave a process running"},
		{"nohup a", "b", "may leave a process running"},
		{"a", "service b start", ""},
		{"ln -sf bash /bin/sh", "a", "touches /bin/sh"},
		{"ln -sf /bin/bash /usr/bin/sh2", "a", "touches /bin/bash"},
		{"cp a /usr/bin/sh", "a b", "touches /bin/sh"},
		{"sed -i s/a/b/ /etc/passwd", "a", "touches /etc/passwd"},
		{"sed -i s/a/b/ \"/etc/group\"", "a", "touches /etc/group"},
		{"echo a > /etc/hosts", "b", "/etc/hosts, which is as before again"},
		{"cp a /etc/resolv.conf", "b", "/etc/resolv.conf"},
		{"touch /dev/shm/a", "b", "/dev/shm, which is empty again"},
		{"cp a /etc/group.d", "b", ""},
		{"apk add dash-binsh", "b", "another /bin/sh"},
		{"echo a >> /etc/passwd", "b", "/etc/passwd"},
		{"echo a >/etc/group", "b", "/etc/group"},
		{"cat < a > \"/etc/group\"", "b", "/etc/group"},
		{"usermod -aG a b", "c", "changes the user"},
		{"gpasswd -a a b", "c", "changes the groups"},
		{"/usr/sbin/usermod a", "c", "changes the user"},
		{"chsh -s a", "b", "changes the login shell"},
		{"update-alternatives --install a b c 1", "d", "which shell /bin/sh is"},
		{"dpkg-reconfigure dash", "a", "which shell /bin/sh is"},
		{"dpkg-divert a", "b", "moves programs aside"},
	} {
		before, after := PartOf(tt.before, POSIX, false, false), PartOf(tt.after, POSIX, false, false)
		if before.Never+after.Never != "" {
			t.Fatalf("%s, then %s: %s%s", tt.before, tt.after, before.Never, after.Never)
		}
		if got := Apart(before.Commands, after.Commands); (got == "") != (tt.why == "") || !strings.Contains(got, tt.why) {
			t.Errorf("%s, then %s: %q, want %q", tt.before, tt.after, got, tt.why)
		}
	}
}
