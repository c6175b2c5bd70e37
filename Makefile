# Two commands matter: `make demo` and `make test`. Each installs what it needs.
.PHONY: demo test check bench torture build clean

demo: ## build, then run a simulated trust of five hospitals and print the address to open
	@xtask/setup.sh build
	@cargo build --release -p lifeboat
	@./target/release/lifeboat demo

test: ## every test
	@xtask/setup.sh test
	@cargo test --workspace --lib --bins --tests --no-fail-fast

check: ## format, lints, licences, import table: fast
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets -- -D warnings
	@cargo run -q -p xtask -- licences
	@cargo test -q -p xtask

bench: ## figures, as ratios against peers and physical limits in the same run
	@xtask/setup.sh bench
	@cargo build --release -p lifeboat
	@cargo run --release -p xtask -- bench

torture: ## the fault tests at full size (hours)
	@xtask/setup.sh torture
	@LIFEBOAT_TORTURE=1 cargo test --release --workspace --lib --bins --tests --no-fail-fast -- --nocapture

build:
	@xtask/setup.sh build
	@cargo build --release -p lifeboat

clean:
	@cargo clean
