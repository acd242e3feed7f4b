package build

import "testing"

// TestLabPackages: installing packages twice leaves nothing different that
// counts, and the cache of apt is recognised. It needs Debian's archive.
func TestLabPackages(t *testing.T) {
	conn := connect(t)
	install := func(packages, clean string) string {
		return "RUN apt-get update && apt-get install -y --no-install-recommends " + packages + clean + "\n"
	}
	clean := " && rm -rf /var/lib/apt/lists/*"
	before := base + install("python3-minimal", "") + install("file", "") + "RUN python3 -c 'import os, random'\nRUN useradd -m app\nUSER app\nCMD [\"file\", \"/bin/sh\"]\n"
	after := base + install("python3-minimal", clean) + install("file", clean) + "RUN python3 -c 'import os, random'\nRUN useradd -m app\nUSER app\nCMD [\"file\", \"/bin/sh\"]\n"
	rep := verify(t, conn, Input{
		Before: []byte(before), After: []byte(after), SmokeOutput: true,
		Smoke: []Command{{}, {Argv: []string{"python3", "-c", "print(1)"}}, {Shell: "id; dpkg -l | wc -l"}},
	})
	if rep.Verdict != Same {
		t.Errorf("verdict %s", rep.Verdict)
	}
	if rep.After.Compressed >= rep.Before.Compressed {
		t.Errorf("%d bytes before, %d after", rep.Before.Compressed, rep.After.Compressed)
	}
}
