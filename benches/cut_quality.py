#!/usr/bin/env python3
"""How well git-cleave finds the cut of real posted series again.

usage: cut_quality.py BENCH PROGRAM SCRATCH [--smoke] [--told] [--only ID,..] [--json FILE] [-- OPTION..]

The words are those of series.py. Each series is squashed to one commit, so that nothing of the author's commits is seen; `--told` tells
the number of the author's patches (`-n`). Prints one line a series, then the means, the share of series with half to twice as many patches as the
author's, and of pairs of patches in which one defines what the other uses, how many have the definition first."""
import os, re, subprocess, sys, time

from series import ENV, clone, cut, each, git, gtlib, rest, truth

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
    tip = git(repo, "commit-tree", "-p", s["base"], "-m", "squashed", s["tip"] + "^{tree}").decode().strip()
    told = ["-n", str(len(set(truth.load(s)[1]) - {-1}))] if "--told" in rest else []
    t = time.time()
    res, ref = cut(repo, s, tip, s["id"], *told)
    if "error" not in res:
        res = dict(res, defs=definition_pairs(repo, s["base"], gtlib.chain(repo, s["base"], ref)))
    return dict(res, took=time.time() - t)


def definitions(good):
    ok, n = (sum(r["defs"][i] for r in good) for i in (0, 1))
    return f"  definition first {ok}/{n} = {ok / max(1, n):.1%}"


each(run, lambda r: f"  {r['took']:.2f} s", definitions)
