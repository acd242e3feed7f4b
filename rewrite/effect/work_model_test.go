package effect_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/proof"
)

// lines are what random stages are made of.
var lines = []string{
	"COPY f /srv/f", "COPY g /etc/apt/g", "COPY s /srv", "COPY t /app", "COPY app .", "COPY app /app", "COPY app/package.json app/package-lock.json ./",
	"COPY app/package.json app/package-lock.json /app/", "COPY --chown=5 app /app", "COPY app/src ./src", "COPY f .", "COPY g f",
	"WORKDIR /app", "WORKDIR /srv", "WORKDIR sub", "USER 5", "USER 0",
	"ENV A=1", "ENV DEBIAN_FRONTEND=noninteractive", "ENV NODE_ENV=production", "ARG BUILD_SHA", "ARG A=2", "ARG GIT_COMMIT=none",
	"RUN apt-get update", "RUN apt-get install -y curl", "RUN apt-get update && apt-get install -y git", "RUN npm ci", "RUN npm ci && touch done",
	"RUN touch x", "RUN touch /app/x", "RUN mkdir -p /srv/b", "RUN mkdir /app/b", "RUN rm -rf /srv", "RUN cat /app/index.js > /tmp/out", "RUN cp -r /app /backup",
	"RUN echo $A > /tmp/a", "RUN echo $BUILD_SHA > sha", "RUN cd /srv && touch y", "RUN ls /app > /tmp/list", "RUN mv /srv/f /srv/moved",
}

// trial is a stage and another order of it, by numbers that anything may give.
func trial(next func(n int) int) (before, after []string) {
	before = []string{"WORKDIR /app"}
	if next(4) == 0 {
		before = nil
	}
	for range 2 + next(6) {
		before = append(before, lines[next(len(lines))])
	}
	after = slices.Clone(before)
	for range 1 + next(2) {
		from, to := next(len(after)), next(len(after))
		line := after[from]
		after = slices.Insert(slices.Delete(after, from, from+1), to, line)
	}
	if next(3) == 0 {
		// The manifests once more, before the rest.
		early := []string{"COPY app/package.json app/package-lock.json ./", "COPY app/package.json app/package-lock.json /app/", "COPY app/src ./src", "COPY f ."}
		after = slices.Insert(after, next(len(after)+1), early[next(len(early))])
	}
	return before, after
}

// judge asks SameWork of two orders, and the model where it says that they are one.
func judge(t *testing.T, tree *project.Tree, before, after []string) (accepted bool) {
	t.Helper()
	var builds [2]*proof.Build
	var outcomes [2]string
	for i, list := range [][]string{before, after} {
		f := effect.Parse(t, "FROM debian:bookworm\n"+strings.Join(list, "\n")+"\n")
		outcomes[i] = effect.ModelOutcome(f.Stages[0].Instructions)
		if i == 0 && outcomes[i] == "" {
			return false // it does not build as it is
		}
		b, err := proof.Compile(context.Background(), f, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		builds[i] = b
	}
	if slices.Equal(before, after) || proof.SameWork(context.Background(), builds[0], builds[1], tree) != nil {
		return false
	}
	if outcomes[0] != outcomes[1] {
		t.Errorf("taken for the same work, and is not:\n%s\n\n%s\n\n%s\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"), outcomes[0], outcomes[1])
	}
	return true
}

// TestSameWorkModel: where SameWork allows another order of a random stage, a model of
// what a build does comes to the same.
func TestSameWorkModel(t *testing.T) {
	tree, err := project.New(effect.ModelContext(), "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(6, 6))
	accepted, tries := 0, 4000
	if testing.Short() {
		tries = 400
	}
	for range tries {
		before, after := trial(r.IntN)
		if judge(t, tree, before, after) {
			accepted++
		}
	}
	t.Logf("%d of %d orders were taken for the same work", accepted, tries)
	if accepted < tries/50 {
		t.Error("that is too few to say anything")
	}
}

// FuzzSameWork is the same for whatever the fuzzer thinks of.
func FuzzSameWork(f *testing.F) {
	f.Add([]byte("\x01\x05\x0e\x04\x1a\x17\x02\x03\x04\x00"))
	f.Add([]byte("\x02\x03\x17\x14\x05\x1a\x00\x01\x02\x03\x00\x00\x01"))
	tree, err := project.New(effect.ModelContext(), "Dockerfile")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		at := 0
		before, after := trial(func(n int) int {
			if at++; at > len(data) {
				return 0
			}
			return int(data[at-1]) % n
		})
		judge(t, tree, before, after)
	})
}
