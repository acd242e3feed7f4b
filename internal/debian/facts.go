package debian

import (
	"archive/tar"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// fact is what the scripts of a package would have done, as far as it matters where
// nothing is installed later. Of the packages that are not listed, scripts that do
// more than debhelper's own lines are named in the result.
type fact struct {
	of      string      // the package, as a pattern
	folders []string    // "path mode user group"
	links   [][2]string // where, and to what; only where nothing is there
	copies  [][2]string // from, to; only where nothing is there
	covers  bool        // that is all its scripts do, but for starting services
}

var facts = []fact{
	{
		of: "base-files", covers: true,
		folders: []string{
			"mnt 755 root root", "srv 755 root root", "opt 755 root root", "media 755 root root", "etc/opt 755 root root", "var/opt 755 root root",
			"var/mail 2775 root mail", "run/lock 1777 root root", "usr/local 755 root root", "usr/local/bin 755 root root", "usr/local/sbin 755 root root",
			"usr/local/lib 755 root root", "usr/local/share 755 root root", "usr/local/etc 755 root root",
		},
		links: [][2]string{{"var/run", "/run"}, {"var/lock", "/run/lock"}, {"var/spool/mail", "../mail"}, {"etc/dpkg/origins/default", "debian"}},
	},
	{of: "tzdata", covers: true, links: [][2]string{{"etc/localtime", "/usr/share/zoneinfo/Etc/UTC"}}},
	{of: "netbase", covers: true}, // /etc/hosts comes with the container
	{of: "ca-certificates", covers: true},
	{of: "ca-certificates-java", covers: true},
	{of: "java-common", covers: true},
	{of: "libc6", covers: true},    // restarts services
	{of: "libpam0g", covers: true}, // the same
	{of: "libc-bin", covers: true}, // makes a cache of libraries; what is not found without is told
	{of: "libssl*", covers: true},
	{of: "openssl", covers: true},
	{of: "libblas3", covers: true}, // see libraries
	{of: "liblapack3", covers: true},
	{of: "libopenblas0-pthread", covers: true},
	// These tidy up after versions of long ago.
	{of: "git", covers: true},
	{of: "libgcrypt20", covers: true},
	{of: "libgssapi-krb5-2", covers: true},
	{of: "perl", covers: true},
	{of: "readline-common", covers: true, copies: [][2]string{{"usr/share/readline/inputrc", "etc/inputrc"}}},
	// The shell is dash where both are there, as in Debian.
	{of: "dash", covers: true, links: [][2]string{{"usr/bin/sh", "dash"}}},
	{of: "bash", covers: true, links: [][2]string{{"usr/bin/sh", "bash"}}},
	{of: "python3*", covers: true},
	{of: "libpython3*", covers: true},
	{of: "nginx", covers: true},
	{
		of: "nginx-common", covers: true,
		folders: []string{"var/log/nginx 755 root adm"},
		links:   [][2]string{{"etc/nginx/sites-enabled/default", "/etc/nginx/sites-available/default"}},
		copies:  [][2]string{{"usr/share/nginx/html/index.html", "var/www/html/index.nginx-debian.html"}},
	},
	{of: "openjdk-*", covers: true, folders: []string{"etc/.java 755 root root", "etc/.java/.systemPrefs 755 root root"}},
	// What update-alternatives would have made links for.
	{of: "mawk", covers: true, links: [][2]string{{"usr/bin/awk", "mawk"}}},
	{of: "gawk", covers: true, links: [][2]string{{"usr/bin/awk", "gawk"}}},
	{of: "original-awk", covers: true, links: [][2]string{{"usr/bin/awk", "original-awk"}}},
	{of: "php8.2-cli", links: [][2]string{{"usr/bin/php", "php8.2"}, {"usr/bin/phar", "phar8.2"}}},
	{of: "php8.4-cli", links: [][2]string{{"usr/bin/php", "php8.4"}, {"usr/bin/phar", "phar8.4"}}},
	{of: "lua5.4", covers: true, links: [][2]string{{"usr/bin/lua", "lua5.4"}, {"usr/bin/luac", "luac5.4"}}},
	{of: "netcat-openbsd", covers: true, links: [][2]string{{"usr/bin/nc", "nc.openbsd"}, {"usr/bin/netcat", "nc.openbsd"}}},
	{of: "netcat-traditional", covers: true, links: [][2]string{{"usr/bin/nc", "nc.traditional"}, {"usr/bin/netcat", "nc.traditional"}}},
	{of: "less", covers: true, links: [][2]string{{"usr/bin/pager", "less"}}},
	{of: "nano", covers: true, links: [][2]string{{"usr/bin/editor", "nano"}}},
	{of: "vim-tiny", covers: true, links: [][2]string{{"usr/bin/vi", "vim.tiny"}}},
	{of: "gcc", covers: true, links: [][2]string{{"usr/bin/cc", "gcc"}}},
	{of: "g++", covers: true, links: [][2]string{{"usr/bin/c++", "g++"}}},
	{of: "debianutils", covers: true, links: [][2]string{{"usr/bin/which", "which.debianutils"}}},
}

// nsswitch is the order in which names are looked up: files before the network,
// which the C library does not do on its own for all of them.
const nsswitch = `passwd:         files
group:          files
shadow:         files
gshadow:        files
hosts:          files dns
networks:       files
protocols:      db files
services:       db files
ethers:         db files
rpc:            db files
netgroup:       nis
`

// configure does what the scripts of the packages would have done.
func (r *root) configure(when time.Time) error {
	for _, top := range merged {
		// /lib64 and the like only where something is in them.
		if slices.Contains([]string{"bin", "sbin", "lib"}, top) || r.files["usr/"+top] != nil {
			if err := r.folderFact("usr/"+top+" 755 root root", when); err != nil {
				return err
			}
			r.files[top] = &file{path: top, kind: tar.TypeSymlink, mode: 0o777, link: "usr/" + top, when: when}
		}
	}
	for _, dir := range []string{"etc 755 root root", "tmp 1777 root root", "var/tmp 1777 root root", "run 755 root root", "root 700 root root", "home/nonroot 700 nonroot nonroot"} {
		if err := r.folderFact(dir, when); err != nil {
			return err
		}
	}
	for _, f := range facts {
		for name := range r.packages {
			if ok, _ := path.Match(f.of, name); !ok {
				continue
			}
			if err := r.apply(f, when); err != nil {
				return err
			}
			break
		}
	}
	for p, text := range map[string]string{"etc/passwd": passwd, "etc/group": group, "etc/nsswitch.conf": nsswitch} {
		if err := r.write(p, []byte(text), when); err != nil {
			return err
		}
	}
	if err := r.javaLinks(when); err != nil {
		return err
	}
	if err := r.libraryLinks(when); err != nil {
		return err
	}
	return r.certificates(when)
}

func (r *root) apply(f fact, when time.Time) error {
	for _, dir := range f.folders {
		if err := r.folderFact(dir, when); err != nil {
			return err
		}
	}
	for _, l := range f.links {
		// base-files has folders where its script makes links of them.
		if old := r.files[l[0]]; old != nil && old.kind == tar.TypeDir && !r.inhabited(l[0]) {
			delete(r.files, l[0])
		}
		if err := r.link(l[0], l[1], when); err != nil {
			return err
		}
	}
	for _, c := range f.copies {
		if from := r.at(c[0]); from != nil && from.kind == tar.TypeReg {
			if err := r.write(c[1], from.data, when); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *root) inhabited(dir string) bool {
	for p := range r.files {
		if strings.HasPrefix(p, dir+"/") {
			return true
		}
	}
	return false
}

// write adds a file where there is none.
func (r *root) write(p string, data []byte, when time.Time) error {
	if r.at(p) != nil {
		return nil
	}
	return r.put(&file{path: p, kind: tar.TypeReg, mode: 0o644, when: when, content: &content{data}})
}

func (r *root) link(p, to string, when time.Time) error {
	if r.files[p] != nil || r.at(p) != nil {
		return nil
	}
	return r.put(&file{path: p, kind: tar.TypeSymlink, mode: 0o777, link: to, when: when})
}

// folderFact makes a folder "path mode user group" what it says, whether or not a
// package has it.
func (r *root) folderFact(s string, when time.Time) error {
	w := strings.Fields(s)
	f := &file{path: w[0], kind: tar.TypeDir, when: when, owner: [2]string{w[2], w[3]}}
	for _, c := range w[1] {
		f.mode = f.mode<<3 | int64(c-'0')
	}
	if err := r.own(f); err != nil {
		return err
	}
	if old := r.files[w[0]]; old != nil && old.kind == tar.TypeDir {
		if old.pkg == "" || old.pkg == "base-files" || strings.HasPrefix(w[0], "var/log/") {
			old.mode, old.uid, old.gid = f.mode, f.uid, f.gid
		}
		return nil
	}
	return r.put(f)
}

// javaLinks makes the programs of the newest Java reachable, as the alternatives of
// the openjdk packages are.
func (r *root) javaLinks(when time.Time) error {
	programs := map[string]string{}
	for _, p := range r.paths() {
		dir, name := path.Split(p)
		if f := r.files[p]; f.kind == tar.TypeReg && f.mode&0o111 != 0 {
			if ok, _ := path.Match("usr/lib/jvm/java-*/bin/", dir); ok {
				if old := programs[name]; old == "" || CompareVersions(path.Dir(old), path.Dir(p)) < 0 {
					programs[name] = p
				}
			}
		}
	}
	for _, name := range sortedKeys(programs) {
		if err := r.link("etc/alternatives/"+name, "/"+programs[name], when); err != nil {
			return err
		}
		if err := r.link("usr/bin/"+name, "/etc/alternatives/"+name, when); err != nil {
			return err
		}
	}
	return nil
}

// libraries are those that packages keep in folders of their own so that there may be
// several, the preferred first: one of them is made reachable.
var libraries = []string{
	"usr/lib/*/openblas-pthread/libblas.so.3", "usr/lib/*/openblas-pthread/liblapack.so.3", "usr/lib/*/openblas-pthread/libopenblas.so.0",
	"usr/lib/*/blas/libblas.so.3", "usr/lib/*/lapack/liblapack.so.3",
}

func (r *root) libraryLinks(when time.Time) error {
	paths := r.paths()
	for _, pattern := range libraries {
		for _, p := range paths {
			if ok, _ := path.Match(pattern, p); ok {
				if err := r.link(path.Join(path.Dir(path.Dir(p)), path.Base(p)), "/"+p, when); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

var (
	// automatic are the lines that debhelper adds to scripts, for services, byte
	// compiled Python and the like.
	automatic = regexp.MustCompile(`(?s)# Automatically added by.*?# End automatically added section`)
	// idle are lines that do nothing by themselves.
	idle = regexp.MustCompile(`^(#.*|set -.*|exit 0|case .*|esac|;;|fi|then|else|true|:|if .*|[-a-z|* ]+\)( *;;)?|\*\).*|echo .*|\.? ?/usr/share/debconf/confmodule|db_stop.*|#DEBHELPER#)?$`)
)

// works tells whether a script does more than is known of it here.
func works(script []byte) bool {
	for line := range strings.SplitSeq(automatic.ReplaceAllString(string(script), ""), "\n") {
		if !idle.MatchString(strings.TrimSpace(line)) {
			return true
		}
	}
	return false
}

var makesUsers = regexp.MustCompile(`\b(adduser|addgroup|useradd|groupadd|systemd-sysusers)\b`)

// unrun says what of a package's scripts is not done by facts, "" for nothing.
func unrun(name string, d *deb) string {
	for _, f := range facts {
		if ok, _ := path.Match(f.of, name); ok && f.covers {
			return ""
		}
	}
	for _, s := range []string{"postinst", "preinst"} {
		if script := d.control[s]; script != nil && makesUsers.Match(script) {
			return "its " + s + " script, which makes users,"
		}
	}
	for _, s := range []string{"postinst", "preinst"} {
		if script := d.control[s]; script != nil && works(script) {
			return "its " + s + " script"
		}
	}
	return ""
}
