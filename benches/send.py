#!/usr/bin/env python3
"""send.py PROGRAM REPO RANGE SCRATCH [--hostile]: the mails of a range, really sent and really applied.

Works in a clone of REPO that shares its objects and checks out the changed files alone. `git send-email` sends what `mail` printed to a
server on the loopback interface; then: every mail arrived once, each replies to its cover letter, recipients are those of its headers as
written, `git am` takes each series on its base and what it needs, and all of them together give the tip's tree. --hostile sets the
sendemail.* configuration that adds, drops and renames people.
"""
import email, email.policy, email.utils, json, os, pathlib, re, shutil, socketserver, subprocess, sys, threading, time

args = [word for word in sys.argv[1:] if not word.startswith("--")]
program, repo, (base, tip), scratch = os.path.realpath(args[0]), os.path.realpath(args[1]), args[2].split(".."), pathlib.Path(args[3]).absolute()
received = []


class Sink(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 sink")
        recipients = []
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO":
                say("250-sink\r\n250 8BITMIME")
            elif verb == b"RCPT":
                recipients.append(re.search(rb"<(.*?)>", line).group(1).decode())
                say("250 ok")
            elif verb == b"DATA":
                say("354 go on")
                body = []
                for line in self.rfile:
                    if line == b".\r\n":
                        break
                    body.append(line.removeprefix(b".").removesuffix(b"\r\n") + b"\n")
                received.append((recipients, b"".join(body)))
                recipients = []
                say("250 ok")
            elif verb == b"QUIT":
                return say("221 bye")
            else:
                say("250 ok")


def head(raw):
    mail = email.message_from_bytes(raw.split(b"\n", 1)[1] if raw.startswith(b"From ") else raw, policy=email.policy.compat32)
    field = lambda name: re.sub(r"\s+", " ", str(mail.get(name) or "")).strip()
    people = {address for _, address in email.utils.getaddresses([field("To"), field("Cc")]) if address}
    return field("Message-ID"), field("In-Reply-To"), field("Subject"), people


shutil.rmtree(scratch, ignore_errors=True)
clone = scratch / "clone"
git = lambda *words, **more: subprocess.run(["git", *words], cwd=clone, check=True, capture_output=True, text=True, **more).stdout.strip()
subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", repo, clone], check=True)
for end in (base, tip):
    git("fetch", "-q", repo, f"{end}:refs/tags/{end}")
for key, value in {"user.name": "bench", "user.email": "bench@example.org"}.items():
    git("config", key, value)
# Every change says why.
message = ("-m", git("log", "-1", "--format=%s", tip), "-m", "Only to see whether it can be sent.", "-m", "Signed-off-by: bench <bench@example.org>")
git("tag", "-f", tip, git("commit-tree", git("rev-parse", f"{tip}^{{tree}}"), "-p", base, *message))
subprocess.run([program, "plan", f"{base}..{tip}", "--name", "x"], cwd=clone, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
plan = json.loads(subprocess.run([program, "plan", f"{base}..{tip}", "--name", "x", "--format", "json"], cwd=clone, check=True,
                                 capture_output=True).stdout)
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink)
threading.Thread(target=server.serve_forever, daemon=True).start()
settings = {"smtpServer": "127.0.0.1", "smtpServerPort": str(server.server_address[1]), "smtpDomain": "localhost.localdomain", "confirm": "never"}
if "--hostile" in sys.argv:
    settings |= {"to": "to@evil.example", "cc": "cc@evil.example", "bcc": "bcc@evil.example", "toCmd": "echo t@evil.example #", "ccCmd": "echo c@evil.example #",
                 "headerCmd": "echo 'Cc: h@evil.example' #", "toCover": "true", "ccCover": "true", "signedOffByCc": "true", "suppressCc": "all",
                 "suppressFrom": "false", "thread": "true", "chainReplyTo": "true", "transferEncoding": "base64"}
for key, value in settings.items():
    git("config", f"sendemail.{key}", value)
start = time.time()
printed = subprocess.run([program, "mail", "--no-lint", "--name", "x", "-o", scratch / "out", *os.environ.get("MAIL_OPTIONS", "").split()], cwd=clone,
                         check=True, capture_output=True, text=True).stdout
print(f"mails made in {time.time() - start:.1f} s")
start = time.time()
sent = subprocess.run(["sh", "-e", "-c", printed[printed.index("  send() {"):].replace("\n  # send ", "\n  send ")], cwd=clone, capture_output=True, text=True)
assert sent.returncode == 0, sent.stderr[-2000:]
print(f"{len(received)} mails sent in {time.time() - start:.1f} s")

arrived = {}
for recipients, raw in received:
    message_id = head(raw)[0]
    assert message_id not in arrived, f"twice: {message_id}"
    arrived[message_id] = (recipients, raw)
written = {one["name"]: [path.read_bytes() for path in sorted((scratch / "out" / one["name"]).iterdir())] for one in plan["series"]}
assert sum(map(len, written.values())) == len(received)
people = set()
for name, mails in written.items():
    cover = head(mails[0])[0]
    for idx, raw in enumerate(mails):
        recipients, got = arrived[head(raw)[0]]
        assert head(got) == head(raw), (head(got), head(raw))
        assert sorted(recipients) == sorted(head(raw)[3]), (name, recipients, head(raw)[3])
        assert head(raw)[1] == (cover if idx else ""), name
        people |= head(raw)[3]
print(f"each once, in its thread, to those whom it names: {len(written)} series, {len(people)} people and lists")

changed = git("diff", "--name-only", "--no-renames", base, tip)
git("config", "core.sparseCheckout", "true")
(clone / ".git/info").mkdir(exist_ok=True)
(clone / ".git/info/sparse-checkout").write_text("".join(f"/{path}\n" for path in changed.splitlines()))


def am(name):
    for raw in written[name]:
        got = arrived[head(raw)[0]][1]
        if re.search(r" 0+/\d+\]", head(raw)[2]):
            continue
        (scratch / "mail").write_bytes(got)
        git("am", "-q", "--keep-cr", str(scratch / "mail"))


needs = {one["name"]: one["needs"] for one in plan["series"]}
every = lambda name: dict.fromkeys(more for own in needs if own in needs[name] for more in (*every(own), own))
for name in needs:
    git("checkout", "-q", "--detach", base)
    for one in (*every(name), name):
        am(one)
print(f"git am: each of {len(needs)} series on its base and what it needs")
git("checkout", "-q", "--detach", base)
for name in needs:
    am(name)
assert git("rev-parse", "HEAD^{tree}") == git("rev-parse", f"{tip}^{{tree}}")
print("git am: all in order, the tip's tree")
