package passes

import (
	"fmt"
	"slices"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/needs"
)

// jdkTools are the programs that a JDK has and a JRE lacks, with those that run a
// compiler in the JDK that they find.
var jdkTools = wordSet(`jar jarsigner javac javadoc javap jcmd jconsole jdb jdeprscan jdeps jhsdb jimage jinfo jlink jmap jmod jpackage jps jshell jstack jstat jstatd serialver
	mvn mvnw mvnd gradle gradlew ant sbt lein clojure clj mill bazel kotlinc scalac native-image`)

// onlyRuns reports whether no step of the stages uses what only a JDK has.
func (s *swap) onlyRuns() bool {
	for _, stage := range s.all {
		n := needsOf(s.c, stage)
		java := slices.ContainsFunc(n.Needs, func(need needs.Need) bool { return need.Run() && need.Kind == needs.Command && need.Name == "java" })
		if stage == s.all[len(s.all)-1] && !java {
			return false
		}
		if slices.ContainsFunc(n.Needs, func(need needs.Need) bool { return need.Kind == needs.Command && jdkTools[need.Name] }) {
			return false
		}
		for _, p := range n.Programs {
			if jdkTools[p] {
				return false
			}
		}
	}
	return true
}

// jre works out a swap from a JDK to the JRE of the same version.
func (s *swap) jre() string {
	d := differ(s.from, s.to)
	if d == nil {
		if d = differAsked(s.from, s.to); d == nil {
			return fmt.Sprintf("what %s has and %s lacks is not known", s.from.Short(), tagOf(s.to))
		}
	}
	for tool := range jdkTools {
		d.commands[tool] = ""
	}
	s.note("no compiler and no tools to look into a process")
	return s.without(d)
}

// differAsked compares images by the packages that their Dockerfiles ask for, where
// the lists of all packages are not known: both stand on the same image.
func differAsked(from, to *base.Image) *difference {
	f, t := from.Bases(), to.Bases()
	if len(f) == 0 || !slices.Equal(f, t) {
		return nil
	}
	d := &difference{packages: map[string]bool{}, commands: map[string]string{}}
	for _, p := range from.Asked() {
		if slices.Contains(to.Asked(), p) {
			continue
		}
		d.packages[p] = true
		for _, command := range append(programsOf[p], p) {
			d.commands[command] = p
		}
	}
	return d
}

// programsOf are the programs of packages that are not named like them.
var programsOf = map[string][]string{
	"binutils": {"ar", "as", "ld", "nm", "objcopy", "objdump", "ranlib", "readelf", "strings", "strip"},
	"gnupg":    {"gpg", "gpgv", "gpg-agent", "dirmngr"}, "xz-utils": {"xz", "unxz"}, "openssh-client": {"ssh", "scp"}, "procps": {"ps", "top", "pkill"}, "p11-kit": {"trust"},
}
