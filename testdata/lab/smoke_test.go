package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// running returns the lab, which has to be up: RESTOW_LAB=1 says so.
func running(t *testing.T) *Lab {
	t.Helper()
	if os.Getenv("RESTOW_LAB") != "1" {
		t.Skip("needs a lab that is up and RESTOW_LAB=1")
	}
	l, err := Open(t.Output())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// build builds a Dockerfile, exports its last stage and returns the folder.
func (l *Lab) build(t *testing.T, dockerfile string, flags ...string) (dir string, err error) {
	t.Helper()
	context, dest := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(context, "Dockerfile"), []byte(dockerfile), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"--addr", l.BuildkitHost(), "build", "--progress=plain", "--frontend", "dockerfile.v0",
		"--local", "context=" + context, "--local", "dockerfile=" + context, "--output", "type=local,dest=" + dest,
	}
	out, err := exec.CommandContext(t.Context(), l.path("bin", "buildctl"), append(args, flags...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return dest, nil
}

// output builds a Dockerfile whose last stage leaves a file out.
func (l *Lab) output(t *testing.T, dockerfile string, flags ...string) string {
	t.Helper()
	dir, err := l.build(t, dockerfile, flags...)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestPrograms(t *testing.T) {
	l := running(t)
	for _, test := range []struct{ image, command, want string }{
		{"debian:bookworm", "cat /etc/debian_version && ls /usr/share/doc/bash", `12\.\d+(?s:.*)changelog`},
		{"debian:bookworm-slim", "cat /etc/debian_version && ls /usr/share/doc/bash", `12\.\d+\ncopyright\n$`},
		{"buildpack-deps:bookworm-curl", "curl --version && wget --version", `curl 7\.(?s:.*)GNU Wget`},
		{"buildpack-deps:bookworm-scm", "git --version && svn --version && hg --version", `git version 2\.39(?s:.*)svn(?s:.*)Mercurial`},
		{"buildpack-deps:bookworm", "gcc --version && pkgconf --version; dpkg -l libpq-dev", `gcc .*12\.2(?s:.*)libpq-dev`},
		{"python:3.11", "which python pip && python --version && python -c 'import ssl, sqlite3, tkinter, ctypes, lzma, bz2, readline, uuid, dbm.gnu, curses; print(ssl.OPENSSL_VERSION)' && pip --version", `/usr/local/bin/python\n/usr/local/bin/pip\nPython 3\.11\.\d+\nOpenSSL 3.*\npip \d+.*/usr/local/lib/python3.11/site-packages`},
		{"python:3.11-slim", "command -v python && python -c 'import ssl, sqlite3, ctypes, lzma, bz2, readline, uuid, dbm.gnu, curses, wheel; print(ssl.OPENSSL_VERSION)' && ! command -v gcc && python -m venv /v && /v/bin/pip --version", `/usr/local/bin/python\nOpenSSL 3.*\npip \d+.* from /v/`},
		{"node:18", "command -v node && node --version && npm --version && yarn --version && npx --version && id -u node && gcc --version", `/usr/local/bin/node\nv18\.20\.8\n10\.8\.2\n1\.22\.22\n10\.8\.2\n1000\ngcc`},
		{"node:18-slim", "command -v node && node --version && npm --version && id -u node && ! command -v gcc", `/usr/local/bin/node\nv18\.20\.8\n10\.8\.2\n1000\n$`},
		{"golang:1.26", "go version && go env GOPATH GOROOT GOTOOLCHAIN && pwd && gcc --version", `go1\.26\.\d+ linux/amd64\n/go\n/usr/local/go\nlocal\n/go\ngcc`},
		{"gcc:12", "command -v gcc && gcc --version && g++ --version && gfortran --version", `/usr/local/bin/gcc\ngcc.* 12\.2(?s:.*)g\+\+.* 12\.2(?s:.*)GNU Fortran`},
		{"ruby:3.1", "command -v ruby && ruby --version && gem env home && bundle --version && ruby -ropenssl -rpsych -rreadline -rfiddle -rzlib -e 'puts 1'", `/usr/local/bin/ruby\nruby 3\.1\.2.*\n/usr/local/bundle\nBundler version 2.*\n1\n`},
		{"ruby:3.1-slim", "ruby --version && ruby -ropenssl -rpsych -rreadline -rfiddle -rzlib -rbigdecimal -e 'puts OpenSSL::VERSION' && ! command -v gcc", `ruby 3\.1\.2.*\n3\.`},
		{"php:8.2-cli", "command -v php && php --version && php -m && docker-php-ext-install bcmath && php -r 'echo bcadd(1, 2), PHP_EOL;'", `/usr/local/bin/php\nPHP 8\.2\.(?s:.*)mbstring(?s:.*)sodium(?s:.*)\n3\n$`},
		{"eclipse-temurin:17-jdk", "which java javac jlink && java --version && echo $JAVA_HOME && ls $JAVA_HOME/jmods", `/opt/java/openjdk/bin/java\n/opt/java/openjdk/bin/javac\n/opt/java/openjdk/bin/jlink\nopenjdk 17\.(?s:.*)\n/opt/java/openjdk\n(?s:.*)java.base.jmod`},
		{"eclipse-temurin:17-jre", "java --version && ! command -v javac && keytool -list -cacerts -storepass changeit | head -n 5", `openjdk 17\.(?s:.*)contains \d\d+ entries`},
		{"rust:1.63", "command -v cargo && rustc --version && cargo --version && cargo init --name x /x && cd /x && cargo build --release && target/release/x", `/usr/local/cargo/bin/cargo\nrustc 1\.63\.0(?s:.*)Hello, world!`},
		{"rust:1.63-slim", "rustc --version && cargo --version", `rustc 1\.63\.0(?s:.*)cargo 1\.`},
		{"nginx:1.22", "nginx -v && nginx -t && id -u nginx && ls /usr/share/nginx/html && readlink /var/log/nginx/access.log", `nginx/1\.22\.1(?s:.*)successful\n101\n(?s:.*)index.html\n/dev/stdout`},
	} {
		t.Run(test.image, func(t *testing.T) {
			got := l.output(t, "FROM "+test.image+" AS run\nRUN { "+test.command+"; } >/out 2>&1 || { cat /out; exit 1; }\nFROM scratch\nCOPY --from=run /out /\n")
			if !regexp.MustCompile(test.want).MatchString(got) {
				t.Errorf("got %q, want %s", got, test.want)
			}
		})
	}
}

func TestDistroless(t *testing.T) {
	l := running(t)
	const c = "RUN printf '#include <stdio.h>\\nint main() { FILE *f = fopen(\"/tmp/out\", \"w\"); fputs(\"ran\", f); return fclose(f); }' >main.c && "
	for _, test := range []struct{ image, from, before, copy, run, want string }{
		{"static-debian12", "gcc:12", c + "gcc -static -o /main main.c", "/main", `"/main"`, "ran"},
		{"base-debian12", "gcc:12", c + "gcc -o /main main.c -lcrypto", "/main", `"/main"`, "ran"},
		{"cc-debian12", "gcc:12", c + "g++ -xc++ -fopenmp -o /main main.c -Wl,--no-as-needed -lstdc++ -lgomp", "/main", `"/main"`, "ran"},
		{"python3-debian12", "scratch", "", "", `"/usr/bin/python3.11", "-c", "import ssl, sqlite3, ctypes, lzma, bz2, sys; open('/tmp/out', 'w').write(sys.version)"`, `^3\.11\.`},
		{"nodejs18-debian12", "scratch", "", "", `"/nodejs/bin/node", "-e", "fs.writeFileSync('/tmp/out', process.version)"`, `^v18\.20\.8$`},
		{
			"java17-debian12", "eclipse-temurin:17-jdk",
			`RUN printf 'public class Main { public static void main(String[] a) throws Exception { javax.net.ssl.SSLContext.getDefault(); java.nio.file.Files.writeString(java.nio.file.Path.of("/tmp/out"), Runtime.version().toString()); } }' >Main.java && javac Main.java && jar --create --file /main.jar --main-class Main Main.class`,
			"/main.jar", `"/usr/bin/java", "-jar", "/main.jar"`, `^17\.`,
		},
	} {
		for _, tag := range []string{"latest", "nonroot"} {
			image := "gcr.io/distroless/" + test.image + ":" + tag
			t.Run(test.image+"/"+tag, func(t *testing.T) {
				file := "FROM " + test.from + " AS before\n" + test.before + "\nFROM " + image + " AS run\n"
				if test.copy != "" {
					file += "COPY --from=before " + test.copy + " " + test.copy + "\n"
				}
				file += "RUN [" + test.run + "]\nFROM scratch\nCOPY --from=run /tmp/out /\n"
				if got := l.output(t, file); !regexp.MustCompile(test.want).MatchString(got) {
					t.Errorf("got %q, want %s", got, test.want)
				}
			})
		}
		t.Run(test.image+"/shell", func(t *testing.T) {
			_, err := l.build(t, "FROM gcr.io/distroless/"+test.image+"\nRUN true\n")
			if err == nil || !strings.Contains(err.Error(), "/bin/sh") {
				t.Errorf("a shell was started, or something else went wrong: %v", err)
			}
		})
	}
}

// A build has to reach what this machine reaches, with Dockerfiles as people
// write them.
func TestNetwork(t *testing.T) {
	l := running(t)
	for _, test := range []struct{ name, dockerfile string }{
		{"apt", "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends hello && hello >/out"},
		{"apt certificates", "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends npm && npm view is-number version >/out"},
		{"go", "FROM golang:1.26\nWORKDIR /src\nRUN go mod init example.org/x && go get rsc.io/quote@v1.5.2 && printf 'package main\\nimport \"rsc.io/quote\"\\nfunc main() { println(quote.Hello()) }' >main.go && go mod tidy && go build -o /out ."},
		{"npm", "FROM node:18\nUSER node\nWORKDIR /home/node\nRUN npm view is-number version && npm install is-number@7.0.0\nUSER root\nRUN cp node_modules/is-number/package.json /out"},
		{"npm slim", "FROM node:18-slim\nWORKDIR /app\nRUN npm install is-number@7.0.0 && cp node_modules/is-number/package.json /out"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := l.output(t, strings.Replace(test.dockerfile, "\n", " AS run\n", 1)+"\nFROM scratch\nCOPY --from=run /out /\n", "--no-cache"); got == "" {
				t.Error("nothing was written")
			}
		})
	}
}

func TestConfig(t *testing.T) {
	l := running(t)
	for _, test := range []struct {
		image string
		want  v1.Config
		env   string
	}{
		{"library/debian:bookworm", v1.Config{Cmd: []string{"bash"}}, "PATH"},
		{"library/python:3.11-slim", v1.Config{Cmd: []string{"python3"}}, "PYTHON_VERSION"},
		{"library/node:18", v1.Config{Entrypoint: []string{"docker-entrypoint.sh"}, Cmd: []string{"node"}}, "NODE_VERSION"},
		{"library/golang:1.26", v1.Config{Cmd: []string{"bash"}, WorkingDir: "/go"}, "GOLANG_VERSION"},
		{"library/ruby:3.1", v1.Config{Cmd: []string{"irb"}}, "GEM_HOME"},
		{"library/php:8.2-cli", v1.Config{Entrypoint: []string{"docker-php-entrypoint"}, Cmd: []string{"php", "-a"}}, "PHP_INI_DIR"},
		{"library/eclipse-temurin:17-jdk", v1.Config{Entrypoint: []string{"/__cacert_entrypoint.sh"}, Cmd: []string{"jshell"}}, "JAVA_HOME"},
		{"library/rust:1.63", v1.Config{Cmd: []string{"bash"}}, "CARGO_HOME"},
		{"library/nginx:1.22", v1.Config{Entrypoint: []string{"/docker-entrypoint.sh"}, Cmd: []string{"nginx", "-g", "daemon off;"}, StopSignal: "SIGQUIT"}, "NGINX_VERSION"},
		{"distroless/static-debian12:nonroot", v1.Config{User: "65532", WorkingDir: "/home/nonroot"}, "SSL_CERT_FILE"},
		{"distroless/python3-debian12:latest", v1.Config{User: "0", WorkingDir: "/", Entrypoint: []string{"/usr/bin/python3.11"}}, "LANG"},
		{"distroless/nodejs18-debian12:latest", v1.Config{User: "0", WorkingDir: "/", Entrypoint: []string{"/nodejs/bin/node"}}, "SSL_CERT_FILE"},
		{"distroless/java17-debian12:latest", v1.Config{User: "0", WorkingDir: "/", Entrypoint: []string{"/usr/bin/java", "-jar"}}, "JAVA_VERSION"},
	} {
		t.Run(test.image, func(t *testing.T) {
			ref, err := name.ParseReference(l.Registry()+"/"+test.image, name.Insecure)
			if err != nil {
				t.Fatal(err)
			}
			image, err := remote.Image(ref)
			if err != nil {
				t.Fatal(err)
			}
			file, err := image.ConfigFile()
			if err != nil {
				t.Fatal(err)
			}
			if file.OS != "linux" || file.Architecture == "" {
				t.Errorf("platform %s/%s", file.OS, file.Architecture)
			}
			got := file.Config
			for _, pair := range [][2]any{
				{got.User, test.want.User},
				{strings.TrimSuffix(got.WorkingDir, "/"), strings.TrimSuffix(test.want.WorkingDir, "/")},
				{got.Entrypoint, test.want.Entrypoint},
				{got.Cmd, test.want.Cmd},
				{got.StopSignal, test.want.StopSignal},
			} {
				if fmt.Sprint(pair[0]) != fmt.Sprint(pair[1]) {
					t.Errorf("got %v, want %v", pair[0], pair[1])
				}
			}
			if !strings.Contains(strings.Join(got.Env, "\n")+"\n", test.env+"=") {
				t.Errorf("no %s in %v", test.env, got.Env)
			}
		})
	}
}
