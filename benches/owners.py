"""Who is asked, held against the project's own get_maintainer.pl.

    owners.py PROGRAM REPO REV EXPECTED.json [--script TREE] [--mails MIRROR]   recorded answers: of files, or of patches (commits of MIRROR with a file m)
    owners.py PROGRAM TREE --files N | --patches N                              answers of TREE's own script, run here, on every n-th file or commit
    owners.py PROGRAM REPO REV --all                                            seconds for all files of a tree in one call

TREE is checked out. Where two sections claim a path at one depth, the script prints them in the order of a Perl hash, which differs from run to run: an answer
that is not equal counts as 'another order' when the script gives it in one of 24 runs with PERL_HASH_SEED 0..23 (recorded answers: in TREE, given by --script)."""
import argparse, json, os, subprocess, sys, tempfile, time

p = argparse.ArgumentParser(usage=__doc__)
p.add_argument("program"), p.add_argument("repo"), p.add_argument("rest", nargs="*")
p.add_argument("--script"), p.add_argument("--mails"), p.add_argument("--all", action="store_true")
p.add_argument("--files", type=int), p.add_argument("--patches", type=int)
a = p.parse_args()
program = os.path.abspath(a.program)


def run(*words, cwd=None, inp=None, env=None):
    return subprocess.run(words, cwd=cwd, input=inp, env=env, capture_output=True).stdout


def ours(*words, inp=None):
    return run(program, "-C", a.repo, "owners", "--roles", *words, inp=inp)


def script(tree, *words, seed=None):
    env = dict(os.environ, **({} if seed is None else {"PERL_HASH_SEED": str(seed)}))
    return run("perl", "scripts/get_maintainer.pl", "--no-git", "--no-git-fallback", "--roles", *words, cwd=tree, env=env)


def compare(cases, tree):
    """Each case: what it is called, our words, the script's words, the recorded answer or none."""
    equal, other, wrong, n = 0, 0, [], 0
    for name, mine, theirs, expected in cases:
        n += 1
        got = ours(*mine)
        if got == (script(tree, *theirs) if expected is None else expected):
            equal += 1
        elif tree and any(script(tree, *theirs, seed=seed) == got for seed in range(24)):
            other += 1
            print("another order:", name)
        else:
            wrong.append(name)
            print("different:", name)
    print(f"{equal} equal, {other} equal in another order of Perl's hash, {len(wrong)} different, of {n}")
    return not wrong


def every(items, n):
    step = max(1, len(items) // n)
    return items[step // 2::step][:n]


with tempfile.TemporaryDirectory() as scratch:
    def kept(name, text):
        path = os.path.join(scratch, name)
        open(path, "wb").write(text)
        return path

    if a.all:
        paths = run("git", "-C", a.repo, "ls-tree", "-r", "-z", "--name-only", a.rest[0])
        start = time.time()
        out = ours("--rev", a.rest[0], "--stdin", "-z", inp=paths)
        print(f"{paths.count(0)} files, {out.count(0) // 2} lines, {time.time() - start:.2f} s wall")
        sys.exit(0)
    if a.files or a.patches:
        if a.files:
            names = [f for f in run("git", "-C", a.repo, "ls-files", "-z").decode("utf-8", "surrogateescape").split("\0")
                     if f and os.path.isfile(os.path.join(a.repo, f))]
            cases = [(f, [f], ["-f", f], None) for f in every(names, a.files)]
        else:
            commits = run("git", "-C", a.repo, "log", "--no-merges", "--format=%H", f"-n{a.patches * 20}").decode().split()
            files = [kept(c, run("git", "-C", a.repo, "format-patch", "--stdout", "-1", c)) for c in every(commits, a.patches)]
            cases = [(f, ["--patch", f], [f], None) for f in files]
        sys.exit(0 if compare(cases, a.repo) else 1)
    rev, recorded = a.rest[0], json.load(open(a.rest[1]))
    if "files" in recorded:
        cases = [(x["file"], ["--rev", rev, x["file"]], ["-f", x["file"]], x["stdout"].encode()) for x in recorded["files"]]
    else:
        cases = []
        for x in recorded["patches"]:
            f = kept(x["mail"], run("git", "-C", a.mails, "show", x["mail"] + ":m"))
            cases.append((x["mail"], ["--rev", rev, "--patch", f], [f], x["stdout"].encode()))
    sys.exit(0 if compare(cases, a.script) else 1)
