# `make` alone prints what can be made. Every target says in one line after ## what it does.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# One throwaway PostgreSQL server for all packages of a run.
WITH_POSTGRESQL := go run ./internal/pgtest/run

# Pinned: a new release of the linter must not turn an old commit red.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

TIMEOUT  ?= 20m
FUZZTIME ?= 1m
HOURS    ?= 1
FOR      ?= 2m
BENCH    ?= .
PACKAGES ?= ./...
PAYMENTS ?= 20000
SEEDS    ?= 4
CYCLES   ?= 1000
IMAGES   ?= 5000
FAULTS   ?= 100
# node-sqlite, node-postgresql, postgresql, both; all of them when it is empty.
MODE     ?=
ROWS     ?= 5000000
ROWS_OF_REPORT ?= 1000000
SEED     ?= 1
SIM_FLAGS ?=
DWELL    ?= 30s
FOR      ?= 30m
FROM     ?= HEAD
PICTURES ?= bin/pictures
SCREENS  ?=
# Such as --json, --nodes 3, --for 20s.
BENCH_FLAGS ?=

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## run the whole thing on an embedded database, with a shop and a simulated bank
	go run ./cmd/tolom demo

.PHONY: build
build: ## build the binary bin/tolom
	go build -o bin/tolom ./cmd/tolom

.PHONY: test
test: tools format vet generated unit notice e2e ## install missing tools, then check and test everything, both databases and the browser

.PHONY: days
days: ## fail every call that a close makes, on every database; minutes
	TOLOM_DAYS=all $(WITH_POSTGRESQL) go test -count=1 -timeout 60m ./flow -run 'TestACloseKilled' -v

.PHONY: tools
tools: ## install what the tests need beside Go; does nothing when all is there
	@scripts/tools

.PHONY: format
format: ## fail if a file is not formatted by gofmt
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "format: run gofmt -w on:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: generated
generated: ## fail if generated code is stale (and write it again)
	@scripts/generated

.PHONY: unit
unit: ## run all Go tests but the browser's, on SQLite and PostgreSQL
	$(WITH_POSTGRESQL) go test -timeout $(TIMEOUT) $$(go list ./... | grep -v '/e2e$$')

.PHONY: notice
notice: ## bring each planted flaw to life for one seed and see it noticed
	go test -timeout $(TIMEOUT) -tags flaws -run 'Flaw' ./flaw ./sim

.PHONY: e2e
e2e: ## run the browser tests against a demo started for them
	go test -timeout $(TIMEOUT) -count=1 ./e2e

.PHONY: lint
lint: vet ## run go vet and staticcheck; exceptions stand in staticcheck.conf with their reasons
	go run $(STATICCHECK) ./...

.PHONY: flaws
flaws: ## the same for SEEDS (4) seeds: print after how many worlds and payments each flaw died, and by which rule
	TOLOM_FLAWS_SEEDS=$(SEEDS) go test -timeout 60m -count=1 -v -tags flaws -run 'EveryFlawDies' ./sim

.PHONY: race
race: ## run all Go tests but the browser's under the race detector
	CGO_ENABLED=1 $(WITH_POSTGRESQL) go test -race -timeout 30m $$(go list ./... | grep -v '/e2e$$')

.PHONY: bench
bench: build ## measure payments a second on SQLite and on a throwaway PostgreSQL, and audit what was written
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; bin/tolom bench --db "sqlite:$$folder/tolom.db" $(BENCH_FLAGS)
	@go run ./internal/pgtest/run -sized bash -c 'bin/tolom bench --db "$$TOLOM_TEST_PG" $(BENCH_FLAGS)'

.PHONY: report-million
report-million: build ## make a statement of a million payments as XLSX and CSV twice, say time and peak memory, compare the copies, and have another program read the workbook
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	bin/tolom bench-report --fill --payments $(ROWS_OF_REPORT) --db "sqlite:$$folder/tolom.db"; \
	for copy in 1 2; do for format in xlsx csv; do \
		bin/tolom bench-report --format $$format --db "sqlite:$$folder/tolom.db" --to "$$folder/$$copy.$$format"; \
	done; done; \
	for format in xlsx csv; do cmp "$$folder/1.$$format" "$$folder/2.$$format" && echo "both files as $$format are the same, byte for byte"; done; \
	TOLOM_WORKBOOK="$$folder/1.xlsx" TOLOM_TABLE="$$folder/1.csv" go test -count=1 -timeout 60m -v -run '^TestAnotherReaderCountsTheSameAsTheTable$$' ./sheet

.PHONY: pgo
pgo: build ## build bin/tolom once more, optimised for what a bench of it shows to be hot; takes some minutes
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; export PROFILE="$$folder/cpu.pprof"; \
	go run ./internal/pgtest/run -sized bash -c 'bin/tolom bench --only http_pg --for 30s --no-audit --budget 0 --profile "$$PROFILE" --db "$$TOLOM_TEST_PG"'; \
	go build -pgo="$$PROFILE" -o bin/tolom ./cmd/tolom

.PHONY: flat
flat: build ## measure the same before and after ROWS (5000000) stored payments; takes long and fills the disk
	@go run ./internal/pgtest/run -sized bash -c 'bin/tolom bench --only engine_pg --preload $(ROWS) --db "$$TOLOM_TEST_PG" $(BENCH_FLAGS)'

