#!/usr/bin/env bash
# Runs each fuzz target for SECONDS (60), or those that are named: fuzz/run.sh [SECONDS] [TARGET]...
# Needs cargo-fuzz (cargo install cargo-fuzz) and a C++ compiler. Any toolchain does: the flags that are not stable are allowed to this build
# alone. A text that breaks a target is left in fuzz/artifacts/; it becomes a case of a unit test.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
shift || true
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
	for file in targets/*.rs; do
		targets+=("$(basename "$file" .rs)")
	done
fi
export RUSTC_BOOTSTRAP=1
# All of the program is safe Rust, where there is nothing for a sanitizer; assertions and overflow checks are on.
for target in "${targets[@]}"; do
	echo "== $target, $seconds s"
	mkdir -p "corpus/$target"
	cargo fuzz run --sanitizer none "$target" "corpus/$target" "seeds/$target" -- \
		-max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=4096 -print_final_stats=0 -verbosity=0
done
