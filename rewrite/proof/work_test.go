package proof

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite/project"
)

// contextFor is a build context with these files.
func contextFor(t testing.TB, names ...string) *project.Tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, n := range names {
		name, content, _ := strings.Cut(n, "=")
		fsys[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	tree, err := project.New(fsys, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

const npm = `package.json={"name":"a","dependencies":{"left-pad":"1.3.0"}}`

var npmContext = []string{npm, `package-lock.json={"name":"a","lockfileVersion":3,"packages":{}}`, "index.js=1", "src/a.js=2"}

// order is a stage behind FROM a, before and after a change.
type order struct {
	name          string
	before, after string
	files         []string
	wrong         string // "" where after is right
	whole         bool   // both are files as they stand
}

// orders are such that are as good as another, and ones that are not: each is a fault
// that a pass might make.
var orders = []order{
	{
		name:   "apt before the sources",
		before: "WORKDIR /app\nCOPY . .\nRUN apt-get update && apt-get install -y curl",
		after:  "WORKDIR /app\nRUN apt-get update && apt-get install -y curl\nCOPY . .",
		files:  npmContext,
	},
	{
		name:   "without a context",
		before: "WORKDIR /app\nCOPY . .\nRUN apt-get update && apt-get install -y curl",
		after:  "WORKDIR /app\nRUN apt-get update && apt-get install -y curl\nCOPY . .",
	},
	{
		name:   "manifests first",
		before: "WORKDIR /app\nCOPY . .\nRUN npm ci\nCMD node .",
		after:  "WORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\nCMD node .",
		files:  npmContext,
	},
	{
		name:   "a number of the build behind what does not ask for it",
		before: "ARG BUILD_SHA\nRUN apt-get update && apt-get install -y curl\nRUN make",
		after:  "RUN apt-get update && apt-get install -y curl\nARG BUILD_SHA\nRUN make",
	},
	{
		name:   "a home on the way", // its folder is no setting in it
		before: "RUN useradd --no-create-home user\nCOPY --from=b / /home/user/x\nRUN apt-get update",
		after:  "RUN useradd --no-create-home user\nRUN apt-get update\nCOPY --from=b / /home/user/x",
	},
	{
		name:   "lost manifest",
		before: "WORKDIR /app\nCOPY . .\nRUN npm ci",
		after:  "WORKDIR /app\nCOPY package.json ./\nRUN npm ci\nCOPY . .",
		files:  npmContext,
		wrong:  "package-lock.json",
	},
	{
		name:   "no manifest",
		before: "WORKDIR /app\nCOPY . .\nRUN npm ci",
		after:  "WORKDIR /app\nRUN npm ci\nCOPY . .",
		files:  npmContext,
		wrong:  "package",
	},
	{
		name:   "a manifest with another owner",
		before: "WORKDIR /app\nCOPY --chown=5 . .\nRUN npm ci",
		after:  "WORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY --chown=5 . .",
		files:  npmContext,
		wrong:  "is new",
	},
	{
		name:   "a manifest elsewhere",
		before: "WORKDIR /app\nCOPY . .\nRUN npm ci",
		after:  "WORKDIR /app\nCOPY package.json package-lock.json /srv/\nRUN npm ci\nCOPY . .",
		files:  npmContext,
		wrong:  "is new",
	},
	{
		name:   "a manifest that .npmrc goes with",
		before: "WORKDIR /app\nCOPY . .\nRUN npm ci",
		after:  "WORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .",
		files:  append([]string{".npmrc=legacy-peer-deps=true"}, npmContext...),
		wrong:  ".npmrc",
	},
	{
		name:   "the sources never come",
		before: "WORKDIR /app\nCOPY . .\nRUN npm ci",
		after:  "WORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci",
		files:  npmContext,
		wrong:  "not done after",
	},
	{
		name:   "the build before its sources",
		before: "WORKDIR /app\nCOPY . .\nRUN make",
		after:  "WORKDIR /app\nRUN make\nCOPY . .",
		files:  npmContext,
		wrong:  "make may read",
	},
	{
		name:   "a copy that is read",
		before: "COPY sources.list /etc/apt/\nRUN apt-get update",
		after:  "RUN apt-get update\nCOPY sources.list /etc/apt/",
		files:  []string{"sources.list=x"},
		wrong:  "/etc/apt",
	},
	{
		name:   "a variable that is read",
		before: "ENV DEBIAN_FRONTEND=noninteractive\nRUN apt-get update",
		after:  "RUN apt-get update\nENV DEBIAN_FRONTEND=noninteractive",
		wrong:  "not done after",
	},
	{
		name:   "a variable that is spoken of",
		before: "ARG P=curl\nRUN apt-get install -y $P",
		after:  "RUN apt-get install -y $P\nARG P=curl",
		wrong:  "not done after",
	},
	{
		name:   "a variable of any name before npm",
		before: "ARG FLAVOUR=1\nWORKDIR /app\nRUN npm install -g left-pad",
		after:  "WORKDIR /app\nRUN npm install -g left-pad\nARG FLAVOUR=1",
		wrong:  "not done after",
	},
	{
		name:   "a user",
		before: "USER 5\nRUN touch /tmp/a",
		after:  "RUN touch /tmp/a\nUSER 5",
		wrong:  "not done after",
	},
	{
		name:   "a working directory",
		before: "WORKDIR /a\nRUN apt-get update",
		after:  "RUN apt-get update\nWORKDIR /a",
		wrong:  "not done after",
	},
	{
		name:   "a shell",
		before: "SHELL [\"/bin/bash\", \"-c\"]\nRUN apt-get update",
		after:  "RUN apt-get update\nSHELL [\"/bin/bash\", \"-c\"]",
		wrong:  "not done after",
	},
	{
		name:   "a lost working directory",
		before: "WORKDIR /a\nCOPY . .\nRUN apt-get update",
		after:  "COPY . .\nRUN apt-get update",
		files:  npmContext,
		wrong:  "config",
	},
	{
		name:   "two copies to one place",
		before: "COPY a.txt /a.txt\nCOPY b.txt /a.txt\nRUN apt-get update",
		after:  "COPY b.txt /a.txt\nCOPY a.txt /a.txt\nRUN apt-get update",
		files:  []string{"a.txt=a", "b.txt=b"},
		wrong:  "both copy",
	},
	{
		name:   "a chown that comes too early",
		before: "WORKDIR /app\nCOPY . .\nRUN chown -R 5 /app",
		after:  "WORKDIR /app\nRUN chown -R 5 /app\nCOPY . .",
		files:  npmContext,
		wrong:  "/app",
	},
	{
		name:   "commands that change places",
		before: "RUN apt-get update\nRUN apt-get install -y curl",
		after:  "RUN apt-get install -y curl\nRUN apt-get update",
		wrong:  "both touch",
	},
	{
		name:   "another command",
		before: "RUN apt-get install -y curl",
		after:  "RUN apt-get install -y wget",
		wrong:  "not done after",
	},
	{
		name:   "a stage that is copied from loses its order",
		before: "COPY . /src\nRUN make\nFROM b\nCOPY --from=0 /out /out",
		after:  "RUN make\nCOPY . /src\nFROM b\nCOPY --from=0 /out /out",
		files:  npmContext,
		wrong:  "not done after",
	},
	{
		name:   "what is laid over an install's work",
		before: "WORKDIR /app\nCOPY . .\nRUN npm ci",
		after:  "WORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .",
		files:  append([]string{"node_modules/a/index.js=1"}, npmContext...),
		wrong:  "node_modules",
	},
	{
		name:   "another base by an argument",
		before: "ARG V=1\nFROM a:$V\nRUN apt-get update\n",
		after:  "ARG V=2\nFROM a:$V\nRUN apt-get update\n",
		whole:  true,
		wrong:  "different images",
	},
	{
		name:   "a stage that nobody can build",
		before: "FROM a\nCOPY . /src\nRUN make\nFROM b\nRUN apt-get update\n",
		after:  "FROM a\nRUN make\nCOPY . /src\nFROM b\nRUN apt-get update\n",
		whole:  true,
		wrong:  "another state in stage 0",
	},
	{
		name:   "two labels of one name",
		before: "LABEL a=1\nLABEL a=2\nRUN apt-get update",
		after:  "LABEL a=2\nLABEL a=1\nRUN apt-get update",
		wrong:  "config",
	},
	{
		name:   "a file that is linked in",
		before: "COPY --link a.txt /etc/apt/a.txt\nRUN apt-get update",
		after:  "RUN apt-get update\nCOPY --link a.txt /etc/apt/a.txt",
		files:  []string{"a.txt=a"},
		wrong:  "may not change places",
	},
	{
		name:   "an archive that unpacks over a copy",
		before: "COPY a.txt /app/a.txt\nADD all.tar /app/\nRUN apt-get update",
		after:  "ADD all.tar /app/\nCOPY a.txt /app/a.txt\nRUN apt-get update",
		files:  []string{"a.txt=a", "all.tar=b"},
		wrong:  "may not change places",
	},
	{
		name:   "a heredoc that is read",
		before: "COPY <<EOF /etc/apt/apt.conf\na\nEOF\nRUN apt-get update",
		after:  "RUN apt-get update\nCOPY <<EOF /etc/apt/apt.conf\na\nEOF",
		wrong:  "may not change places",
	},
	{
		name:   "a new user whose name a copy has",
		before: "RUN useradd app\nCOPY --chown=app a.txt /app/a.txt\nRUN apt-get update",
		after:  "COPY --chown=app a.txt /app/a.txt\nRUN useradd app\nRUN apt-get update",
		files:  []string{"a.txt=a"},
		wrong:  "may not change places",
	},
	{
		name:   "a mount of another folder",
		before: "RUN --mount=type=bind,source=a,target=/s cp /s/x /x",
		after:  "RUN --mount=type=bind,source=b,target=/s cp /s/x /x",
		wrong:  "not done after",
	},
}

// compiled are both sides of an order, and its build context.
func (o order) compiled(t *testing.T) (builds [2]*Build, tree *project.Tree) {
	t.Helper()
	if o.files != nil {
		tree = contextFor(t, o.files...)
	}
	for i, src := range []string{o.before, o.after} {
		if !o.whole {
			src = "FROM a\n" + src + "\n"
		}
		b, err := Compile(context.Background(), parse(t, src), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		builds[i] = b
	}
	return builds, tree
}

func TestSameWork(t *testing.T) {
	for _, tt := range orders {
		t.Run(tt.name, func(t *testing.T) {
			builds, tree := tt.compiled(t)
			err := SameWork(context.Background(), builds[0], builds[1], tree)
			switch {
			case tt.wrong == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.wrong != "" && err == nil:
				t.Errorf("taken for the same work")
			case tt.wrong != "" && !strings.Contains(err.Error(), tt.wrong):
				t.Errorf("%v; want %q", err, tt.wrong)
			}
		})
	}
}
