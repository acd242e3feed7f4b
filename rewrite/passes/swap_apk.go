package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// apkPackages are Alpine's packages for Debian's, by the package lists of both.
var apkPackages = pairs(`bash bash, bzip2 bzip2, ca-certificates ca-certificates, cmake cmake, coreutils coreutils, curl curl, default-mysql-client mysql-client, dnsutils bind-tools,
	dumb-init dumb-init, ffmpeg ffmpeg, file file, findutils findutils, gettext gettext, gettext-base gettext, git git, git-lfs git-lfs, gnupg gnupg, grep grep, graphviz graphviz,
	gzip gzip, imagemagick imagemagick, iproute2 iproute2, iputils-ping iputils, jq jq, less less, libffi8 libffi, libpq5 libpq, libxml2 libxml2, make make, mercurial mercurial,
	mariadb-client mariadb-client, nano nano, netcat-openbsd netcat-openbsd, nginx nginx, nodejs nodejs, npm npm, openssh-client openssh-client, openssl openssl, patch patch,
	perl perl, poppler-utils poppler-utils, postgresql-client postgresql-client, procps procps, python3 python3, rsync rsync, ruby ruby, sed sed, socat socat, sqlite3 sqlite,
	sudo sudo, supervisor supervisor, tar tar, tini tini, tree tree, tzdata tzdata, unzip unzip, util-linux util-linux, vim vim, wget wget, xz-utils xz, zip zip, zstd zstd`)

// apkCommands are Alpine's packages for programs that its base image lacks.
var apkCommands = pairs(`bash bash, curl curl, git git, hg mercurial, jq jq, make make, openssl openssl, gpg gnupg, ssh openssh-client, scp openssh-client, ssh-keyscan openssh-client,
	file file, rsync rsync, zip zip, perl perl, python3 python3, svn subversion, convert imagemagick, identify imagemagick, mogrify imagemagick, useradd shadow, groupadd shadow,
	usermod shadow, groupmod shadow, userdel shadow, chpasswd shadow, gcc gcc, cc gcc, g++ g++, c++ g++, pkg-config pkgconf, cmake cmake, zstd zstd, psql postgresql-client, mysql mysql-client,
	xmllint libxml2-utils, sqlite3 sqlite, patch patch, runuser runuser, setpriv setpriv, lsof lsof, ps procps, pkill procps, free procps`)

func pairs(text string) map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		out[name] = value
	}
	return out
}

// apt writes apk add for RUNs that install with apt-get, and refuses what busybox may
// not understand.
func (s *swap) apt(stage *dockerfile.Stage) string {
	fetched, unpacks := 0, false
	for _, in := range stage.Instructions {
		if why := s.started(stage, in); why != "" {
			return why
		}
		if !in.Is("RUN") {
			continue
		}
		at := slices.IndexFunc(scripts(s.c), func(sc *script) bool { return sc.in == in })
		if at < 0 {
			return fmt.Sprintf("line %d: the script is not read", s.c.Line(in))
		}
		sc := scripts(s.c)[at]
		if why := s.busybox(sc.reading, in); why != "" {
			return why
		}
		if sc.runs("curl", "wget") && fetched == 0 {
			fetched = s.c.Line(in)
		}
		unpacks = unpacks || sc.runs("tar", "unzip", "chmod", "install") || strings.Contains(sc.Text, "bin/")
		if !slices.Contains(sc.managers, "apt") {
			continue
		}
		if why := s.apkScript(sc); why != "" {
			return fmt.Sprintf("line %d: %s", s.c.Line(in), why)
		}
	}
	if fetched > 0 && unpacks {
		return fmt.Sprintf("line %d fetches what may be programs for glibc", fetched)
	}
	return ""
}

// started reads what the container runs by a shell.
func (s *swap) started(stage *dockerfile.Stage, in *dockerfile.Instruction) string {
	var line instructions.ShellDependantCmdLine
	switch c := in.Command.(type) {
	case *instructions.CmdCommand:
		line = c.ShellDependantCmdLine
	case *instructions.EntrypointCommand:
		line = c.ShellDependantCmdLine
	}
	if !line.PrependShell {
		return ""
	}
	if r := read(s.c, strings.Join(line.CmdLine, " "), shell.POSIX); r.unread == "" {
		return s.busybox(r, in)
	}
	return fmt.Sprintf("line %d: the script is not read", s.c.Line(in))
}

