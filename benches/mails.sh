#!/usr/bin/env bash
# mails.sh PROGRAM REPO RANGE SCRATCH: are the mails of a range what git am takes?
# Works in a clone of REPO that shares its objects and has no working tree to speak of.
set -euo pipefail
program=$(realpath "$1") repo=$(realpath "$2") range=$3 scratch=$(realpath -m "$4")
rm -rf "$scratch"
git clone -q --shared --no-checkout "$repo" "$scratch/clone"
cd "$scratch/clone"
for end in "${range%%..*}" "${range##*..}"; do git fetch -q "$repo" "$end:refs/tags/$end"; done
base=$(git rev-parse "${range%%..*}^{commit}") tip=$(git rev-parse "${range##*..}^{commit}")
git config user.name bench && git config user.email bench@example.org
"$program" plan "$base..$tip" --name x >"$scratch/plan"
"$program" mail --no-lint --name x -o "$scratch/out" >"$scratch/commands"
apply() { # mails onto a private index: git am without a working tree of 90,000 files
  for mail; do
    case $mail in *0000-cover-letter.patch) continue ;; esac
    git mailinfo "$scratch/msg" "$scratch/patch" <"$mail" >/dev/null
    git apply --cached --whitespace=nowarn "$scratch/patch" || { echo "does not apply: $mail"; exit 1; }
  done
}
export GIT_INDEX_FILE=$scratch/index
series=$("$program" plan "$base..$tip" --name x --format json | python3 -c 'import json,sys
p = json.load(sys.stdin)["series"]
needs = {s["name"]: s["needs"] for s in p}
def every(n): return [m for k in needs if k in needs[n] for m in every(k) + [k]]
for s in p: print(s["name"], *dict.fromkeys(every(s["name"])))')
git read-tree "$base"
while read -r name _; do apply "$scratch/out/$name"/*.patch; done <<<"$series"
[ "$(git write-tree)" = "$(git rev-parse "$tip^{tree}")" ] && echo "all series in order: the tip's tree"
while read -r name needs; do
  git read-tree "$base"
  order=$(cut -d' ' -f1 <<<"$series" | grep -Fxf <(tr ' ' '\n' <<<"$needs") || true)
  for one in $order; do apply "$scratch/out/$one"/*.patch; done
  apply "$scratch/out/$name"/*.patch
  echo "$name applies on its base and ${needs:-nothing else}"
done <<<"$series"
