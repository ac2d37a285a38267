#!/usr/bin/env python3
"""b4.py PROGRAM B4 REPO RANGE SCRATCH: does b4 take the branches that `mail --b4` writes?

Works in a clone of REPO that checks out the changed files alone, with scripts/ where there is one. For each series: `b4 prep --show-info` says
revision, change id, base and prerequisites as the plan has them; `b4 prep --check` runs; `b4 send -o` writes a mail for each patch (and the
cover letter) to everybody whom the plan names; the trees after `git am` of these mails are those of the series. The user's configuration is
the same afterwards.
"""
import email, email.policy, email.utils, json, os, pathlib, re, shutil, subprocess, sys

program, b4, repo, (base, tip), scratch = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2]), os.path.realpath(sys.argv[3]), sys.argv[4].split(".."), pathlib.Path(sys.argv[5]).absolute()
shutil.rmtree(scratch, ignore_errors=True)
clone = scratch / "clone"
run = lambda *words: subprocess.run([str(word) for word in words], cwd=clone, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
git = lambda *words: run("git", *words).stdout.strip()
subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", repo, clone], check=True)
for end in (base, tip):
    git("fetch", "-q", repo, f"{end}:refs/tags/{end}")
# b4 wants covers of this year and of its user, and sends nothing without a server's name.
identity = {"user.name": "bench", "user.email": "bench@example.org", "sendemail.smtpServer": "localhost", "b4.send-no-patatt-sign": "yes"}
for key, value in identity.items():
    git("config", key, value)
changed = git("diff", "--name-only", "--no-renames", base, tip).splitlines()
git("config", "core.sparseCheckout", "true")
(clone / ".git/info").mkdir(exist_ok=True)
(clone / ".git/info/sparse-checkout").write_text("".join(f"/{path}\n" for path in [*changed, "scripts/checkpatch.pl", "scripts/spelling.txt", "Kconfig"]))
tree = git("rev-parse", f"{tip}^{{tree}}")
now = git("commit-tree", tree, "-p", base, "-m", git("log", "-1", "--format=%s", tip), "-m", "Only to see whether it can be sent.", "-m", "Signed-off-by: bench <bench@example.org>")
plan = json.loads(run(program, "plan", f"{base}..{now}", "--name", "x", "--format", "json").stdout)
before = git("config", "--list", "--local")
printed = run(program, "mail", "--name", "x", "--b4", "-o", scratch / "out", *os.environ.get("MAIL_OPTIONS", "").split()).stdout
print(printed[-1500:])
addresses = lambda mail: {address for _, address in email.utils.getaddresses([re.sub(r"\s+", " ", str(mail.get(field) or "")) for field in ("To", "Cc")]) if address}
for series in plan["series"]:
    name, n_patches = series["name"], len(series["patches"])
    git("checkout", "-q", f"cleave/x/b4/{name}")
    info = dict(line.split(": ", 1) for line in run(b4, "--offline-mode", "prep", "--show-info").stdout.splitlines() if ": " in line)
    assert info["revision"] == "1" and info["change-id"] and info["needs-recipients"] == "False" and info["needs-editing"] == "False", info
    # What b4 calls the base is the cover's parent; mails name the public one.
    checked = subprocess.run([b4, "--offline-mode", "prep", "--check"], cwd=clone, capture_output=True, text=True)
    assert re.search(r"Success: \d+, Warning: \d+, Error: \d+", checked.stdout + checked.stderr) or "Not able to find checkpatch" in checked.stderr, checked
    out = scratch / "b4" / name
    run(b4, "--offline-mode", "send", "-o", out)
    mails = sorted(out.iterdir())
    assert len(mails) == n_patches + (n_patches > 1), (name, n_patches, mails)
    written = [email.message_from_bytes(path.read_bytes().split(b"\n", 1)[1]) for path in sorted((scratch / "out" / name).iterdir())]
    wanted = set().union(*map(addresses, written))
    first = email.message_from_bytes(mails[0].read_bytes())
    text = first.get_payload(decode=True).decode()
    assert f"base-commit: {git('rev-parse', base + '^{commit}')}" in text, text
    needed = sum(len(one["patches"]) for one in plan["series"] if one["name"] in series["needs"])
    assert text.count("prerequisite-patch-id: ") >= needed and text.count("prerequisite-change-id: ") >= len(series["needs"]), text
    for path in mails:
        mail = email.message_from_bytes(path.read_bytes())
        missing = wanted - addresses(mail) - {"bench@example.org"}
        assert not missing, (name, path.name, missing)
    start = git("rev-parse", f"cleave/x/{name}~{n_patches}")
    git("checkout", "-q", "--detach", start)
    for path in mails[n_patches > 1:]:
        git("am", "-q", str(path))
    assert git("rev-parse", "HEAD^{tree}") == git("rev-parse", f"cleave/x/{name}^{{tree}}"), name
assert git("config", "--list", "--local") == before
print(f"{len(plan['series'])} series: show-info, check and send -o as planned; git am of b4's mails gives the trees of the series")
