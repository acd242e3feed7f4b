package command

// ccOptions are those of gcc(1) and clang(1), by the letter they begin with where
// the rest is up to the target.
const ccOptions = "-o=w -c -S -E -v -pipe -shared -static -pthread -rdynamic -s -w -g* -O* -f* -m* -W* -std* -D= -U= -I=r -L=r -l= -x= -include=r -isystem=r -isysroot=r -idirafter=r -MD -MMD -MP -MF=w -MT= -nostdlib -nostartfiles -print* -dump* --version --target* --sysroot* -Xlinker= -ansi -pedantic -no-pie -pie -T=r -undef -rpath= -e= --std* -static-libgcc -static-libstdc++ -r -n"

var buildPrograms = []program{
	{ // make(1); what it runs stands in a makefile
		names: "make gmake", grammar: grammar{
			options:  "-j|--jobs=# -C|--directory=x -f|--file|--makefile=r -B|--always-make -k|--keep-going -s|--silent|--quiet -n|--dry-run -i|--ignore-errors -e -r|--no-builtin-rules -R -w|--print-directory --no-print-directory -l|--load-average=# -I|--include-dir=r -o= -O|--output-sync=? -W= -S -t -q -d --debug=? -v|--version --eval= --trace --warn-undefined-variables -p --shuffle=?",
			operands: "t*", network: true, writes: ".",
		}, after: runsFiles,
	},
	{ // cmake(1)
		names: "cmake cmake3", style: long, grammar: grammar{
			options:  "-S=r -B=w -G= -D= -U= -A= -T= -C=r -P=r -E -L -LA -LH -N -W* --build=x --install=r --target|-t= --config= --parallel|-j=# -j* --prefix=w --component= --strip --clean-first --verbose|-v --preset= --fresh --install-prefix=w --open= --version --toolchain=r --log-level= --trace --debug-output --warn-uninitialized --no-warn-unused-cli --default-directory-permissions= --graphviz=w",
			operands: "t*", network: true, writes: ".",
		}, after: runsFiles,
	},
	{names: "ctest cpack", style: long, grammar: grammar{options: "-j=# --* -V -VV -R= -E= -L= -G= -C= -T= -S=r -D=", operands: "t*", writes: "."}, after: runsFiles},
	{names: "ninja ninja-build samu", grammar: grammar{options: "-j= -C=x -f=r -v|--verbose -k= -l= -n -t= -d= -w= --quiet --version", operands: "t*", writes: "."}, after: runsFiles},
	{names: "meson", grammar: grammar{options: "-D= -C=x --prefix=w --buildtype= --* -j= -v", operands: "t*", network: true, writes: "."}, after: runsFiles},
	{names: "scons bazel bazelisk waf xmake qmake premake5 gn autoninja buck b2 bjam task just mage tox nox invoke goreleaser earthly magefile", grammar: grammar{options: "--* -j=# -C=x -c=r -f=r -Q -q -d* -s* -v -e=", operands: "t*", network: true, writes: "."}, after: runsFiles},
	{ // what autoconf and automake make, and the like in other projects
		names: "configure Configure config autogen.sh bootstrap bootstrap.sh buildconf bootstrap-vcpkg.sh", abroad: true, loose: true,
		grammar: grammar{options: "--* -q|--quiet -C -d* -D= -h -n -s -v -k", operands: "t*", network: true, writes: "."}, after: runsFiles,
	},
	{names: "autoreconf autoconf automake aclocal autoheader libtoolize gettextize intltoolize", grammar: grammar{options: "-f|--force -i|--install -v|--verbose -s|--symlink -W= -I|--include=r -c|--copy -a|--add-missing -B= -n --* -o=w", operands: "t*", writes: "."}},
	{names: "gcc g++ cc c++ clang clang++ cpp tcc gfortran musl-gcc nvcc icc", version: true, style: long, grammar: grammar{options: ccOptions, operands: "r*"}, after: func(p *parse) {
		if !p.has("-o -E --version -v") {
			p.m.WritesFixed = append(p.m.WritesFixed, ".")
		}
	}},
	{names: "ld ld.gold lld as", style: long, loose: true, grammar: grammar{options: "-o=w -L=r -l= -shared -static -T=r -r -m= -e= -rpath= --*", operands: "r*"}},
	{names: "ar ranlib", grammar: grammar{operands: "t x r*"}},
	{names: "objcopy", grammar: grammar{options: "--only-keep-debug --strip-debug -g -S|--strip-all --add-gnu-debuglink=r --compress-debug-sections=? -O= -I= -B= -j= -R= --remove-section= --set-section-flags= --strip-unneeded", operands: "x w"}},
	{names: "patchelf", grammar: grammar{options: "--set-rpath= --set-interpreter= --print-rpath --print-interpreter --add-needed= --remove-needed= --replace-needed= --force-rpath --remove-rpath --set-soname= --shrink-rpath", operands: "x*"}},
	{names: "pkg-config pkgconf", grammar: grammar{options: "--cflags --libs --libs-only-l --libs-only-L --cflags-only-I --modversion --exists --variable= --static --atleast-version= --version --list-all --print-errors --silence-errors --define-variable= --define-prefix --short-errors", operands: "t*"}},
	{names: "javac java jar jlink keytool javadoc jdeps jpackage", style: long, loose: true, grammar: grammar{options: "-cp|-classpath|--class-path=r -d=w -source= -target= --release= -jar=r -D* -X* -version --version --output=w --add-modules= --module-path=r --no-header-files --no-man-pages --strip-debug --compress= -keystore=x -alias= -file=r -storepass= -keypass= -noprompt -importcert -import -trustcacerts -genkey -genkeypair -keyalg= -dname= -validity= -keysize= -cacerts -list -ea -server", operands: "t*", writes: "."}, after: runsFiles},
	{names: "rustc", style: long, grammar: grammar{options: "-o=w --crate-type= --crate-name= --edition= -C= -O -g -L= -l= --target= --out-dir=w --version -V --print= --cfg= -vV", operands: "r"}},
	{names: "protoc", grammar: grammar{options: "-I|--proto_path=r --*", operands: "r*", writes: "."}},
	{names: "msgfmt", grammar: grammar{options: "-o|--output-file=w -c -v --statistics", operands: "r*"}},
	{names: "dpkg-buildpackage debuild dpkg-source dpkg-deb dch equivs-build rpmbuild abuild makepkg checkinstall", loose: true, grammar: grammar{options: "--* -b|--build -B -us -uc -x -d= -j=# -F -S -v -r -i -c", operands: "t*", writes: "."}, after: runsFiles},
	{names: "gofmt golangci-lint shfmt shellcheck hadolint eslint prettier black flake8 mypy pylint ruff isort codespell yamllint", grammar: grammar{options: "--* -l -w -d -s -i=# -c=r -e= -v", operands: "r*"}, after: runsFiles},
	{names: "gotestsum go-licenses gimme xx-verify xx-info", grammar: grammar{options: "--* -f=", operands: "t*"}, after: runsFiles},
	{names: "xx-apt-get xx-apt xx-apk xx-cc xx-clang xx-cargo", style: long, loose: true, grammar: grammar{operands: "t*", network: true, writes: "/"}, after: runsFiles}, // of tonistiigi/xx
}

// runsFiles: what is done stands in files, not in the words.
func runsFiles(p *parse) { p.partly = true }