// busybox refuses programs that Alpine has not, and options that its own may not know.
func (s *swap) busybox(r *reading, in *dockerfile.Instruction) string {
	for _, m := range r.all {
		inner, from := unwrapped(m)
		text := r.Text[m.Lo:m.Hi]
		switch {
		case slices.Contains([]string{"dpkg", "apt-key", "add-apt-repository", "apt-mark", "dpkg-reconfigure", "update-alternatives", "locale-gen", "apt-cache", "debconf-set-selections"}, inner.Program):
			return fmt.Sprintf("line %d: Alpine has no %s", s.c.Line(in), inner.Program)
		case slices.Contains([]string{"adduser", "addgroup", "deluser"}, inner.Program) && strings.Contains(text, " --"):
			return fmt.Sprintf("line %d: Alpine's %s has other options", s.c.Line(in), inner.Program)
		case applets[inner.Program]:
			for _, w := range m.Words[min(from+1, len(m.Words)):] {
				if len(w.Prefix) > 2 && strings.HasPrefix(w.Prefix, "--") {
					return fmt.Sprintf("line %d: %s of busybox may not know %s", s.c.Line(in), inner.Program, r.Text[w.Lo:w.Hi])
				}
			}
		}
	}
	return ""
}

// applets are programs of GNU that busybox has too, with fewer options.
var applets = wordSet("awk base64 cat chmod chown cp cut date dd df du env expr find grep gzip head id install ln ls mkdir mktemp mv nl od paste ps readlink rm sed seq sha256sum sort split stat tail tar tee touch tr uniq wc wget which xargs")

// apkScript writes a script anew without apt-get: what it installs is Alpine's, and
// the rest stays word for word. All must be joined by &&.
func (s *swap) apkScript(sc *script) string {
	if sc.doc != nil || len(sc.in.Comments) > 0 {
		return "a script with comments, or of several lines, that calls apt-get is left to people"
	}
	var parts []string
	done := false
	for i, item := range sc.Top {
		if item.Op != "&&" && i+1 < len(sc.Top) || item.Node == nil || item.Node.Negated {
			return "apt-get stands in more than a list of commands"
		}
		text := sc.Text[item.Lo:item.Hi]
		if item.Node.Kind != shell.KindSimple {
			if strings.Contains(text, "apt") {
				return "apt-get stands in more than a list of commands"
			}
			parts = append(parts, text)
			continue
		}
		call, ok := aptOfItem(sc, item)
		switch {
		case !ok && removesLists(sc, item.Node.Simple):
		case !ok:
			parts = append(parts, text)
		case call.in.Verb == "install":
			var names []string
			for _, at := range call.in.Packages {
				w := call.Words[call.from+at]
				if apkPackages[w.Value] == "" || !w.Static {
					return fmt.Sprintf("the name of %s in Alpine is not known", sc.Text[w.Lo:w.Hi])
				}
				names = append(names, strings.Fields(apkPackages[w.Value])...)
			}
			parts = append(parts, "apk add --no-cache "+strings.Join(names, " "))
			done = true
		case slices.Contains([]string{"update", "clean", "autoremove", "upgrade"}, call.in.Verb), call.verb == "autoclean":
		default:
			return "what apt-get does there has no counterpart in Alpine"
		}
	}
	if !done {
		return "apt-get does more there than to install"
	}
	edit, ok := sc.in.Replace(sc.args, strings.Join(parts, " && "))
	if !ok {
		// Several lines: from the first byte of the script to the last.
		first, ok1 := sc.first(0)
		last, ok2 := sc.last(len(strings.TrimRight(sc.Text, " \t")))
		if !ok1 || !ok2 {
			return "it cannot be written anew"
		}
		edit = dockerfile.Edit{Span: dockerfile.Span{Start: first, End: last}, New: strings.Join(parts, " && ")}
	}
	s.edits = append(s.edits, edit)
	return ""
}

// aptOfItem is the call of apt-get that an item of a list is.
func aptOfItem(sc *script, item shell.Item) (aptCall, bool) {
	for _, m := range sc.meanings() {
		if m.Simple == item.Node.Simple {
			return aptOf(sc, m)
		}
	}
	return aptCall{}, false
}
