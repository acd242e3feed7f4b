# Every target runs on a machine that has Go; lint and docs use tools that go.mod names.
GO ?= go
FUZZTIME ?= 10m

# Tests run in their packages' folders, so that a relative path has to be made absolute.
ifneq ($(RESTOW_CORPUS),)
export RESTOW_CORPUS := $(abspath $(RESTOW_CORPUS))
endif
ifneq ($(RESTOW_BASEDATA),)
export RESTOW_BASEDATA := $(abspath $(RESTOW_BASEDATA))
endif

.PHONY: build test lint race bench fuzz docs

build:
	$(GO) build -o bin/restow ./cmd/restow

# With RESTOW_CORPUS naming a folder of real Dockerfiles, they are tried too.
test:
	$(GO) test -timeout 30m ./...

lint:
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@out=$$($(GO) tool gofumpt -d .); if [ -n "$$out" ]; then echo "$$out"; exit 1; fi

race:
	$(GO) test -race -short ./config ./workspace ./cmd/... ./rewrite ./rewrite/dockerfile ./rewrite/proof

bench:
	$(GO) test -run '^$$' -bench . -benchtime 3x ./rewrite/... ./pin ./cmd/...

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

# A real BuildKit with base images, for the tests that build; needs Debian and root.
.PHONY: lab lab-test lab-check lab-down
lab:
	cd testdata/lab && $(GO) run ./cmd/lab up

# restow verify over every application of the lab, or over APPS, as a table.
lab-test:
	cd testdata/lab && eval "$$($(GO) run ./cmd/lab env)" && $(GO) run ./cmd/labtest $(APPS)

# The tests that build, none of them skipped: the lab must be up.
lab-check:
	cd testdata/lab && RESTOW_LAB=1 $(GO) test ./...
	eval "$$(cd testdata/lab && $(GO) run ./cmd/lab env)" && RESTOW_LAB=1 $(GO) test -count=1 ./rewrite/proof/build ./rewrite/base

lab-down:
	cd testdata/lab && $(GO) run ./cmd/lab down
