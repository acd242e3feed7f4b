package debian

import "path"

// onlyScripts are dependencies that packages have for the sake of their maintainer
// scripts: nothing they run afterwards uses them. Scripts are not run here, so that
// these would be dead weight; Keep takes them in all the same. By package (a pattern)
// and dependency, with what the scripts use it for.
var onlyScripts = []struct{ of, on, why string }{
	{"*", "debconf", "asks questions while installing"},
	{"*", "debconf-2.0", "asks questions while installing"},
	{"*", "cdebconf", "asks questions while installing"},
	{"*", "dpkg", "scripts compare versions and move files by it"},
	{"*", "install-info", "makes an index of documentation"},
	{"*", "ucf", "asks what becomes of changed configuration files"},
	{"*", "init-system-helpers", "starts services while installing"},
	{"*", "lsb-base", "is for init scripts"},
	{"*", "sysvinit-utils", "is for init scripts"},
	{"*", "adduser", "makes users while installing"},
	{"*", "systemd-sysusers", "makes users while installing"},
	{"*", "systemd-standalone-sysusers", "makes users while installing"},
	{"*", "systemd-tmpfiles", "makes folders while installing"},
	{"*", "systemd-standalone-tmpfiles", "makes folders while installing"},
	{"*", "binfmt-support", "registers file types with the kernel"},
	{"base-files", "awk", "its scripts use it"},
	{"base-passwd", "libdebconfclient0", "its update-passwd asks questions by it"},
	{"ca-certificates", "openssl", "update-ca-certificates names certificates by it"},
	{"nginx", "iproute2", "its script looks whether port 80 is taken"},
	{"nginx-*", "iproute2", "its script looks whether port 80 is taken"},
	{"openjdk-*", "util-linux", "its script looks whether /proc is mounted"},
}

// scriptOnly says what a dependency is for that only scripts need, and is empty for
// every other.
func scriptOnly(of, on string) string {
	for _, s := range onlyScripts {
		if ok, _ := path.Match(s.of, of); ok && s.on == on {
			return "only for maintainer scripts: " + s.why
		}
	}
	return ""
}
