#!/usr/bin/env python3
"""How well git-cleave finds the cut of real posted series again, from a branch that was made a mess of.

usage: messy.py BENCH PROGRAM SCRATCH [--mixed] [--smoke] [--only ID,..] [--json FILE] [-- OPTION..]

Of each series, three commits of the author in a row become one, whose message is their messages one after another, as a squash in
`git rebase -i` leaves them. `--mixed` goes further: each of these commits has a quarter of its hunks swapped away into the commits
beside it, messages stay. The rest is as in cut_quality.py: BENCH holds series.json and score.py, MIRROR_ROOT the bare mirrors;
PROGRAM is the release binary; SCRATCH takes a clone a repository; OPTIONs go to `git-cleave plan`. The cut is scored against the
author's own commits. Prints one line a series, then the means."""
import concurrent.futures, hashlib, json, os, subprocess, sys, tempfile

args = sys.argv[1:]
options = []
if "--" in args:
    at = args.index("--")
    args, options = args[:at], args[at + 1:]
bench, program, scratch = (os.path.abspath(a) for a in args[:3])
rest = args[3:]
os.environ.setdefault("GT_SCRATCH", os.path.join(scratch, "truth"))
sys.path.insert(0, bench)
import gtlib, score  # noqa: E402

ENV = dict(gtlib.ENV, GIT_AUTHOR_NAME="bench", GIT_AUTHOR_EMAIL="bench@example.com", GIT_COMMITTER_NAME="bench",
           GIT_COMMITTER_EMAIL="bench@example.com", GIT_AUTHOR_DATE="2026-01-01T00:00:00Z", GIT_COMMITTER_DATE="2026-01-01T00:00:00Z")
TOGETHER = 3


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


def commit(repo, tree, parent, message):
    return git(repo, "commit-tree", "-p", parent, "-F", "-", tree, inp=message).decode().strip()


def squashed(repo, s):
    """[(last commit, message)] of each three commits in a row."""
    parts = [s["commits"][i:i + TOGETHER] for i in range(0, len(s["commits"]), TOGETHER)]
    message = lambda c: git(repo, "log", "-1", "--format=%B", c).strip() + b"\n"
    return [(p[-1], b"\n".join(message(c) for c in p)) for p in parts]


def swapped(repo, before, after, later, key):
    """Trees near `after`: without a quarter of the hunks of before..after, and with a quarter of those of after..later."""
    def quarter(a, b, reverse, tree):
        with tempfile.TemporaryDirectory() as d:
            env = dict(ENV, GIT_INDEX_FILE=os.path.join(d, "index"))
            git(repo, "read-tree", tree, env=env)
            patch = git(repo, "diff", "-U1", "--no-renames", "--full-index", a, b)
            head, hunks, files = b"", [], patch.split(b"\ndiff --git ")
            for at, f in enumerate(files):
                f = (b"" if at == 0 else b"diff --git ") + f + b"\n"
                pieces = f.split(b"\n@@ ")
                if any(w in pieces[0] for w in (b"new file", b"deleted file", b"old mode", b"Binary")):
                    continue
                hunks += [pieces[0] + b"\n@@ " + h.rstrip(b"\n") + b"\n" for h in pieces[1:]]
            for h in hunks:
                if hashlib.sha256(key.encode() + h).digest()[0] % 4 == 0:
                    git(repo, "apply", "--cached", "--unidiff-zero", "--recount", *(["-R"] if reverse else []), "-", env=env, inp=h, check=False)
            return git(repo, "write-tree", env=env).decode().strip()
    tree = quarter(before, after, True, after)
    return quarter(after, later, False, tree)


def messy(repo, s):
    """The tip of the messy branch."""
    parts, parent = squashed(repo, s), s["base"]
    for i, (last, message) in enumerate(parts):
        tree = last + "^{tree}"
        if "--mixed" in rest and i + 1 < len(parts):
            before = s["base"] if i == 0 else parts[i - 1][0]
            tree = swapped(repo, before, last, parts[i + 1][0], s["id"])
        parent = commit(repo, tree, parent, message)
    return parent


def run(s):
    repo = clone(s["repo"])
    tip = messy(repo, s)
    name = "messy-" + s["id"]
    for words in (["plan", f"{s['base']}..{tip}", "--name", name, *options], ["split", "--name", name, "--force"]):
        r = subprocess.run([program, "-C", repo, *words], env=ENV, capture_output=True)
        if r.returncode:
            return s, dict(error=r.stderr.decode(errors="replace").strip())
    return s, score.score_commits(s, f"refs/heads/cleave/{name}/all", repo)


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
                      f"  tree {'equal' if r['tree_equal'] else 'DIFFERS'}", flush=True)
    good = [r for r in res.values() if "error" not in r]
    mean = lambda k: sum(r[k] for r in good if r[k] is not None) / max(1, sum(r[k] is not None for r in good))
    print(f"{len(good)} of {len(todo)} series: ari {mean('ari'):.3f}  f1 {mean('f1'):.3f}  order {mean('order'):.3f}  n_ratio {mean('n_ratio'):.2f}"
          f"  trees equal {sum(r['tree_equal'] for r in good)}")
    for repo in sorted({s["repo"] for s in todo}):
        mine = [res[s["id"]] for s in todo if s["repo"] == repo and "error" not in res[s["id"]]]
        print(f"  {repo:<20} ari {sum(r['ari'] for r in mine) / max(1, len(mine)):.3f}")
    if "--json" in rest:
        with open(rest[rest.index("--json") + 1], "w") as f:
            json.dump(res, f, indent=1)


main()
