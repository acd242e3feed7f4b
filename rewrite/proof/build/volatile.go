package build

import (
	"path"
	"strings"
)

// volatile is the table of files that two builds of one Dockerfile leave
// different, or that nothing reads at run time. A pattern with ** at its end
// covers all below a folder; others are those of path.Match. Only the content of
// a regular file, its coming and its going are taken to be volatile: a folder
// that is lost, or another owner, can stop a service, wherever it is.
var volatile = []struct{ pattern, why string }{
	{"/var/log/**", "a log"},
	{"/var/lib/apt/lists/**", "apt's package lists, fetched anew by apt-get update"},
	{"/var/lib/apt/extended_states", "apt's note of what was installed on request, in the order it happened"},
	{"/var/cache/apt/**", "apt's cache"},
	{"/var/cache/debconf/**", "debconf's cache"},
	{"/var/cache/ldconfig/aux-cache", "the loader's cache with inode numbers"},
	{"/etc/ld.so.cache", "the loader's cache, made by ldconfig; the libraries themselves are compared"},
	{"/var/cache/fontconfig/**", "the font cache"},
	{"/var/cache/man/**", "the manual's index"},
	{"/var/cache/apk/**", "apk's cache"},
	{"/var/cache/dnf/**", "dnf's cache"},
	{"/var/cache/yum/**", "yum's cache"},
	{"/root/.cache/**", "a cache of the builder"},
	{"/root/.npm/**", "npm's cache and logs"},
	{"/root/.wget-hsts", "wget's note of sites"},
	{"/var/lib/dpkg/status-old", "dpkg's copy of its database before the last change"},
	{"/var/lib/dpkg/available*", "dpkg's list of available packages"},
	{"/var/lib/dpkg/diversions-old", "dpkg's copy before the last change"},
	{"/var/lib/dpkg/statoverride-old", "dpkg's copy before the last change"},
	{"/var/lib/dpkg/lock*", "a lock"},
	{"/var/lib/dpkg/triggers/*", "dpkg's pending triggers"},
	{"/etc/passwd-", "a copy before the last change"},
	{"/etc/group-", "a copy before the last change"},
	{"/etc/shadow-", "a copy before the last change"},
	{"/etc/gshadow-", "a copy before the last change"},
	{"/etc/subuid-", "a copy before the last change"},
	{"/etc/subgid-", "a copy before the last change"},
	{"/etc/.pwd.lock", "a lock"},
	{"/etc/machine-id", "a random number for the machine"},
	{"/var/lib/dbus/machine-id", "a random number for the machine"},
	{"/var/lib/systemd/catalog/database", "an index, made on installation"},
	{"/run/**", "the state of a running system"},
	{"/tmp/**", "temporary"},
	{"/var/tmp/**", "temporary"},
}

// VolatileTable is the table in words, for documentation.
func VolatileTable() (out [][2]string) {
	for _, v := range volatile {
		out = append(out, [2]string{v.pattern, v.why})
	}
	return append(out, [2]string{"**/__pycache__/*.pyc", pycWhy})
}

const pycWhy = "Python's compiled form of a source that is compared; it holds the source's date"

// volatileWhy says why a change of a regular file is of no account, or "".
func volatileWhy(p string) string {
	for _, v := range volatile {
		if dir, ok := strings.CutSuffix(v.pattern, "**"); ok {
			if strings.HasPrefix(p, dir) {
				return v.why
			}
			continue
		}
		if ok, _ := path.Match(v.pattern, p); ok {
			return v.why
		}
	}
	if strings.HasSuffix(p, ".pyc") && path.Base(path.Dir(p)) == "__pycache__" {
		return pycWhy
	}
	return ""
}
