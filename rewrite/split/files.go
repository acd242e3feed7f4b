package split

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// files is what a stage leaves behind, by path in the image.
type files struct {
	at      map[string]*entry
	touched bool            // by the RUN at hand
	own     map[string]bool // folders of the system that the file takes for itself
	local   bool            // /usr/local is the file's own, whatever is in it
}

// entry is a file or folder.
type entry struct {
	from   string // in the build context; "" for what the build has made
	dir    bool
	made   bool     // a folder that somebody made for itself
	whole  bool     // a folder of which nobody knows all that is in it
	unread bool     // a folder with sources that nobody has seen
	used   bool     // the container is known to run it
	owner  []string // commands that give a folder itself its owner and mode
	trash  bool     // what the build leaves and nothing else needs
}

func (f *files) entry(name string) *entry {
	if f.at == nil {
		f.at = map[string]*entry{}
	}
	e := f.at[name]
	if e == nil {
		e = &entry{}
		f.at[name] = e
	}
	f.touched = true
	return e
}

// put notes a file.
func (f *files) put(name, from string) *entry {
	e := f.entry(name)
	e.from, e.dir, e.trash = from, false, false
	return e
}

// mkdir notes a folder.
func (f *files) mkdir(name string) *entry {
	if f.isSystem(name) {
		return &entry{}
	}
	e := f.entry(name)
	e.dir = true
	return e
}

// opaque notes a path of which nobody knows what is there.
func (f *files) opaque(name string) {
	if f.isSystem(name) {
		refuse("what is written to %s is not known", name)
	}
	e := f.entry(name)
	e.whole, e.dir = true, true
}

// trash notes a folder whose content only builds need.
func (f *files) trash(name string) {
	if e := f.at[name]; e != nil && !e.dir {
		return
	}
	e := f.entry(name)
	e.dir, e.trash = true, true
}

// remove takes a path away, with all that is in it. A pattern may match parts.
func (f *files) remove(name string) {
	f.touched = true
	for _, p := range slices.Collect(maps.Keys(f.at)) {
		for d := p; d != "/" && d != "."; d = path.Dir(d) {
			if d == name {
				delete(f.at, p)
				break
			}
			if ok, err := path.Match(name, d); err == nil && ok {
				delete(f.at, p)
				break
			}
		}
	}
}

// isDir reports whether a path is known to be a folder.
func (f *files) isDir(name string) bool {
	if f.isSystem(name) {
		return true
	}
	if e := f.at[name]; e != nil {
		return e.dir
	}
	for p := range f.at {
		if strings.HasPrefix(p, name+"/") {
			return true
		}
	}
	return false
}

// has reports whether a path is one of the file's own: known, or in a folder of
// which not all is known.
func (f *files) has(name string) (own bool) {
	if e := f.at[name]; e != nil {
		return true
	}
	return f.within(name, func(e *entry) bool { return e.whole || e.trash })
}

// within reports whether a path lies in a folder of a kind.
func (f *files) within(name string, is func(*entry) bool) bool {
	for d := name; d != "/" && d != "."; d = path.Dir(d) {
		if e := f.at[d]; e != nil && is(e) {
			return true
		}
	}
	return false
}

var systemFolders = map[string]bool{}

func init() {
	for d := range strings.FieldsSeq(`/ /bin /boot /dev /etc /home /lib /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /var
		/usr/bin /usr/sbin /usr/lib /usr/lib64 /usr/include /usr/share /usr/src /usr/libexec /usr/local /usr/local/bin /usr/local/sbin /usr/local/lib
		/usr/local/lib64 /usr/local/share /usr/local/include /usr/local/etc /usr/local/src /usr/local/man /usr/local/games /usr/local/share/man /usr/local/libexec
		/usr/games /usr/share/man /usr/share/doc /usr/share/locale /usr/share/applications /usr/share/fonts /usr/lib/x86_64-linux-gnu
		/var/cache /var/lib /var/log /var/mail /var/opt /var/run /var/spool /var/tmp /var/local /var/lock /var/lib/apt /var/lib/apt/lists /var/cache/apt
		/etc/ssl /etc/ssl/certs /etc/init.d /etc/profile.d /etc/cron.d /etc/default /etc/ld.so.conf.d /etc/apt
		/go /go/bin /go/src /go/pkg /usr/local/go /usr/local/cargo /usr/local/cargo/bin /usr/local/rustup /usr/src/app/.. /home/gradle /opt/java /opt/gradle
		/root/.cache /root/.m2 /root/.gradle /root/.npm /root/.cargo`) {
		systemFolders[d] = true
	}
}

// isSystem reports whether a folder is one that base images have.
func isSystem(name string) bool { return systemFolders[name] }

