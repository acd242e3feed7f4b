package build

import (
	"path"
	"strings"
)

// volatile is the table of files that two builds of one Dockerfile leave
// different, or that nothing reads at run time. A pattern with ** at its end
// covers all below a folder, and the folder where folders count; others are those of path.Match. Only the content of
// a file, its coming and its going are taken to be volatile: another owner or
// mode can stop a service, wherever it is. So can a folder that is lost, but for
// those of tools that make them again.
var volatile = []struct {
	pattern, why string
	folders      bool
}{
	{"/var/log/apt/**", "a log", true},
	{"/var/log/**", "a log", false},
	{"/var/lib/apt/lists/**", "apt's package lists, fetched anew by apt-get update", true},
	{"/var/lib/apt/extended_states", "apt's note of what was installed on request, in the order it happened", false},
	{"/var/cache/apt/**", "apt's cache", true},
	{"/var/cache/debconf/**", "debconf's cache", false},
	{"/var/cache/ldconfig/aux-cache", "the loader's cache with inode numbers", false},
	{"/etc/ld.so.cache", "the loader's cache, made by ldconfig; what programs find through it is checked", false},
	{"/var/cache/fontconfig/**", "the font cache", true},
	{"/var/cache/man/**", "the manual's index", true},
	{"/var/cache/apk/**", "apk's cache", true},
	{"/var/cache/dnf/**", "dnf's cache", true},
	{"/var/cache/yum/**", "yum's cache", true},
	{"/root/.cache/pip/**", "pip's cache", true},
	{"/root/.cache/go-build/**", "Go's build cache", true},
	{"/root/.cache/yarn/**", "yarn's cache", true},
	{"/root/.npm/_cacache/**", "npm's cache", true},
	{"/root/.npm/_logs/**", "npm's logs", true},
	{"/root/.npm/_update-notifier-last-checked", "npm's note of when it looked for a newer npm", false},
	{"/root/.wget-hsts", "wget's note of sites", false},
	{"/var/lib/dpkg/status-old", "dpkg's copy of its database before the last change", false},
	{"/var/lib/dpkg/available*", "dpkg's list of available packages", false},
	{"/var/lib/dpkg/diversions-old", "dpkg's copy before the last change", false},
	{"/var/lib/dpkg/statoverride-old", "dpkg's copy before the last change", false},
	{"/var/lib/dpkg/lock*", "a lock", false},
	{"/var/lib/dpkg/triggers/*", "dpkg's pending triggers", false},
	{"/etc/passwd-", "a copy before the last change", false},
	{"/etc/group-", "a copy before the last change", false},
	{"/etc/shadow-", "a copy before the last change", false},
	{"/etc/gshadow-", "a copy before the last change", false},
	{"/etc/subuid-", "a copy before the last change", false},
	{"/etc/subgid-", "a copy before the last change", false},
	{"/etc/.pwd.lock", "a lock", false},
	{"/etc/machine-id", "a random number for the machine", false},
	{"/var/lib/dbus/machine-id", "a random number for the machine", false},
	{"/var/lib/systemd/catalog/database", "an index, made on installation", false},
	{"/tmp/hsperfdata_root/**", "figures of a Java machine that ran", true},
	{"/tmp/v8-compile-cache-0/**", "a cache of Node", true},
	{"/tmp/node-compile-cache/**", "a cache of Node", true},
}

// VolatileTable is the table in words, for documentation.
func VolatileTable() (out [][2]string) {
	for _, v := range volatile {
		out = append(out, [2]string{v.pattern, v.why})
	}
	return append(out, [2]string{"**/__pycache__/*.pyc", pycWhy}, [2]string{"**/.rustc_info.json", rustcWhy})
}

const pycWhy = "Python's compiled form of a source that is compared; it holds the source's date"

// The order of its outputs and its fingerprint of the compiler differ from build
// to build (cargo's util/rustc.rs).
const rustcWhy = "cargo's cache of what the compiler says about itself"

// volatileWhy says why the content, the coming or the going of a file, or of a
// folder, is of no account, or "".
func volatileWhy(p string, folder bool) string {
	for _, v := range volatile {
		if folder && !v.folders {
			continue
		}
		if dir, ok := strings.CutSuffix(v.pattern, "**"); ok {
			if strings.HasPrefix(p, dir) || folder && p+"/" == dir {
				return v.why
			}
			continue
		}
		if ok, _ := path.Match(v.pattern, p); ok {
			return v.why
		}
	}
	switch {
	case folder && path.Base(p) == "__pycache__":
		return pycWhy
	case !folder && strings.HasSuffix(p, ".pyc") && path.Base(path.Dir(p)) == "__pycache__":
		return pycWhy
	case !folder && path.Base(p) == ".rustc_info.json":
		return rustcWhy
	}
	return ""
}
