#!/usr/bin/env python3
"""How well git-cleave finds the cut of real posted series again.

usage: cut_quality.py BENCH PROGRAM SCRATCH [--smoke] [--told] [--only ID,..] [--json FILE] [-- OPTION..]

BENCH holds series.json and score.py (with numpy); MIRROR_ROOT the bare mirrors they name; PROGRAM is the release
binary; SCRATCH takes one clone per repository (objects borrowed from the mirror). Each series is squashed to one commit, so
that nothing of the author's commits is seen; `--told` tells the number of the author's patches (`-n`); OPTIONs go to `git-cleave split`. Prints one line a series, then the means, the share of
series with half to twice as many patches as the author's, and of pairs of patches in which one defines what the other
uses, how many have the definition first."""
import concurrent.futures, json, os, re, subprocess, sys, time

args = sys.argv[1:]
options = []
if "--" in args:
    at = args.index("--")
    args, options = args[:at], args[at + 1:]
bench, program, scratch = (os.path.abspath(a) for a in args[:3])
rest = args[3:]
os.environ.setdefault("GT_SCRATCH", os.path.join(scratch, "truth"))
sys.path.insert(0, bench)
import gtlib, score, truth  # noqa: E402

ENV = dict(gtlib.ENV, GIT_AUTHOR_NAME="bench", GIT_AUTHOR_EMAIL="bench@example.com", GIT_COMMITTER_NAME="bench",
           GIT_COMMITTER_EMAIL="bench@example.com", GIT_AUTHOR_DATE="2026-01-01T00:00:00Z", GIT_COMMITTER_DATE="2026-01-01T00:00:00Z")


def git(repo, *a):
    return subprocess.run(["git", "-C", repo, *a], env=ENV, check=True, capture_output=True).stdout.decode(errors="replace").strip()


def clone(name):
    path = os.path.join(scratch, "clones", name)
    if not os.path.isdir(path):
        subprocess.run(["git", "clone", "-q", "--bare", "--shared", gtlib.repo_dir(name), path], env=ENV, check=True)
    return path


DEF = re.compile(rb"^(?:#\s*define\s+(\w+)|(?:struct|enum|union)\s+(\w+)\s*\{|[A-Za-z_][\w\s*]*?\b(\w+)\s*\([^;]*$)")
WORD = re.compile(rb"[A-Za-z_]\w+")


def definition_pairs(repo, base, commits):
    """(pairs with the definition first, pairs) over new identifiers that one patch defines and others use."""
    diffs = [subprocess.run(["git", "-C", repo, "show", "-U0", "--format=", c], env=ENV, check=True, capture_output=True).stdout for c in commits]
    defs, uses, gone = [], [], set()
    for d in diffs:
        de, us, code = set(), set(), False
        for l in d.split(b"\n"):
            if l.startswith(b"diff --git "):
                code = l.endswith((b".c", b".h", b".S"))
            elif not code or l[1:].lstrip().startswith((b"*", b"/*", b"//")):
                continue
            if l.startswith(b"+") and not l.startswith(b"+++"):
                m = DEF.match(l[1:])
                if m:
                    de.add(m[1] or m[2] or m[3])
                us |= set(WORD.findall(l[1:]))
            elif l.startswith(b"-") and not l.startswith(b"---"):
                gone |= set(WORD.findall(l[1:]))
        defs.append(de - {b"if", b"for", b"while", b"switch", b"return"})
        uses.append(us)
    ok = n = 0
    for a in range(len(diffs)):
        for b in range(len(diffs)):
            if a != b and any(w in uses[b] and w not in gone and sum(w in d for d in defs) == 1 for w in defs[a]):
                n += 1
                ok += a < b
                if a > b and os.environ.get('SHOW_DEFS'):
                    print(commits[b][:12], 'uses before', commits[a][:12], [w.decode() for w in defs[a] if w in uses[b] and w not in gone and sum(w in d for d in defs) == 1][:4], file=sys.stderr)
    return ok, n


def run(s):
    repo = clone(s["repo"])
    tip = git(repo, "commit-tree", "-p", s["base"], "-m", "squashed", s["tip"] + "^{tree}")
    told = ["-n", str(len(set(truth.load(s)[1]) - {-1}))] if "--told" in rest else []
    t = time.time()
    for words in (["plan", f"{s['base']}..{tip}", "--name", s["id"], *told, *options], ["split", "--name", s["id"], "--force"]):
        r = subprocess.run([program, "-C", repo, *words], env=ENV, capture_output=True)
        if r.returncode:
            break
    took = time.time() - t
    if r.returncode:
        return s, dict(error=r.stderr.decode(errors="replace").strip(), took=took)
    ref = f"refs/heads/cleave/{s['id']}/all"
    res = score.score_commits(s, ref, repo)
    commits = gtlib.chain(repo, s["base"], ref)
    res["defs"] = definition_pairs(repo, s["base"], commits)
    return s, dict(res, took=took)


def main():
    only = rest[rest.index("--only") + 1].split(",") if "--only" in rest else None
    todo = [s for s in gtlib.series("dev", "--smoke" in rest) if not only or s["id"] in only]
    for name in sorted({s["repo"] for s in todo}):
        clone(name)
    res = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for s, r in pool.map(run, todo):
            res[s["id"]] = r
            if "error" in r:
                print(f"{s['id']:<24} {r['error']}")
            else:
                print(f"{s['id']:<24} ari {r['ari']:.2f}  f1 {r['f1']:.2f}  order {r['order'] or 0:.2f}  patches {r['n_cand']:3d} of {r['n_truth']:2d}"
                      f"  tree {'equal' if r['tree_equal'] else 'DIFFERS'}  {r['took']:.2f} s", flush=True)
    good = [r for r in res.values() if "error" not in r]
    mean = lambda k: sum(r[k] for r in good if r[k] is not None) / max(1, sum(r[k] is not None for r in good))
    ratio = sum(0.5 <= r["n_ratio"] <= 2 for r in good) / max(1, len(good))
    ok, n = (sum(r["defs"][i] for r in good) for i in (0, 1))
    print(f"{len(good)} of {len(todo)} series: ari {mean('ari'):.3f}  f1 {mean('f1'):.3f}  order {mean('order'):.3f}  n_ratio {mean('n_ratio'):.2f}"
          f" (half to twice: {ratio:.0%})  trees equal {sum(r['tree_equal'] for r in good)}  definition first {ok}/{n} = {ok / max(1, n):.1%}")
    for repo in sorted({s["repo"] for s in todo}):
        mine = [res[s["id"]] for s in todo if s["repo"] == repo and "error" not in res[s["id"]]]
        print(f"  {repo:<20} ari {sum(r['ari'] for r in mine) / max(1, len(mine)):.3f}")
    if "--json" in rest:
        with open(rest[rest.index("--json") + 1], "w") as f:
            json.dump(res, f, indent=1)


main()
