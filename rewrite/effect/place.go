package effect

import (
	"path"
	"strings"
)

// Kind says what a [Place] is.
type Kind int

// The kinds of places.
const (
	File       Kind = iota // a file of the image, or a folder with all below it: /app. /app/. is the folder's entry alone
	Folder                 // that a folder of the image and those above it exist, and whose they are, but not what they hold
	RootFolder             // the same, made as root where it is missing
	EnvVar                 // a variable that ENV sets
	ArgVar                 // a variable that ARG sets
	User                   // the user of the next RUN and WORKDIR, and of the container
	Workdir                // the working directory
	Shell                  // what SHELL sets
	Config                 // anything else of the image's configuration: Cmd, Labels:a, Env for the order of variables
	Context                // a file or folder of the build context: go.mod
	Image                  // another stage or an image
	Network                // something fetched from elsewhere
	Accounts               // which users and groups there are, where a system's packages only add to them
	Home                   // the dotted files and folders of whoever's home: ~/.npmrc, ~/.cache
)

var kinds = [...]string{"file", "folder", "folder", "ENV", "ARG", "USER", "WORKDIR", "SHELL", "config", "context", "image", "network", "accounts", "home"}

// String is the kind as messages have it.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kinds) {
		return "place"
	}
	return kinds[k]
}

// Place is something that an instruction can read or write. The name * is all of
// that kind; USER, WORKDIR and SHELL are one place each and have no name.
type Place struct {
	Kind Kind
	Name string
}

// String is the place as messages have it: /etc, ENV PATH, config Cmd.
func (p Place) String() string {
	switch {
	case p.Kind == File && p.Name == "*":
		return "any file"
	case p.Kind == File:
		return strings.TrimSuffix(p.Name, "/.")
	case p.Name == "":
		return p.Kind.String()
	}
	return p.Kind.String() + " " + p.Name
}

var (
	everyFile = Place{File, "*"}
	variables = Place{Config, "Env"}
	// passwd is where names of users and groups are looked up (readUser in
	// BuildKit's solver/llbsolver/file).
	passwd = []Place{{File, "/etc/passwd"}, {File, "/etc/group"}}
)

// config is an entry of a part of the configuration that holds several, or the
// whole part for the name *.
func config(part, name string) Place {
	if name == "*" {
		return Place{Config, part}
	}
	return Place{Config, part + ":" + name}
}

// changes reports whether to write p may be seen by one who reads q. Only for
// folders does it matter which of the two is written.
func (p Place) changes(q Place) bool {
	folders := p.Kind == Folder || p.Kind == RootFolder
	switch {
	case folders && q.Kind == File:
		return q.changes(p)
	case p.Kind == File && (q.Kind == Folder || q.Kind == RootFolder):
		// Who writes a file in a folder leaves the folder; who writes it with all
		// that is in it, or one above it, does not.
		return p.Name == "*" || anyForm(q.Name, p.Name, below)
	case p.Kind == Accounts && q.Kind == File:
		return ofAccounts(q.Name)
	case p.Kind == File && q.Kind == Accounts:
		return ofAccounts(p.Name)
	case p.Kind == Home && q.Kind == File:
		return dotted(q.Name)
	case p.Kind == File && q.Kind == Home:
		return dotted(p.Name)
	case p.Kind != q.Kind:
		return false
	case p.Name == "*" || q.Name == "*" || p.Name == q.Name:
		return true
	}
	switch p.Kind {
	case Folder, RootFolder:
		return anyForm(q.Name, p.Name, below) // what is made, and all in it, may not have been there
	case File:
		return anyForm(p.Name, q.Name, func(a, b string) bool { return below(a, b) || below(b, a) })
	case EnvVar, ArgVar:
		return anyOf(p.Name, q.Name) || anyOf(q.Name, p.Name)
	case Context:
		return below(p.Name, q.Name) || below(q.Name, p.Name)
	case Config:
		return strings.HasPrefix(p.Name, q.Name+":") || strings.HasPrefix(q.Name, p.Name+":")
	}
	return false
}

// below reports whether a is b or stands below it.
func below(a, b string) bool {
	return a == b || b == "/" || strings.HasPrefix(a, b) && a[len(b)] == '/'
}

// join is path.Join but for a last element ".", which stays.
func join(dir, name string) string {
	if name == "." {
		return strings.TrimSuffix(dir, "/") + "/."
	}
	return path.Join(dir, name)
}

// twins are folders that are links to each other in common base images: the
// merged /usr of Debian, Fedora and Arch, and /var/run. Which way they point
// differs, so each counts as the other.
var twins = [...]struct{ name, is string }{
	{"/bin", "/usr/bin"},
	{"/sbin", "/usr/bin"},
	{"/usr/sbin", "/usr/bin"},
	{"/lib", "/usr/lib"},
	{"/lib32", "/usr/lib"},
	{"/lib64", "/usr/lib"},
	{"/libx32", "/usr/lib"},
	{"/usr/lib32", "/usr/lib"},
	{"/usr/lib64", "/usr/lib"},
	{"/usr/libx32", "/usr/lib"},
	{"/var/run", "/run"},
	{"/var/lock", "/run/lock"},
	{"/run/shm", "/dev/shm"},
	{"/usr/tmp", "/var/tmp"},
}

// twin is the path that a path comes to where the folders of twins are links.
func twin(name string) string {
	if len(name) < 2 || strings.IndexByte("bsluvr", name[1]) < 0 {
		return name // none of them begins like it
	}
	if len(name) > 5 && (strings.HasPrefix(name, "/usr/") && strings.IndexByte("slt", name[5]) < 0 || strings.HasPrefix(name, "/var/") && strings.IndexByte("rl", name[5]) < 0) {
		return name
	}
	for _, t := range twins {
		if below(name, t.name) {
			return t.is + name[len(t.name):]
		}
	}
	return name
}

// anyForm reports whether two paths are related as they stand, or as they are
// where folders are links.
func anyForm(a, b string, related func(a, b string) bool) bool {
	x, y := twin(a), twin(b)
	return related(a, b) || related(x, b) || related(a, y) || related(x, y)
}

func absolute(name string) bool { return strings.HasPrefix(name, "/") }

// plainPath reports whether a path means on every platform what it looks like.
func plainPath(name string) bool { return !strings.ContainsAny(name, "\\:\x00") }

// numeric reports whether a user, or user:group, is given by numbers, so that no
// name is looked up.
func numeric(user string) bool {
	return user != "" && strings.Trim(user, "0123456789:") == "" && user[0] != ':'
}

// dotted reports whether a path is a home, above one, or a dotted file or folder
// in one, or in the root folder, which is the home of users that have none.
func dotted(name string) bool {
	name, alone := strings.CutSuffix(name, "/.")
	switch {
	case alone && !strings.Contains(name, "/."):
		return false // the folder's entry, not what is in it
	case name == "*", name == "/", name == "/root", name == "/home":
		return true
	case strings.HasPrefix(name, "/."):
		return true
	}
	rest, ok := strings.CutPrefix(name, "/root/")
	if !ok {
		if rest, ok = strings.CutPrefix(name, "/home/"); !ok {
			return false
		}
		if _, rest, ok = strings.Cut(rest, "/"); !ok {
			return true // somebody's home
		}
	}
	return strings.HasPrefix(rest, ".")
}

// ofAccounts reports whether a path is one of the lists of accounts, or any file.
// That all of /etc is written does not count: it stands for what packages do there,
// and a COPY of it says more (destination).
func ofAccounts(name string) bool {
	return name == "*" || name == "/" || name == "/etc/passwd" || name == "/etc/group"
}