// isSystem reports the same of a stage, which may have such a folder for itself.
func (f *files) isSystem(name string) bool { return isSystem(name) && !f.own[name] }

// free are folders that base images have, and nothing in them.
var free = []string{"/srv", "/usr/src", "/home", "/mnt", "/media", "/usr/local/src"}

// temporary are folders in which nothing is meant to stay.
var temporary = []string{"/tmp", "/var/tmp", "/root/.cache", "/root/.m2", "/root/.gradle", "/root/.npm", "/root/.cargo", "/usr/local/cargo", "/go/pkg", "/var/lib/apt", "/var/cache/apt", "/var/cache/apk", "/var/cache/debconf", "/usr/local/include", "/usr/include", "/usr/share/doc", "/usr/local/share/man", "/usr/local/share/doc", "/usr/local/src", "/dev", "/proc"}

// needless reports whether a path lies where only builds look.
func inTemporary(name string) bool {
	return slices.ContainsFunc(temporary, func(d string) bool { return name == d || strings.HasPrefix(name, d+"/") })
}

// maxCopies bounds the lines that one folder is taken apart into.
const maxCopies = 12

// used reports whether the container runs something in a path, or the path is an empty
// folder that somebody made for a purpose.
func (f *files) used(name string) bool {
	inside := false
	for p, e := range f.at {
		if e.used && (p == name || strings.HasPrefix(p, name+"/")) {
			return true
		}
		inside = inside || strings.HasPrefix(p, name+"/")
	}
	e := f.at[name]
	return !inside && e != nil && e.dir && e.made && !e.whole && !e.trash
}

// paths are all paths, sorted.
func (f *files) paths() []string { return slices.Sorted(maps.Keys(f.at)) }

type taking struct {
	*files
	w    *walk
	kids map[string][]string
}

// needed counts what is needed and what is not in a path.
func (t taking) count(name string) (needed, needless int, made bool) {
	e := t.at[name]
	isFile := e != nil && !e.dir
	if isFile {
		if e.trash || e.from != "" && t.w.needless(name, e.from) {
			return 0, 1, false
		}
		return 1, 0, true
	}
	if !(e != nil && e.whole) && t.within(name, func(e *entry) bool { return e.trash }) {
		needless++ // there is more in it than is known
	}
	if e != nil && e.whole && !e.trash {
		needed++
	}
	made = e != nil && e.made
	for _, kid := range t.kids[name] {
		n, l, m := t.count(kid)
		needed, needless, made = needed+n, needless+l, made || m
	}
	return needed, needless, made
}

// take gives the copies for a path.
func (t taking) take(name string) []Copy {
	needed, needless, made := t.count(name)
	e := t.at[name]
	if !legible.MatchString(name) && (needed > 0 || made) {
		refuse("the path %q cannot stand in a COPY as it is", name)
	}
	switch {
	case e != nil && !e.dir && needed == 0:
		return nil
	case e != nil && !e.dir:
		to := path.Dir(name)
		if (to == "/go/bin" || to == "/usr/local/cargo/bin") && !slices.ContainsFunc(t.w.scripts, func(s string) bool { return strings.Contains(s, to) }) {
			to = "/usr/local/bin" // which every image has in its PATH
		}
		return []Copy{{[]string{name}, to + "/"}}
	case needed == 0 && !made:
		t.again(name, e, true)
		return nil
	case needless == 0, e != nil && e.whole && !e.trash:
		return t.all(name)
	}
	var out []Copy
	for _, kid := range t.kids[name] {
		out = append(out, t.take(kid)...)
	}
	if len(merge(out)) > maxCopies && (e == nil || !e.trash) && !t.within(name, func(e *entry) bool { return e.trash }) {
		return t.all(name)
	}
	t.again(name, e, len(out) == 0)
	return out
}

// again says again what a folder's owner and mode are, where it is not copied as a
// whole; and makes it, where nothing else does.
func (t taking) again(name string, e *entry, empty bool) {
	if e == nil {
		return
	}
	if empty && name != t.w.workdir() {
		if !e.made {
			return // a folder of sources
		}
		t.w.again("mkdir -p " + name)
	}
	for _, text := range e.owner {
		if t.w.loose && strings.HasPrefix(text, "chown ") {
			continue // give says it for all in it
		}
		t.w.again(text)
		t.w.plan.Early = true // before the user is another one
	}
}

// all takes a folder whole.
func (t taking) all(name string) []Copy { return []Copy{{[]string{name}, name}} }

func lastOf(name string) string { return path.Base(strings.TrimSuffix(name, "/")) }

func (w *walk) abs(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	dir := w.dir
	if dir == "" || !w.in.Is("RUN") {
		dir = w.workdir()
	}
	return path.Join("/", dir, name)
}
