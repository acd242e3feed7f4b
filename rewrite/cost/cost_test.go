package cost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/cost"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
)

func parse(t testing.TB, text string) *dockerfile.File {
	t.Helper()
	f, err := dockerfile.Parse("Dockerfile", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestOf: what takes the time, and that what is done before a build takes more
// than a copy and less than a build.
func TestOf(t *testing.T) {
	for _, tt := range []struct {
		line, what string
		lo, hi     float64
	}{
		{"RUN npm ci", "npm install", 20, 60},
		{"RUN npm ci --omit=dev && npm cache clean --force", "npm install", 20, 60},
		{"RUN npm run build", "npm run", 10, 60},
		{"RUN yarn --frozen-lockfile", "yarn install", 20, 60},
		{"RUN pip install --no-cache-dir -r requirements.txt", "pip install", 20, 60},
		{"RUN python -m pip install flask", "pip install", 5, 20},
		{"RUN apt-get update && apt-get install -y --no-install-recommends curl git && rm -rf /var/lib/apt/lists/*", "apt-get install", 8, 20},
		{"RUN apk add --no-cache git", "apk install", 1, 5},
		{"RUN go mod download", "go download", 10, 20},
		{"RUN CGO_ENABLED=0 go build -o /app ./cmd/app", "go build", 20, 60},
		{"RUN cargo build --release", "cargo build", 60, 200},
		{"RUN ./mvnw -B dependency:go-offline", "mvn dependency:go-offline", 30, 60},
		{"RUN mvn -B package", "mvn build", 60, 100},
		{"RUN sudo make -j4", "make", 30, 90},
		{"RUN sh -c 'cd x && make'", "make", 30, 90},
		{`RUN ["make", "all"]`, "make", 30, 90},
		{"RUN <<E\napt-get update\napt-get install -y gcc\nE", "apt-get install", 8, 20},
		{"RUN mkdir /a && chmod 755 /a && echo x > /b", "small commands", 0.3, 1},
		{"RUN ./setup.sh", "setup.sh", 3, 10},
		{"RUN $TOOL x", "a program", 3, 10},
		{"RUN if true; then", "a script that restow does not read", 3, 10},
		{"COPY . .", "copies files", 0.1, 1},
		{"COPY <<E /x\n1\nE", "copies files", 0.1, 1},
		{"ADD https://example.com/x /x", "fetches https://example.com/x", 2, 10},
		{"WORKDIR /x", "makes a folder", 0.01, 0.1},
		{"ENV A=b", "", 0, 0},
		{"CMD make", "", 0, 0},
	} {
		f := parse(t, "FROM a\n"+tt.line+"\n")
		s, what := cost.Of(f.Instructions[1])
		if what != tt.what || s < tt.lo || s > tt.hi {
			t.Errorf("%s: %.2f s (%s), want %s in %v to %v s", tt.line, s, what, tt.what, tt.lo, tt.hi)
		}
	}
}

func TestTimes(t *testing.T) {
	f := parse(t, "FROM a\nRUN npm  ci \\\n  --omit=dev\nRUN npm run build\nENV A=b\n")
	times := cost.Times{"RUN npm ci --omit=dev": 7.5, "ENV A=b": 3}
	for i, want := range []string{"7.5 npm install", "25.3 npm run", "0 "} {
		s, what := times.Of(f.Instructions[i+1])
		if got := fmt.Sprintf("%.3g %s", s, what); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// log is a history of commits, newest first, each the paths it touched.
func log(t testing.TB, commits ...string) *project.History {
	t.Helper()
	var b strings.Builder
	for i, c := range commits {
		if i > 0 {
			b.WriteString("\x00")
		}
		b.WriteString("\x01\n")
		for name := range strings.FieldsSeq(c) {
			b.WriteString("M\x00" + name + "\x00")
		}
	}
	h, err := project.ReadHistory(strings.NewReader(b.String()), project.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestSimulate: which steps run again, by the rules of the cache.
func TestSimulate(t *testing.T) {
	history := log(t, "src/a.ts", "package.json package-lock.json", "README.md", "src/b.ts README.md", "Dockerfile")
	for _, tt := range []struct{ name, text, want string }{
		{"the whole context first", `
FROM node
COPY . .
RUN npm ci
RUN npm run build`, "5/5 5/0<COPY 5/0<COPY"},
		{"manifests first", `
FROM node
COPY package*.json ./
RUN npm ci
COPY src src
RUN npm run build`, "1/1 1/0<COPY 3/2 3/0<COPY"},
		{"stages", `
FROM node AS deps
COPY package*.json ./
RUN npm ci
FROM deps AS build
COPY src src
RUN npm run build
FROM nginx
RUN apk add x
COPY --from=build /dist /html
COPY nginx.conf /etc`, "1/1 1/0<COPY 3/2 3/0<COPY 0/0 3/3<COPY 3/0<COPY"},
		{"mounts", `
FROM node AS tools
COPY README.md /
FROM node
RUN --mount=type=bind,source=package.json,target=package.json npm ci
RUN --mount=type=bind,target=. npm run build
RUN --mount=from=tools,target=/t ls /t
RUN --mount=type=cache,target=/c ls`, "2/2 1/1 5/5 5/2<RUN 5/0<RUN"},
		{"link", `
FROM nginx
COPY src /src
COPY --link package.json /p
RUN ls`, "2/2 1/1 3/0<COPY"},
		{"exclude", `
FROM nginx
COPY --exclude=README.md --exclude=Dockerfile . .
ADD --exclude=*.ts src /src`, "3/3 3/0<COPY"},
		{"variables", `
ARG WHERE=src
FROM nginx
ARG WHERE
ARG FILE=README.md
ENV LOCK=package-lock.json
COPY $WHERE /a
FROM nginx
ENV LOCK=package-lock.json
COPY ${LOCK} /b
FROM nginx
ARG OPEN
COPY $OPEN /c
FROM nginx
ARG FILE=README.md
COPY "$FILE" /d`, "2/2 1/1 5/5 2/2"},
		{"nothing of the context", `
FROM nginx
ADD https://example.com/x /x
COPY <<E /y
y
E
COPY --from=alpine /z /z
WORKDIR /w
RUN ls`, "0/0 0/0 0/0 0/0"},
		{"a stage that a later one of the same name hides", `
FROM a AS x
COPY src /
FROM b AS x
COPY README.md /
FROM c
COPY --from=x / /`, "2/2 2/2 2/2<COPY"},
	} {
		var got []string
		for _, s := range cost.Simulate(parse(t, tt.text[1:]+"\n"), history) {
			text := fmt.Sprintf("%d/%d", s.Reruns.Len(), s.Own.Len())
			if s.After != nil {
				text += "<" + strings.Fields(s.After.Text.S)[0]
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, strings.Join(got, " "), tt.want)
		}
	}
}

// TestSimulateAssumed: without a history the classes of files do.
func TestSimulateAssumed(t *testing.T) {
	f := parse(t, "FROM node\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n")
	var got []string
	for _, s := range cost.Simulate(f, nil) {
		got = append(got, fmt.Sprint(s.Reruns.Len()))
	}
	if want := "5 5 95 95"; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", strings.Join(got, " "), want)
	}
}

// FuzzSimulate: whatever the file, a step runs again when its own inputs change.
func FuzzSimulate(f *testing.F) {
	f.Add("FROM a AS b\nCOPY . .\nRUN --mount=type=bind,from=b x\nFROM b\nCOPY --from=0 --link a b\n")
	f.Add("ARG A=b\nFROM a\nARG A\nCOPY $A --exclude=x /\nADD git@x /\nRUN <<E\nmake\nE\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := dockerfile.Parse("Dockerfile", []byte(text))
		if err != nil {
			return
		}
		h := log(t, "a", "b x", "c/d")
		for _, s := range cost.Simulate(file, h) {
			if s.Own.Len() > s.Reruns.Len() || s.Reruns.Len() > h.Commits() {
				t.Fatalf("%s: %d of %d", s.In.Text.S, s.Own.Len(), s.Reruns.Len())
			}
			if sec, _ := cost.Of(s.In); sec <= 0 {
				t.Fatalf("%s takes %v s", s.In.Text.S, sec)
			}
		}
	})
}
