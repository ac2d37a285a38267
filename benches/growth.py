#!/usr/bin/env python3
"""How the cost of `plan` grows with the number of edits.

usage: growth.py PROGRAM SCRATCH [--sizes 1000,10000,100000] [--shape wide|deep|both] [--keep]

Makes two repositories of each size: wide, ten edits a file over many files (a field renamed, a call changed, a function added,
in folders with owners of their own), and deep, all edits in one file. Prints edits, patches, CPU seconds, memory, and the exponent from
one size to the next: 1 is linear, n log n is at most 1.1 at these sizes. Exit 1 above 1.2."""
import math, os, shutil, subprocess, sys

args = sys.argv[1:]


def option(name, default):
    return args[args.index(name) + 1] if name in args else default


program, scratch = os.path.abspath(args[0]), os.path.abspath(args[1])
SIZES = [int(n) for n in option("--sizes", "1000,10000,100000").split(",")]
SHAPE = option("--shape", "both")
ENV = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", HOME=scratch,
           GIT_AUTHOR_NAME="bench", GIT_AUTHOR_EMAIL="bench@example.com", GIT_COMMITTER_NAME="bench", GIT_COMMITTER_EMAIL="bench@example.com",
           GIT_AUTHOR_DATE="2026-01-01T00:00:00Z", GIT_COMMITTER_DATE="2026-01-01T00:00:00Z")


def function(name, i, tip):
    field, helper = ("line", "get_line") if tip and i % 3 == 0 else ("irq", "get_irq")
    call = f"\treturn {helper}(dev, {i % 7});\n" if i % 2 else f"\treturn dev->{field} + {i % 7};\n"
    if tip and i % 3 == 1:
        call = f"\tcheck_{i % 11}(dev);\n" + call
    return f"static int {name}_{i}(struct device_{i % 5} *dev)\n{{\n\tif (!dev)\n\t\treturn -EINVAL;\n{call}}}\n\n"


def text(name, n_functions, tip):
    """A file in which two of three functions change."""
    out = [f"#include <linux/{name}.h>\n\n"]
    for i in range(n_functions):
        out.append(function(name, i, tip))
        if tip and i % 15 == 2:
            out.append(f"static int {name}_new_{i}(void)\n{{\n\treturn {i};\n}}\n\n")
    return "".join(out)


def git(repo, *words):
    return subprocess.run(["git", "-C", repo, *words], env=ENV, check=True, capture_output=True).stdout


def repository(shape, n_edits):
    repo = os.path.join(scratch, "growth", f"{shape}-{n_edits}")
    shutil.rmtree(repo, ignore_errors=True)
    os.makedirs(repo)
    git(repo, "init", "-q", "--template=")
    n_files = max(1, n_edits // 10) if shape == "wide" else 1
    n_functions = n_edits // n_files * 15 // 11
    n_folders = max(1, min(n_files // 20, 200))
    owners = "".join(f"FOLDER {i}\nM:\tA {i} <a{i}@example.org>\nF:\td{i}/\n\n" for i in range(n_folders))
    for tip in (False, True):
        for i in range(n_files):
            path = os.path.join(repo, f"d{i % n_folders}", f"f{i}.c")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text(f"f{i}", n_functions, tip))
        with open(os.path.join(repo, "MAINTAINERS"), "w") as file:
            file.write(owners)
        git(repo, "add", "-A")
        git(repo, "commit", "-q", "-m", "tip" if tip else "base")
        git(repo, "tag", "tip" if tip else "base")
    return repo


def run(repo):
    """(edits, patches, CPU seconds, MiB)"""
    command = ["/usr/bin/time", "-f", "%U %S %M", program, "-C", repo, "plan", "base..tip", "--name", "x", "--format", "json"]
    done = subprocess.run(command, env=ENV, capture_output=True)
    if done.returncode:
        sys.exit(done.stderr.decode())
    user, system, kib = done.stderr.decode().strip().splitlines()[-1].split()
    with open(os.path.join(repo, ".git/cleave/plans/x/plan.toml")) as file:
        plan = file.read()
    return plan.count(" | "), plan.count("[[patch]]"), float(user) + float(system), int(kib) // 1024


bad = False
for shape in ("wide", "deep") if SHAPE == "both" else (SHAPE,):
    before = None
    for size in SIZES:
        repo = repository(shape, size)
        edits, patches, seconds, mib = run(repo)
        grows = ""
        if before:
            exponent = math.log(seconds / before[1]) / math.log(edits / before[0])
            grows, bad = f"  ^{exponent:.2f}", bad or exponent > 1.2
        print(f"{shape:5} {edits:7} edits {patches:5} patches {seconds:7.2f} CPU s {mib:5} MiB{grows}", flush=True)
        before = edits, seconds
        if "--keep" not in args:
            shutil.rmtree(repo)
sys.exit(bad)
