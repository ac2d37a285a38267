"""What the benches over real posted series share: their words on the command line, a clone a repository, the cut, and the table.

    BENCH PROGRAM SCRATCH [--smoke] [--only ID,..] [--json FILE] [other words] [-- OPTION..]

BENCH holds series.json and score.py (with numpy); MIRROR_ROOT the bare mirrors they name; PROGRAM is the release binary; SCRATCH takes
one clone per repository (objects borrowed from the mirror); OPTIONs go to `git-cleave plan`."""
import concurrent.futures, json, os, subprocess, sys

args, options = sys.argv[1:], []
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


def git(repo, *a, env=ENV, inp=None, check=True):
    r = subprocess.run(["git", "-C", repo, *a], env=env, input=inp, capture_output=True)
    if check and r.returncode:
        raise RuntimeError(r.stderr.decode(errors="replace"))
    return r.stdout


def clone(name):
    path = os.path.join(scratch, "clones", name)
    if not os.path.isdir(path):
        subprocess.run(["git", "clone", "-q", "--bare", "--shared", gtlib.repo_dir(name), path], env=ENV, check=True)
    return path


def cut(repo, s, tip, name, *more):
    """The score of the cut of s's base..tip, or what went wrong, and the ref that the cut is at."""
    ref = f"refs/heads/cleave/{name}/all"
    for words in (["plan", f"{s['base']}..{tip}", "--name", name, *more, *options], ["split", "--name", name, "--force"]):
        r = subprocess.run([program, "-C", repo, *words], env=ENV, capture_output=True)
        if r.returncode:
            return dict(error=r.stderr.decode(errors="replace").strip()), ref
    return score.score_commits(s, ref, repo), ref


def each(run, line=lambda r: "", sums=lambda good: ""):
    """Runs each series and prints its line, then the means, one a repository too; `run` returns a score or a dict with `error`."""
    only = rest[rest.index("--only") + 1].split(",") if "--only" in rest else None
    todo = [s for s in gtlib.series("dev", "--smoke" in rest) if not only or s["id"] in only]
    for name in sorted({s["repo"] for s in todo}):
        clone(name)
    res = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for s, r in zip(todo, pool.map(run, todo)):
            res[s["id"]] = r
            if "error" in r:
                print(f"{s['id']:<24} {r['error']}")
            else:
                print(f"{s['id']:<24} ari {r['ari']:.2f}  f1 {r['f1']:.2f}  order {r['order'] or 0:.2f}  patches {r['n_cand']:3d} of {r['n_truth']:2d}"
                      f"  tree {'equal' if r['tree_equal'] else 'DIFFERS'}{line(r)}", flush=True)
    good = [r for r in res.values() if "error" not in r]
    mean = lambda k: sum(r[k] for r in good if r[k] is not None) / max(1, sum(r[k] is not None for r in good))
    ratio = sum(0.5 <= r["n_ratio"] <= 2 for r in good) / max(1, len(good))
    print(f"{len(good)} of {len(todo)} series: ari {mean('ari'):.3f}  f1 {mean('f1'):.3f}  order {mean('order'):.3f}  n_ratio {mean('n_ratio'):.2f}"
          f" (half to twice: {ratio:.0%})  trees equal {sum(r['tree_equal'] for r in good)}{sums(good)}")
    for repo in sorted({s["repo"] for s in todo}):
        mine = [res[s["id"]] for s in todo if s["repo"] == repo and "error" not in res[s["id"]]]
        print(f"  {repo:<20} ari {sum(r['ari'] for r in mine) / max(1, len(mine)):.3f}")
    if "--json" in rest:
        with open(rest[rest.index("--json") + 1], "w") as f:
            json.dump(res, f, indent=1)
