package passes

import (
	"strings"

	"github.com/restow/restow/rewrite/base"
)

// needed is what a package of a language needs of the system.
type needed struct {
	build, run []string
}

// knownOf puts together what the table says for a suite; why is what it cannot say
// of a package that has to be compiled.
func knownOf(p base.Package, ok bool, suite string, compiled bool) (n needed, why string) {
	if !ok {
		if compiled {
			return n, "is built where it is installed, and what that takes is not known"
		}
		return n, "" // the table has those that are compiled
	}
	names := suite
	if !base.Covers(suite) && !strings.HasPrefix(suite, "alpine") {
		names = "bookworm" // what has no such name there is in neither image
	}
	ready := p.Glibc
	if strings.HasPrefix(suite, "alpine") {
		ready = p.Musl
	}
	if ready != base.Binary || compiled || !strings.Contains(p.Note, "bundle") {
		n.run, _ = p.Runtime(names) // what is ready and has its libraries in it needs none
	}
	if ready != base.Source && (!compiled || ready == base.Pure) {
		return n, ""
	}
	if n.build, ok = p.Build(names); !ok || len(n.build) == 0 {
		return n, "is compiled where it is installed, and what that takes is not known"
	}
	return n, ""
}

func pythonNeeds(name, suite string, compiled bool) (needed, string) {
	p, ok := base.PythonPackage(name)
	return knownOf(p, ok, suite, compiled)
}

func nodeNeeds(name, suite string, compiled bool) (needed, string) {
	p, ok := base.NodePackage(name)
	if !ok && compiled {
		return needed{build: []string{"python3", "make", "g++"}}, "" // what node-gyp's manual asks for
	}
	return knownOf(p, ok, suite, compiled)
}

// gems and nativeGems compile where they are installed, by their extconf.rb: all need
// a compiler and make, some a library.
var gems = map[string]string{
	"pg": "libpq-dev", "mysql2": "default-libmysqlclient-dev", "sqlite3": "libsqlite3-dev", "rmagick": "libmagickwand-dev", "psych": "libyaml-dev", "curb": "libcurl4-openssl-dev",
	"charlock_holmes": "libicu-dev", "idn-ruby": "libidn-dev", "ruby-filemagic": "libmagic-dev", "snappy": "libsnappy-dev", "tiny_tds": "freetds-dev", "rugged": "cmake pkg-config",
}

var nativeGems = wordSet(`bcrypt bigdecimal bindex binding_of_caller bootsnap byebug cbor commonmarker concurrent-ruby-ext date debug digest-crc
	erb escape_utils eventmachine fast_blank ffi google-protobuf grpc hiredis hiredis-client hitimes http_parser.rb io-console io-event jaro_winkler json kgio levenshtein-ffi
	libv8-node liquid-c llhttp-ffi mini_racer msgpack murmurhash3 nio4r nokogiri nokogumbo oj openssl ox posix-spawn prism puma racc raindrops rbs rbtree rdiscount
	redcarpet rinku ruby-prof sassc sqlite3-ruby stackprof stringio strscan thin therubyracer unf_ext unicorn websocket-driver yajl-ruby zstd-ruby`)

// plainGems depend on nothing that compiles. Of others that are installed by name what
// they depend on is not in the file.
var plainGems = wordSet("bundler rake rspec thor foreman rack mustache asciidoctor minitest rdoc rubygems-update")

func rubyNeeds(name, _ string, named bool) (needed, string) {
	dev, ok := gems[name]
	if !ok && !nativeGems[name] {
		if named && !plainGems[name] {
			return needed{}, "may depend on gems that compile where they are installed"
		}
		return needed{}, ""
	}
	n := needed{build: append([]string{"gcc", "make"}, strings.Fields(dev)...)}
	if libraries, _, ok := base.RuntimeOf(dev, "bookworm"); ok {
		n.run = libraries
	}
	return n, ""
}

// crates that bind C libraries and bring their sources along, or have none on Linux.
var bundled = wordSet(`ring libz-sys zstd-sys bzip2-sys lzma-sys linux-raw-sys js-sys web-sys windows-sys core-foundation-sys security-framework-sys libsqlite3-sys
	system-configuration-sys mio-sys errno-dragonfly winapi-sys fsevent-sys inotify-sys tikv-jemalloc-sys jemalloc-sys libmimalloc-sys ring-sys wasi-sys kqueue-sys psm-sys libgit2-sys libssh2-sys`)

func rustNeeds(name, _ string, _ bool) (needed, string) {
	switch {
	case name == "openssl-sys":
		return needed{build: []string{"pkg-config", "libssl-dev"}}, ""
	case !strings.HasSuffix(name, "-sys") || bundled[name]:
		return needed{}, ""
	}
	return needed{}, "binds a library that is not known here"
}
