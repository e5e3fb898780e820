# Targets explain themselves: `make` lists them.

GO       ?= go
BIN      := bin/valebot
FUZZTIME ?= 10s
CASES    ?= 1000000
LIFE     ?= 10m
KILL     ?= 1000
# Linters live in a module of their own, so that the program's own list of
# modules holds only what it runs on.
TOOL     := $(GO) tool -modfile=tools/go.mod

.DEFAULT_GOAL := help
.PHONY: help run build test test-race lint bench bench-go fuzz life kill compare cover tidy-check deps clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: deps build ## Start everything on this machine with stand-ins for the providers
	@exec $(BIN) demo

build: ## Build bin/valebot, a static binary
	@CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=auto -o $(BIN) ./cmd/valebot

test: deps ## Check the source and run all tests
	$(GO) vet ./...
	$(GO) test -vet=off ./...

test-race: deps ## Run all tests under the race detector (slow, needs a C compiler)
	CGO_ENABLED=1 $(GO) test -vet=off -race ./...

lint: tidy-check ## Check format, vet, staticcheck, the arrows between packages, golangci-lint if installed
	@files=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
		if [ -n "$$files" ]; then echo "run gofmt -w on:"; echo "$$files"; exit 1; fi
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(GO) test -vet=off ./internal/archtest
	@if command -v golangci-lint >/dev/null; then golangci-lint run ./...; fi

bench: deps build ## Measure turns and accepts against pgbench on this machine
	$(BIN) bench turn
	$(BIN) bench accept

bench-go: ## Run the benchmarks of the packages
	$(GO) test -vet=off -run '^$$' -bench . -benchmem ./...

fuzz: ## Run each fuzz target for FUZZTIME (10s)
	@grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | \
		sed -E 's|^(.*)/[^/]*:func (.*)$$|\1 \2|' | sort -u | \
		while read -r dir name; do \
			echo "== $$dir $$name"; \
			$(GO) test -vet=off -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$dir" </dev/null || exit 1; \
		done

life: deps build ## Run random lenders for LIFE (10m) against all that must hold, with cuts and two nodes
	$(BIN) bench life --for $(LIFE)

kill: deps ## Kill the program again and again in the middle of KILL (1000) conversations
	VALEBOT_APP_TEST_KILL=$(KILL) $(GO) test -vet=off -v -timeout 0 -run TestKilledAtAnyMoment ./internal/app

compare: ## Compare CASES (1000000) random schedules and loans with the plain reference
	VALEBOT_CASES=$(CASES) $(GO) test -vet=off -v -timeout 0 -run AgreeWithTheReference ./internal/loan

cover: deps ## Run all tests and show what they cover (coverage.html)
	$(GO) test -vet=off -coverpkg ./... -coverprofile coverage.out ./...
	$(GO) tool cover -html coverage.out -o coverage.html
	@$(GO) tool cover -func coverage.out | tail -1

tidy-check: ## Check that go.mod and go.sum are tidy
	$(GO) mod tidy -diff

deps: ## Check for PostgreSQL's binaries; as root on Debian, install them
	@if command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "PostgreSQL is missing: installing it with apt-get install -y postgresql"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get install -y -qq postgresql >/dev/null 2>&1 || \
			{ apt-get update -qq && apt-get install -y -qq postgresql >/dev/null; }; \
	else \
		echo "PostgreSQL is missing: install it with: sudo apt-get install -y postgresql"; exit 1; \
	fi

clean: ## Remove what was built
	rm -rf bin coverage.out coverage.html
