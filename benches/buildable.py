#!/usr/bin/env python3
"""Does every step compile that git-cleave makes of real posted series of git, without having built anything?

usage: buildable.py BENCH PROGRAM SCRATCH [--only ID,..] [--refs] [--full] [--json FILE] [-- OPTION..]

BENCH holds series.json, build-results.json (whose series are taken) and buildable.py; MIRROR_ROOT, PROGRAM and SCRATCH as in
cut_quality.py. Each series is squashed to one commit and split, OPTIONs go to `git-cleave plan`; with --refs the branches are taken
that cut_quality.py left in SCRATCH. Every inner step (the last one is the tip) is then compiled by BENCH/buildable.py: the affected objects,
in place of a link symbols that are needed while nobody defines them or that are defined twice; with --full git and test-tool are built and linked.
Prints one line a series with the first error of each step that fails, then the share of steps, and of series whose every step compiles.
Wants gcc, make, ccache and zlib; GT_JOBS compilers at once (2)."""
import json, os, subprocess, sys

args, options = sys.argv[1:], []
if "--" in args:
    args, options = args[:args.index("--")], args[args.index("--") + 1:]
bench, program, scratch = (os.path.abspath(a) for a in args[:3])
rest = args[3:]
os.environ.setdefault("GT_SCRATCH", os.path.join(scratch, "truth"))
sys.path[0] = bench
import buildable, gtlib, truth  # noqa: E402

ENV = dict(gtlib.ENV, GIT_AUTHOR_NAME="bench", GIT_AUTHOR_EMAIL="bench@example.com", GIT_COMMITTER_NAME="bench",
           GIT_COMMITTER_EMAIL="bench@example.com", GIT_AUTHOR_DATE="2026-01-01T00:00:00Z", GIT_COMMITTER_DATE="2026-01-01T00:00:00Z")


def run(*words):
    return subprocess.run(words, env=ENV, check=True, capture_output=True).stdout.decode(errors="replace").strip()


def split(s):
    """Returns the repository and the inner steps of the series, cut by the program."""
    repo = os.path.join(scratch, "clones", s["repo"])
    if not os.path.isdir(repo):
        run("git", "clone", "-q", "--bare", "--shared", gtlib.repo_dir(s["repo"]), repo)
    if "--refs" not in rest:
        tip = run("git", "-C", repo, "commit-tree", "-p", s["base"], "-m", "squashed", s["tip"] + "^{tree}")
        run(program, "-C", repo, "plan", f"{s['base']}..{tip}", "--name", s["id"], *options)
        run(program, "-C", repo, "split", "--name", s["id"], "--force")
    return repo, gtlib.chain(repo, s["base"], f"refs/heads/cleave/{s['id']}/all")[:-1]


def compiled(s, repo, steps):
    """Returns what BENCH/buildable.py says of the steps."""
    work = buildable.worktree(s["repo"], "git")
    gtlib.git(work, "fetch", "-q", repo, f"refs/heads/cleave/{s['id']}/all")
    if "--full" in rest:
        return buildable.build(s["repo"], "git", steps)
    only, owned = buildable.settle(s, "git", buildable.affected(truth.load(s)[0]))
    return buildable.build(s["repo"], "git", steps, only, owned)


def main():
    with open(os.path.join(bench, "build-results.json")) as f:
        ids = sorted(json.load(f))
    if "--only" in rest:
        ids = rest[rest.index("--only") + 1].split(",")
    by_id = {s["id"]: s for s in gtlib.series()}
    results = {}
    for i in ids:
        repo, steps = split(by_id[i])
        results[i] = r = compiled(by_id[i], repo, steps)
        print(f"{i:<16} {r['ok']:3d} of {r['n']:3d} inner steps compile, {r['seconds']} s", flush=True)
        for step, error in r["errors"].items():
            print(f"    step {step + 1}, {steps[step][:12]}: {error}", flush=True)
    ok, n = (sum(r[k] for r in results.values()) for k in ("ok", "n"))
    whole = sum(r["ok"] == r["n"] for r in results.values())
    print(f"{ok} of {n} inner steps compile = {ok / max(1, n):.1%}; every step of {whole} of {len(results)} series")
    if "--json" in rest:
        with open(rest[rest.index("--json") + 1], "w") as f:
            json.dump(results, f, indent=1)


main()
