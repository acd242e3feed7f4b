# Every target runs on a machine that has Go; lint and docs use tools that go.mod names.
GO ?= go
FUZZTIME ?= 10m

.PHONY: build test lint race bench fuzz docs

build:
	$(GO) build -o bin/restow ./cmd/restow

# With RESTOW_CORPUS naming a folder of real Dockerfiles, they are tried too.
test:
	$(GO) test ./...

lint:
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@out=$$($(GO) tool gofumpt -d .); if [ -n "$$out" ]; then echo "$$out"; exit 1; fi

race:
	$(GO) test -race -short ./config ./workspace ./cmd/... ./rewrite ./rewrite/dockerfile ./rewrite/proof

bench:
	$(GO) test -run '^$$' -bench . -benchtime 3x ./rewrite/...

fuzz:
	@for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "== $$pkg $$target for $(FUZZTIME)"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

# The page of each pass, from its documentation.
docs:
	$(GO) run ./cmd/restow docs docs/passes
