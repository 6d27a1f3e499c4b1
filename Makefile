# Snug's recipes. `make` without arguments lists them. Longer recipes only call a script in scripts/ or a command of xtask/.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help run build dist dev test check unit e2e test-network test-dist screenshots weigh figures bench-voice bench-rooms bench-faces bench-inp bench-sessions bench-pictures soak audit clean

help: ## list the recipes
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build everything that is not built yet, and serve http://localhost:3000; LAN=1 serves your own network
	@scripts/run.sh $(if $(LAN),serve --lan)

build: ## build the program, which contains the site (target/release/snug)
	@scripts/build.sh

dist: ## build what people download: a small program as a tarball, a Debian package and a container, with sums (dist/)
	@scripts/dist.sh

dev: ## build and serve, and do both again whenever a file changes
	@scripts/tools.sh && cargo xtask dev

test: ## run everything: checks, unit and HTTP tests, browser tests
	@scripts/test.sh

check: ## check formatting, clippy for both targets, house rules, dependencies
	@scripts/check.sh

unit: ## run only the unit and HTTP tests, on SQLite and PostgreSQL
	@scripts/test.sh unit

e2e: ## run only the browser tests (some of them: make e2e ONLY=rooms)
	@scripts/test.sh e2e $(ONLY)

test-network: ## run only the tests of voices over bad networks and of snug doctor (root only)
	@scripts/test.sh network $(ONLY)

test-dist: ## test what `make dist` builds in empty Debian systems: install, talk, upgrade, back up, restore, remove (root only)
	@scripts/test_dist.sh $(ONLY)

screenshots: ## write pictures of every page to end2end/screenshots
	@scripts/test.sh e2e screenshots

weigh: ## print the compressed size of the front end
	@cargo xtask weigh

figures: ## measure Snug on this machine: start, memory, pages, load, Lighthouse
	@scripts/figures.sh

bench-voice: ## measure voice: CPU per packet, loss, delay, joins, memory, first audio in Chromium
	@scripts/bench_voice.sh

bench-rooms: ## measure a list of 500 rooms of 20 people: memory, and CPU and bytes of the page and of an update
	@scripts/bench_rooms.sh

bench-faces: ## measure the CPU of 40 drawn faces that blink and look around, in Chromium
	@scripts/bench_faces.sh

bench-inp: ## measure how fast the page of a room of 50 people answers presses, at a quarter of the CPU
	@scripts/bench_inp.sh

soak: ## test slow connections, large bodies that never end, kill -9, restarts, a locked database (15 minutes)
	@scripts/soak.sh

bench-sessions: ## measure token rotations, token checks and pages, compared with an Express server
	@scripts/bench_sessions.sh

bench-pictures: ## measure what a photo costs, compared with the crate image, sharp and jimp
	@scripts/bench_pictures.sh

audit: ## check licences, sources and security advisories of our dependencies (advisories need the network)
	@scripts/audit.sh

clean: ## remove everything that was built; data/ stays
	cargo clean
	rm -rf dist node_modules end2end/node_modules end2end/bench/peer/node_modules end2end/test-results end2end/playwright-report end2end/screenshots
