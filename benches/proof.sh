#!/bin/sh
# Time to know that every step of a change builds, against `git rebase --exec` with the same make in one warm worktree.
#
# usage: proof.sh PROGRAM REPO CHANGE SCRATCH SETUP MAKE [PROFILE]
#
# CHANGE was split in REPO; SETUP makes a fresh tree ready and MAKE builds it, both for sh. Both ways begin with a base that was built
# before, and use one worker. With PROFILE, the syntax pass of that profile is timed too. Prints wall, user and system seconds of each, and
# the ratios of the wall times.
set -eu
program=$1 repo=$2 change=$3 scratch=$4 setup=$5 make=$6 profile=${7-}
mkdir -p "$scratch"
export GIT_AUTHOR_NAME=bench GIT_AUTHOR_EMAIL=bench@example.com GIT_COMMITTER_NAME=bench GIT_COMMITTER_EMAIL=bench@example.com
base=$(git -C "$repo" rev-parse "refs/cleave/$change/base")
tip=$(git -C "$repo" rev-parse "refs/heads/cleave/$change/all")
n=$(($(git -C "$repo" rev-list --count "$base..$tip") + 1))
timed() { # NAME COMMAND..
	name=$1
	shift
	/usr/bin/time -f '%e %U %S' -o "$scratch/$name.time" "$@" >"$scratch/$name.log" 2>&1 || echo "$name ended with $?"
	echo "$name: $(tail -n 1 "$scratch/$name.time")"
}

tree=$scratch/worktree
if ! test -d "$tree"; then
	git clone -q --shared --no-checkout "$repo" "$tree"
	git -C "$tree" checkout -q --detach "$base"
	(cd "$tree" && sh -c "$setup") >"$scratch/setup.log" 2>&1
fi
git -C "$tree" fetch -q "$repo" "$tip:refs/heads/tip" --force
git -C "$tree" checkout -q --detach "$base"
(cd "$tree" && sh -c "$make") >"$scratch/base.log" 2>&1 || echo "the base does not build"

command="test -f .config || { $setup; } && $make"
"$program" -C "$repo" verify --name "$change" --shard "1/$n" --warnings ignore -- sh -c "$command" >"$scratch/ours-base.log" 2>&1 || true
timed rebase git -C "$tree" rebase -q --force-rebase --exec "$make" "$base" tip
timed proof "$program" -C "$repo" verify --name "$change" --warnings ignore -- sh -c "$command"
timed again "$program" -C "$repo" verify --name "$change" --warnings ignore -- sh -c "$command"
if test -n "$profile"; then
	"$program" -C "$repo" verify --name "$change" --shard "1/$n" --profile "$profile" >"$scratch/syntax-base.log" 2>&1 || true
	timed syntax "$program" -C "$repo" verify --name "$change" --profile "$profile,mode=syntax"
fi
cd "$scratch"
for name in proof again syntax; do
	if test -f "$name.time"; then
		awk -v name="$name" 'NR == FNR { whole = $1; next } { printf "%s / rebase: %.2f\n", name, $1 / whole }' rebase.time "$name.time"
	fi
done
