package lab

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/restow/restow/testdata/lab/internal/host"
)

// TestBaseBuild: images that restow base build makes of this machine's Debian mirror
// run their program, twice the same bytes come out, and they are as small as they are
// said to be.
func TestBaseBuild(t *testing.T) {
	l := running(t)
	mirror, err := host.FindMirror(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	restow := filepath.Join(t.TempDir(), "restow")
	compile := exec.CommandContext(t.Context(), "go", "build", "-o", restow, "./cmd/restow")
	compile.Dir = "../.."
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, test := range []struct {
		name, packages string
		largest        int64 // bytes unpacked
		before, run    string
		want           string
	}{
		{"python", "python3-minimal", 40_000_000, "", `RUN ["/usr/bin/python3", "-c", "import ssl, zlib, sys; ssl.create_default_context().get_ca_certs()[0]; open('/tmp/out', 'w').write(sys.version)"]`, `^3\.11\.`},
		{"nginx", "nginx", 25_000_000, "", `RUN ["/usr/sbin/nginx", "-t"]` + "\nCOPY --from=debian:bookworm-slim /etc/debian_version /tmp/out", `^12\.`},
		{
			"java", "default-jre-headless --exclude libcups2,libasound2,libharfbuzz0b,libfontconfig1,libpcsclite1,liblcms2-2,libjpeg62-turbo,libfreetype6,libnss3 --user nonroot", 220_000_000,
			`RUN printf 'public class Main { public static void main(String[] a) throws Exception { var f = javax.net.ssl.TrustManagerFactory.getInstance("PKIX"); f.init((java.security.KeyStore) null); var m = (javax.net.ssl.X509TrustManager) f.getTrustManagers()[0]; java.nio.file.Files.writeString(java.nio.file.Path.of("/tmp/out"), Runtime.version() + " " + (m.getAcceptedIssuers().length > 50) + " " + System.getProperty("user.name")); } }' >Main.java && javac Main.java && jar --create --file /main.jar --main-class Main Main.class`,
			"COPY --from=before /main.jar /\n" + `RUN ["/usr/bin/java", "-jar", "/main.jar"]`, `^17\.\S+ true nonroot$`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			ref := l.Registry() + "/base-build/" + test.name + ":test"
			build := func(to string) (digest string, unpacked int64) {
				args := append([]string{"base", "build", "--json", "--mirror", mirror.Main, "--security-mirror", mirror.Security, "-o", to}, strings.Fields(test.packages)...)
				cmd := exec.CommandContext(t.Context(), restow, args...)
				var errs strings.Builder
				cmd.Stderr, cmd.Env, cmd.Dir = &errs, append(os.Environ(), "CONTAINERS_REGISTRIES_CONF="+l.path("registries.conf")), t.TempDir()
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("%v\n%s", err, errs.String())
				}
				var d struct {
					Digest   string
					Unpacked int64
				}
				if err := json.Unmarshal(out, &d); err != nil {
					t.Fatal(err)
				}
				return d.Digest, d.Unpacked
			}
			digest, unpacked := build(ref)
			if again, _ := build("oci:image"); again != digest {
				t.Errorf("a second build is %s, not %s", again, digest)
			}
			if unpacked > test.largest {
				t.Errorf("%d bytes unpacked, more than %d", unpacked, test.largest)
			}
			before := "FROM scratch AS before\n"
			if test.before != "" {
				before = "FROM eclipse-temurin:17-jdk AS before\n" + test.before + "\n"
			}
			file := before + "FROM " + ref + "@" + digest + " AS run\n" + test.run + "\nFROM scratch\nCOPY --from=run /tmp/out /out\n"
			if got := l.output(t, file); !regexp.MustCompile(test.want).MatchString(got) {
				t.Errorf("got %q, want %s", got, test.want)
			}
		})
	}
}
