#!/usr/bin/env python3
"""How well git-cleave finds the cut of real posted series again, from a branch that was made a mess of.

usage: messy.py BENCH PROGRAM SCRATCH [--mixed] [--smoke] [--only ID,..] [--json FILE] [-- OPTION..]

Of each series, three commits of the author in a row become one, whose message is their messages one after another, as a squash in
`git rebase -i` leaves them. `--mixed` goes further: each of these commits has a quarter of its hunks swapped away into the commits
beside it, messages stay. The words are those of series.py. The cut is scored against the author's own commits. Prints one line a
series, then the means."""
import hashlib, os, tempfile

from series import ENV, clone, cut, each, git, rest

TOGETHER = 3


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
    return cut(repo, s, messy(repo, s), "messy-" + s["id"])[0]


each(run)