.PHONY: sim
sim: build ## simulate PAYMENTS (20000) from SEED (1) while everything goes wrong; SIM_FLAGS such as --db sqlite
	bin/tolom sim --seed $(SEED) --payments $(PAYMENTS) $(SIM_FLAGS)

.PHONY: nodes
nodes: ## kill nodes under load for longer: PAYMENTS (20000) through three of them
	TOLOM_NODES_PAYMENTS=$(PAYMENTS) go test -count=1 -v -timeout 30m ./e2e/nodes

.PHONY: crash
crash: ## kill node, PostgreSQL or both under load, CYCLES (1000) times each; MODE=node-sqlite|node-postgresql|postgresql|both for one kind
	TOLOM_CRASH_CYCLES=$(CYCLES) go test -count=1 -v -timeout 3h -run '^TestWhatIsKilledLosesNothing$$/^$(MODE)' ./e2e/crash

.PHONY: toxic
toxic: ## pay over networks that are slow, torn, silent or gone, DWELL (30s) for each toxic on each link, and print the way back
	TOLOM_TOXIC_DWELL=$(DWELL) go test -count=1 -v -timeout 60m ./e2e/toxic

.PHONY: failover
failover: ## kill a PostgreSQL primary under load and promote its synchronous standby, CYCLES (1000) times
	TOLOM_CRASH_CYCLES=$(CYCLES) go test -count=1 -v -timeout 3h -run '^TestAPromotedStandbyHasEveryAcknowledgedPayment$$' ./e2e/crash

.PHONY: powercut
powercut: ## look at what SQLite leaves after IMAGES (5000) power cuts, torn pages and lost writes included, and after FAULTS (100) refusals of the disk
	TOLOM_CRASH_IMAGES=$(IMAGES) TOLOM_CRASH_FAULTS=$(FAULTS) go test -count=1 -v -timeout 3h ./e2e/disk

.PHONY: soak
soak: ## replace nodes under load FOR (30m), and see that they stay as large as they were
	TOLOM_SOAK_FOR=$(FOR) go test -count=1 -v -timeout 24h -run 'Replaced' ./e2e/soak

.PHONY: upgrade
upgrade: ## upgrade from the commit FROM (HEAD) to this tree under load, and kill migrations at every statement
	TOLOM_UPGRADE_FROM=$(FROM) go test -count=1 -v -timeout 30m -run 'TwoVersions' ./e2e/soak
	TOLOM_HALT_EVERY=1 $(WITH_POSTGRESQL) go test -count=1 -v -timeout 30m -run 'Killed' ./store/internal/db

.PHONY: anywhere
anywhere: build ## hold the database of DSN=postgres://… to the contract and measure it shortly; leaves the bench's rows in it
	TOLOM_TEST_DSN="$(DSN)" go test -count=1 -timeout 30m -run 'PostgreSQLKeeps' ./store
	bin/tolom bench --db "$(DSN)" --for 5s --merchants 100 $(BENCH_FLAGS)

.PHONY: microbench
microbench: ## run the Go benchmarks; BENCH=regexp and PACKAGES=./elqr narrow them down
	go test -run '^$$' -bench '$(BENCH)' -benchmem $(PACKAGES)

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (1m) and note the runs in docs/fuzz-ledger.txt; TARGETS=regexp narrows them down
	@FUZZTIME=$(FUZZTIME) TARGETS='$(TARGETS)' scripts/fuzz

.PHONY: fuzz-payload
fuzz-payload: ## execute the payload target in a loop for HOURS (1), at low priority, and add it to docs/fuzz-ledger.txt
	@go build -o bin/fuzz-payload ./internal/payloadfuzz/run
	@nice -n 19 bin/fuzz-payload -for "$(HOURS)h" -commit "$$(git rev-parse --short HEAD)"

.PHONY: fuzz-totals
fuzz-totals: ## print what the runs in docs/fuzz-ledger.txt come to
	@go run ./internal/payloadfuzz/run -totals

.PHONY: openapi-fuzz
openapi-fuzz: build ## drive every operation over the network, as allowed and broken, FOR (2m) each on SQLite and PostgreSQL
	@go run ./internal/openapifuzz/run -binary bin/tolom -for "$(FOR)"
	@go run ./internal/pgtest/run go run ./internal/openapifuzz/run -binary bin/tolom -for "$(FOR)" -postgresql

.PHONY: screenshots
screenshots: ## take the pictures of the pages that the documents show, into docs/images
	TOLOM_SCREENSHOTS=$(CURDIR)/docs/images go test -count=1 -run '^TestScreenshots$$' ./e2e

.PHONY: pictures
pictures: tools ## take a picture of every page in its states, three languages, phone and desktop, into PICTURES (bin/pictures); SCREENS="tariff file" narrows them down
	@mkdir -p bin; go build -o bin/storybook ./internal/storybook; bin/storybook 127.0.0.1:8090 >bin/storybook.txt & served=$$!; \
	trap 'kill $$served' EXIT; sleep 1; node e2e/pictures.mjs http://127.0.0.1:8090/ $(PICTURES) $(SCREENS)

.PHONY: fresh
fresh: ## clone into an empty folder, build, start the demo and stop it again
	@scripts/fresh

.PHONY: clean
clean: ## remove what was built or downloaded into this folder
	rm -rf bin demo-data e2e/node_modules
