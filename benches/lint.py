#!/usr/bin/env python3
"""What lint says of patches that careful maintainers took: rule x repository x count, and a sample to look at.

    lint.py BINARY [--kernel REPO] [--n 200] [--seed 1] [--sample 50] [--json FILE]

MIRROR_ROOT holds bare mirrors (git+git/repo, u-boot+u-boot/repo, xen-project+xen/repo, DPDK+dpdk/repo) and, for --kernel (a clone that has
the branch 'base', a tree of Linux), the archive linux-mailinglist-archives+linux-s390.vger.kernel.org.0/repo, one mail a commit, file "m".
Of each mirror N commits without merges are drawn from the newest 5,000, of the archive N patches of the newest 20,000 mails; with --kernel
also the gmap v4 posting, whole. Such patches were accepted as they are: a rule that fires on more than 5 % of them is suspect.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile

MIRRORS = ["git+git", "u-boot+u-boot", "xen-project+xen", "DPDK+dpdk"]
ARCHIVE = "linux-mailinglist-archives+linux-s390.vger.kernel.org.0"
GMAP = "KVM: s390: .*|KVM: Do not restrict the size of KVM-internal memory regions"


def git(repo, *words, text=True):
    return subprocess.run(["git", "-C", str(repo), *words], check=True, capture_output=True, text=text, errors="replace" if text else None).stdout


def lint(binary, repo, *words):
    done = subprocess.run([binary, "-C", str(repo), "lint", "--no-checkpatch", "--format", "json", *words], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def commits(repo, n, rng):
    drawn = rng.sample(git(repo, "log", "-n5000", "--no-merges", "--min-parents=1", "--format=%H").split(), n)
    return [f"{commit}^..{commit}" for commit in drawn]


def patches(archive, kernel, n, rng):
    tops = set(git(kernel, "ls-tree", "--name-only", "base").splitlines())
    lines = git(archive, "log", "-n20000", "--format=%H %s").splitlines()
    wanted = [line.split(" ", 1) for line in lines if re.match(r"\w+ \[[^]]*PATCH[^]]*\]", line) and "RFC" not in line and "kvm-unit-tests" not in line and " 00/" not in line and " 0/" not in line]
    drawn = []
    for commit, _ in rng.sample(wanted, len(wanted)):
        # The list sees patches of QEMU and of tests too, which go by other rules.
        mail = git(archive, "show", f"{commit}:m")
        folders = set(re.findall(r"^diff --git a/([^/ \n]+)", mail, re.M))
        if folders and folders <= tops and "qemu-devel@nongnu.org" not in mail:
            drawn.append(commit)
        if len(drawn) == n:
            break
    return drawn


def gmap(archive):
    """The mails of version 4, cover first, as they are in the archive."""
    lines = git(archive, "log", "--since=2025-01-20", "--until=2025-01-30", "--format=%H %s").splitlines()
    found = {}
    for line in lines:
        commit, subject = line.split(" ", 1)
        if tag := re.match(r"\[PATCH v4 (\d+)/15\]", subject):
            found.setdefault(int(tag[1]), commit)
    return [found[number] for number in sorted(found)]


def write(archive, folder, ids):
    folder.mkdir()
    for place, commit in enumerate(ids):
        (folder / f"{place:04}.patch").write_bytes(git(archive, "show", f"{commit}:m", text=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--kernel")
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--json")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    root = pathlib.Path(os.environ["MIRROR_ROOT"])
    rng = random.Random(args.seed)
    found = {}
    for name in MIRRORS:
        repo = root / name / "repo"
        ranges = commits(repo, args.n, rng)
        found[name] = [finding for at in range(0, len(ranges), 50) for finding in lint(binary, repo, *ranges[at : at + 50])]
    if args.kernel:
        archive = root / ARCHIVE / "repo"
        with tempfile.TemporaryDirectory() as scratch:
            single, posting = pathlib.Path(scratch, "single"), pathlib.Path(scratch, "gmap-v4")
            write(archive, single, patches(archive, args.kernel, args.n, rng))
            write(archive, posting, gmap(archive))
            files = sorted(str(path) for path in single.iterdir())
            found["linux-s390"] = lint(binary, args.kernel, "--base", "base", *files)
            found["gmap-v4"] = lint(binary, args.kernel, "--base", "base", str(posting))
    table = collections.Counter((finding["rule"], name) for name, findings in found.items() for finding in {(f["rule"], f["mail"]): f for f in findings}.values())
    rules = sorted({rule for rule, _ in table})
    print(f"{'mails with a finding':24}" + "".join(f"{name.split('+')[0]:>13}" for name in found))
    for rule in rules:
        print(f"{rule:24}" + "".join(f"{table[rule, name] or '-':>13}" for name in found))
    for severity in ["error", "warning", "note"]:
        print(f"{severity + 's':24}" + "".join(f"{sum(f['severity'] == severity for f in findings):>13}" for findings in found.values()))
    everything = [(name, finding) for name, findings in found.items() for finding in findings]
    for name, finding in rng.sample(everything, min(args.sample, len(everything))):
        place = finding["path"] or finding["header"] or ""
        print(f"\n{name}: {finding['mail']}\n  {finding['severity']} {finding['rule']}: {finding['message']}\n  {place}:{finding['line']}: {finding['text']}")
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(found, indent=1))


main()
