# Snug's recipes. `make` alone lists them; what takes more than a line is in scripts/ and xtask/.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help run build dev test check unit e2e screenshots weigh figures bench-voice bench-rooms bench-sessions bench-pictures soak audit clean

help: ## list the recipes
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build what is not built and serve http://localhost:3000
	@scripts/run.sh

build: ## leave the server at target/release/snug and the site in target/site
	@scripts/build.sh

dev: ## the same as run, and again whenever a file changes
	@scripts/tools.sh && cargo xtask dev

test: ## everything: checks, unit and HTTP tests, browser tests
	@scripts/test.sh

check: ## formatting, clippy for both targets, house rules, dependencies
	@scripts/check.sh

unit: ## only the unit and HTTP tests, on SQLite and PostgreSQL
	@scripts/test.sh unit

e2e: ## only the browser tests (some of them: make e2e ONLY=rooms)
	@scripts/test.sh e2e $(ONLY)

screenshots: ## pictures of every page to end2end/screenshots
	@scripts/test.sh e2e screenshots

weigh: ## what the built front end weighs over the wire
	@cargo xtask weigh

figures: ## what Snug costs on this machine: start, memory, pages, load, Lighthouse
	@scripts/figures.sh

bench-voice: ## what the voice costs: CPU a packet, loss, delay, joins, memory, first audio in Chromium
	@scripts/bench_voice.sh

bench-rooms: ## what a list of 500 rooms of 20 people costs: CPU and bytes of the page, of a push, memory
	@scripts/bench_rooms.sh

soak: ## a thousand slow connections, and many cycles of kill -9 (asserts; ten minutes)
	@scripts/soak.sh

bench-sessions: ## what rotations, token checks and pages cost the server, beside an Express twin
	@scripts/bench_sessions.sh

bench-pictures: ## what a photo costs, beside plain image, sharp and jimp
	@scripts/bench_pictures.sh

audit: ## licences and sources of our dependencies, and the advisories about them (where they can be reached)
	@scripts/audit.sh

clean: ## remove what was built; data/ stays
	cargo clean
	rm -rf node_modules end2end/node_modules end2end/bench/peer/node_modules end2end/test-results end2end/playwright-report end2end/screenshots
