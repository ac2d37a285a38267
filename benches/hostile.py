#!/usr/bin/env python3
"""Texts made to break a parser: deep, long, many, broken. git-cleave must cut each without a crash, in time and memory.

usage: hostile.py PROGRAM SCRATCH [--only WORD,..] [--seconds N] [--gib N] [--scale F] [--growth]

Each case is one file of some megabytes, new in one repository and changed in three places of another; `plan` must end with
exit 0, or 1 or 2 and a reason. Prints one line a case: CPU seconds and memory of both. With --growth each is run at half the size too, and
the exponent of the growth is shown (1 is linear). Exit 1 when a case crashes or passes a limit."""
import math, os, resource, shutil, subprocess, sys

args = sys.argv[1:]


def option(name, default):
    return args[args.index(name) + 1] if name in args else default


program, scratch = os.path.abspath(args[0]), os.path.abspath(args[1])
ONLY = [w for w in option("--only", "").split(",") if w]
SECONDS, GIB, SCALE = int(option("--seconds", "20")), float(option("--gib", "4")), float(option("--scale", "1"))
ENV = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", HOME=scratch,
           GIT_AUTHOR_NAME="bench", GIT_AUTHOR_EMAIL="bench@example.com", GIT_COMMITTER_NAME="bench", GIT_COMMITTER_EMAIL="bench@example.com",
           GIT_AUTHOR_DATE="2026-01-01T00:00:00Z", GIT_COMMITTER_DATE="2026-01-01T00:00:00Z")
MAX = 7_500_000  # bytes: what is read as text at all


def body(text):
    return "int f(void)\n{\n" + text + "\n}\n"


def many(n, form):
    return "".join(form.replace("@", str(i)) for i in range(n))


def nest(n, opening, middle, closing):
    return opening * n + middle + closing * n


# Name, path, text by size. The sizes are such that a square law is not to be missed.
CASES = [
    ("one line", "a.c", lambda k: "int a; " * int(1_000_000 * k)),
    ("one line of words", "a.c", lambda k: "word " * int(1_400_000 * k)),
    ("one word", "a.c", lambda k: "w" * int(MAX * k)),
    ("one string", "a.c", lambda k: 'char *s = "' + "x" * int(MAX * k) + '";\n'),
    ("one comment", "a.c", lambda k: "/*" + "x " * int(3_500_000 * k) + "*/\n"),
    ("comment not closed", "a.c", lambda k: "int a;\n/*" + "x\n" * int(3_500_000 * k)),
    ("string not closed", "a.c", lambda k: "char *s = \"\n" * int(600_000 * k)),
    ("comments", "a.c", lambda k: "/**/\n" * int(1_400_000 * k)),
    ("comments on a line", "a.c", lambda k: "/**/ " * int(1_400_000 * k)),
    ("backslashes", "a.c", lambda k: "\\\n" * int(3_500_000 * k)),
    ("macro of many lines", "a.c", lambda k: "#define M \\\n" + "\tx(a); \\\n" * int(700_000 * k) + "\n"),
    ("parentheses", "a.c", lambda k: "int x = " + nest(int(1_000_000 * k), "(", "1", ")") + ";\n"),
    ("parentheses open", "a.c", lambda k: "int x = " + "(" * int(2_000_000 * k)),
    ("parentheses closed", "a.c", lambda k: ")" * int(2_000_000 * k)),
    ("braces", "a.c", lambda k: body(nest(int(1_000_000 * k), "{", "", "}"))),
    ("braces on lines", "a.c", lambda k: body(nest(int(1_000_000 * k), "{\n", "", "}\n"))),
    ("braces open", "a.c", lambda k: "{" * int(2_000_000 * k)),
    ("braces closed", "a.c", lambda k: "}" * int(2_000_000 * k)),
    ("brackets", "a.c", lambda k: "int a" + nest(int(1_000_000 * k), "[", "1", "]") + ";\n"),
    ("calls in calls", "a.c", lambda k: body("x = " + nest(int(1_000_000 * k), "f(", "1", ")") + ";")),
    ("initializers in initializers", "a.c", lambda k: "int a[] = " + nest(int(1_000_000 * k), "{", "1", "}") + ";\n"),
    ("structs in structs", "a.c", lambda k: nest(int(200_000 * k), "struct {\n", "int a;", "\n} m;\n")),
    ("typeof in typeof", "a.c", lambda k: body(nest(int(500_000 * k), "typeof(", "a", ")") + " b;")),
    ("container_of in container_of", "a.c", lambda k: body("x = " + nest(int(200_000 * k), "container_of(", "p", ", struct x, y)") + ";")),
    ("members", "a.c", lambda k: "struct x {\n" + many(int(100_000 * k), "\tint m@;\n") + "};\n"),
    ("members of one name", "a.c", lambda k: "struct x {\n" + "\tint m;\n" * int(200_000 * k) + "};\n"),
    ("members of structs", "a.h", lambda k: "struct x {\n" + many(int(100_000 * k), "\tstruct y@ *m@;\n") + "};\n"),
    ("enum constants", "a.h", lambda k: "enum x {\n" + many(int(200_000 * k), "\tC@,\n") + "};\n"),
    ("initializers", "a.c", lambda k: "int a[] = {\n" + many(int(400_000 * k), "\t@,\n") + "};\n"),
    ("designated", "a.c", lambda k: "struct x a = {\n" + many(int(200_000 * k), "\t.m@ = f@,\n") + "};\n"),
    ("functions", "a.c", lambda k: many(int(100_000 * k), "int f@(int a)\n{\n\treturn f@(a);\n}\n\n")),
    ("functions of one name", "a.c", lambda k: "int f(int a)\n{\n\treturn a;\n}\n\n" * int(100_000 * k)),
    ("functions without space", "a.c", lambda k: many(int(200_000 * k), "int f@(int a){return f@(a);}")),
    ("globals", "a.c", lambda k: many(int(300_000 * k), "int v@;\n")),
    ("globals of one name", "a.c", lambda k: "int v;\n" * int(500_000 * k)),
    ("declarators", "a.c", lambda k: "int a" + many(int(500_000 * k), ", b@") + ";\n"),
    ("parameters", "a.c", lambda k: "int f(int a" + many(int(300_000 * k), ", int b@") + ")\n{\n}\n"),
    ("locals", "a.c", lambda k: body(many(int(200_000 * k), "\tint l@ = l@;\n"))),
    ("scopes", "a.c", lambda k: body(many(int(200_000 * k), "\t{ int l@; l@ = 1; }\n"))),
    ("statements", "a.c", lambda k: body("\tx = y;\n" * int(700_000 * k))),
    ("macros", "a.h", lambda k: many(int(300_000 * k), "#define M@ @\n")),
    ("macros of one name", "a.h", lambda k: "#define M 1\n" * int(500_000 * k)),
    ("includes", "a.h", lambda k: many(int(300_000 * k), "#include <a@.h>\n")),
    ("exports", "a.c", lambda k: many(int(100_000 * k), "int f@(void)\n{\n}\nEXPORT_SYMBOL(f@);\n")),
    ("exports of one", "a.c", lambda k: "int f(void)\n{\n}\n" + "EXPORT_SYMBOL(f);\n" * int(300_000 * k)),
    ("calls at file scope", "a.c", lambda k: many(int(300_000 * k), "module_init(f@)\n")),
    ("ifs in ifs", "a.c", lambda k: many(int(100_000 * k), "#if A@\n") + "int a;\n" + "#endif\n" * int(100_000 * k)),
    ("ifs not closed", "a.c", lambda k: many(int(200_000 * k), "#if A@\nint a@;\n")),
    ("ifs one by one", "a.c", lambda k: many(int(100_000 * k), "#if A@\nint a@;\n#else\nlong a@;\n#endif\n")),
    ("ifs through functions", "a.c", lambda k: many(int(50_000 * k), "#if A@\nint f@(int a)\n#else\nint f@(long a)\n#endif\n{\n}\n")),
    ("elifs", "a.c", lambda k: "#if A\nint a;\n" + many(int(200_000 * k), "#elif A@\nint a@;\n") + "#endif\n"),
    ("elses", "a.c", lambda k: "#if A\n" + "#else\nint a;\n" * int(300_000 * k) + "#endif\n"),
    ("ifs in a function", "a.c", lambda k: body(many(int(100_000 * k), "#ifdef A@\n\tx(@);\n#endif\n"))),
    ("if through a function in ifs", "a.c", lambda k: many(int(50_000 * k), "#if A@\nvoid f@(void) {\n") + "#endif\n" * int(50_000 * k) + "}\n" * int(50_000 * k)),
    ("field chain", "a.c", lambda k: body("\tx" + "->a" * int(1_000_000 * k) + " = 1;")),
    ("sum", "a.c", lambda k: body("\tx = 1" + " + a" * int(1_000_000 * k) + ";")),
    ("nots", "a.c", lambda k: body("\tx = " + "!" * int(2_000_000 * k) + "a;")),
    ("stars", "a.c", lambda k: "int " + "*" * int(2_000_000 * k) + "a;\n"),
    ("ternaries", "a.c", lambda k: body("\tx = " + "a ? b : " * int(500_000 * k) + "c;")),
    ("else ifs", "a.c", lambda k: body("\tif (a)\n\t\tb();\n" + "\telse if (a)\n\t\tb();\n" * int(100_000 * k))),
    ("ifs without braces", "a.c", lambda k: body("\tif (a) " * int(500_000 * k) + ";")),
    ("cases", "a.c", lambda k: body("\tswitch (a) {\n" + many(int(200_000 * k), "\tcase @:\n\t\tb();\n") + "\t}")),
    ("labels", "a.c", lambda k: body(many(int(200_000 * k), "l@:\n\tgoto l@;\n"))),
    ("attributes", "a.c", lambda k: "static " + "__init " * int(700_000 * k) + "int f(void)\n{\n}\n"),
    ("constants", "a.c", lambda k: "static " + "const " * int(1_000_000 * k) + "int a;\n"),
    ("unknown attributes", "a.c", lambda k: "static int " + "__odd " * int(700_000 * k) + "f(void)\n{\n}\n"),
    ("unknown words before a name", "a.c", lambda k: "static int " + "odd " * int(700_000 * k) + "f(void)\n{\n}\n"),
    ("words before a brace", "a.c", lambda k: "struct " + "odd " * int(700_000 * k) + "{ int a; };\n"),
    ("attribute calls", "a.c", lambda k: "static int " + "__acquires(a) " * int(300_000 * k) + "f(void)\n{\n}\n"),
    ("attribute call not closed", "a.c", lambda k: "int f(void) __acquires(" * int(200_000 * k)),
    ("system call", "a.c", lambda k: "SYSCALL_DEFINE6(x" + many(int(200_000 * k), ", int, a@") + ")\n{\n}\n"),
    ("macro call not closed", "a.c", lambda k: "DEFINE_X(a\n" * int(400_000 * k)),
    ("commas", "a.c", lambda k: "," * int(2_000_000 * k)),
    ("semicolons", "a.c", lambda k: ";" * int(2_000_000 * k)),
    ("arrows", "a.c", lambda k: "->" * int(2_000_000 * k)),
    ("hashes", "a.c", lambda k: "#\n" * int(2_000_000 * k)),
    ("quotes", "a.c", lambda k: "'" * int(2_000_000 * k)),
    ("old style heads", "a.c", lambda k: many(int(100_000 * k), "int f@(a, b)\nint a;\nlong b;\n{\n}\n")),
    ("assembly", "a.c", lambda k: body('\tasm volatile("nop" : ' + ", ".join(['"=r" (a)'] * int(300_000 * k)) + ");")),
    ("noise", "a.c", lambda k: os_noise(int(2_000_000 * k), list(range(1, 256)))),
    ("noise of C", "a.c", lambda k: os_noise(int(1_500_000 * k), list(b"(){}[];,*&#\n \"'\\/->.=+ abc012"))),
    ("noise of words", "a.c", lambda k: word_noise(int(400_000 * k))),
    ("latin", "a.c", lambda k: b"int \xe9\xff;\n" * int(500_000 * k)),
    ("late NUL", "a.c", lambda k: b"int a;\n" * int(500_000 * k) + b"\0\0int b;\n"),
    ("carriage returns", "a.c", lambda k: b"int a;\r\n" * int(500_000 * k)),
    ("blank lines", "a.c", lambda k: "\n" * int(3_000_000 * k)),
    ("blanks", "a.c", lambda k: " " * int(MAX * k)),
    ("assembler", "a.S", lambda k: many(int(200_000 * k), "SYM_FUNC_START(f@)\n\tcall\tg@\n")),
    ("linker script", "a.lds", lambda k: nest(int(500_000 * k), "{", " *(.x) ", "}")),
    ("objects on a line", "Makefile", lambda k: "obj-y += " + many(int(500_000 * k), "a@.o ") + "\n"),
    ("objects continued", "Makefile", lambda k: "obj-y += \\\n" + many(int(300_000 * k), "\ta@.o \\\n") + "\n"),
    ("objects line by line", "Makefile", lambda k: many(int(150_000 * k), "obj-$(CONFIG_A@) += a@.o\n")),
    ("composites", "Makefile", lambda k: many(int(100_000 * k), "obj-y += a@.o\na@-objs := b@.o c@.o\n")),
    ("conditions", "Makefile", lambda k: nest(int(200_000 * k), "ifeq ($(A),y)\n", "obj-y += a.o\n", "endif\n")),
    ("dollars", "Makefile", lambda k: "A := " + nest(int(1_000_000 * k), "$(", "a", ")") + "\n"),
    ("continued for nothing", "Makefile", lambda k: "\\\n" * int(2_000_000 * k)),
    ("meson", "meson.build", lambda k: "x = files(\n" + many(int(200_000 * k), "  'a@.c',\n") + ")\n"),
    ("symbols", "Kconfig", lambda k: many(int(100_000 * k), "config A@\n\tbool \"a\"\n\tdepends on B@\n\tselect C@\n\n")),
    ("symbol with many conditions", "Kconfig", lambda k: "config A\n\tbool\n" + many(int(200_000 * k), "\tselect C@ if D@\n")),
    ("condition on a line", "Kconfig", lambda k: "config A\n\tdepends on " + many(int(400_000 * k), "C@ && ") + "D\n"),
    ("deep condition", "Kconfig", lambda k: "config A\n\tdepends on " + nest(int(1_000_000 * k), "(", "B", ")") + "\n"),
    ("menus in menus", "Kconfig", lambda k: nest(int(200_000 * k), "if A\n", "config B\n\tbool\n", "endif\n")),
    ("help", "Kconfig", lambda k: "config A\n\thelp\n" + "\t  words and words\n" * int(300_000 * k)),
    ("nodes", "a.dts", lambda k: "/ {\n" + many(int(100_000 * k), "\tn@: node@@ {\n\t\tcompatible = \"a,b@\";\n\t};\n") + "};\n"),
    ("nodes in nodes", "a.dts", lambda k: nest(int(300_000 * k), "n { ", "", "}; ")),
    ("cells", "a.dts", lambda k: "/ { a = <" + "1 " * int(2_000_000 * k) + ">; };\n"),
    ("compatibles", "a.dts", lambda k: "/ { compatible = \"a\"" + many(int(300_000 * k), ", \"b,@\"") + "; };\n"),
    ("binding", "Documentation/devicetree/bindings/a.yaml", lambda k: "properties:\n  compatible:\n    enum:\n" + many(int(200_000 * k), "      - a,b@\n")),
    ("deep binding", "Documentation/devicetree/bindings/a.yaml", lambda k: "a: " + nest(int(1_000_000 * k), "[", "", "]") + "\n"),
    ("document", "Documentation/a.rst", lambda k: many(int(100_000 * k), "paragraph @ of f() and struct x@\n\n")),
    ("document without blank lines", "Documentation/a.rst", lambda k: many(int(300_000 * k), "line @ of f() and struct x@\n")),
    ("document on a line", "Documentation/a.rst", lambda k: "words of f() " * int(500_000 * k)),
    ("document of stars", "Documentation/a.rst", lambda k: "*" * int(3_000_000 * k)),
    ("document of backquotes", "Documentation/a.rst", lambda k: ("`" * 999 + " ") * int(3_000 * k)),
    ("sections", "MAINTAINERS", lambda k: many(int(50_000 * k), "SECTION @\nM:\tA <a@example.org>\nF:\tdir@/*\n\n")),
    ("sections of one name", "MAINTAINERS", lambda k: "SECTION\nM:\tA <a@example.org>\nF:\tdir/*\n\n" * int(50_000 * k)),
    ("patterns", "MAINTAINERS", lambda k: "SECTION\nM:\tA <a@example.org>\n" + many(int(200_000 * k), "F:\tdir@/*/a?\n")),
    ("stars of a pattern", "MAINTAINERS", lambda k: "SECTION\nM:\tA <a@example.org>\nF:\t" + "*/" * int(100_000 * k) + "\nF:\t" + "a*" * int(100_000 * k) + "\n"),
    ("expressions", "MAINTAINERS", lambda k: "SECTION\nM:\tA <a@example.org>\n" + many(int(20_000 * k), "N:\tname@\nK:\t\\bword@\\b\n")),
    ("hard expressions", "MAINTAINERS", lambda k: "SECTION\nM:\tA <a@example.org>\nN:\t" + "(M+)+" * int(2_000 * k) + "$\nK:\t" + nest(int(5_000 * k), "(", "a", ")*") + "\n"),
    ("counted expressions", "MAINTAINERS", lambda k: "SECTION\nM:\tA <a@example.org>\nN:\t(((((a{99}){99}){99}){99}){99}){99}\nK:\t" + "a?" * int(20_000 * k) + "\n"),
    ("address", "MAINTAINERS", lambda k: "SECTION\nM:\t" + '"' * int(500_000 * k) + " <a@example.org>\nM:\t" + "<" * int(500_000 * k) + "\nF:\t*\n"),
    ("addresses", "MAINTAINERS", lambda k: "SECTION\n" + many(int(50_000 * k), "M:\tA B. @ <a@@example.org>\n") + "F:\t*\n"),
    ("map of names", ".mailmap", lambda k: many(int(100_000 * k), "A B <a@@example.org> <b@@example.org>\n")),
    ("owners of code", "CODEOWNERS", lambda k: many(int(100_000 * k), "/dir@/**/a*.c @@a\n")),
    ("stars of owners", "CODEOWNERS", lambda k: "**/" * int(100_000 * k) + " @a\n" + "*a" * int(100_000 * k) + " @b\n"),
    ("settings", ".cleave.toml", lambda k: "patches = " + nest(int(500_000 * k), "[", "", "]") + "\n"),
    ("settings in tables", ".cleave.toml", lambda k: many(int(100_000 * k), "[a@]\nb = 1\n")),
]


def os_noise(n, alphabet):
    import random
    return bytes(random.Random(1).choices(alphabet, k=n))


def word_noise(n):
    import random
    words = b"if else while for do switch case return struct union enum typedef int static inline extern void ( ) { } [ ] ; , * & = -> . \n x y z #if\n #endif\n #else\n #define\x20A __init EXPORT_SYMBOL( typeof( \"s\" 'c' 1 : ?".split(b" ")
    return b" ".join(random.Random(1).choices(words, k=n))


def git(repo, *words, **more):
    return subprocess.run(["git", "-C", repo, *words], env=ENV, check=True, capture_output=True, **more).stdout


def repository(name, path, text):
    """One repository with the tags empty, old and new: `new` changes `old` near its beginning, its middle and its end."""
    repo = os.path.join(scratch, "hostile", name.replace(" ", "-"))
    shutil.rmtree(repo, ignore_errors=True)
    os.makedirs(os.path.join(repo, os.path.dirname(path)))
    git(repo, "init", "-q", "--template=")

    def commit(tag, data):
        with open(os.path.join(repo, "other.c"), "ab") as other:
            other.write(b"int other_%s(void)\n{\n\treturn 0;\n}\n\n" % tag.encode())
        if data is not None:
            with open(os.path.join(repo, path), "wb") as file:
                file.write(data)
        git(repo, "add", "-A")
        git(repo, "commit", "-q", "-m", tag)
        git(repo, "tag", tag)

    commit("empty", None)
    commit("old", text)
    places = [len(text) // 100, len(text) // 2, len(text) - len(text) // 100]
    changed = text[:places[0]] + b" x " + text[places[0]:places[1]] + b" y\n" + text[places[1]:places[2]] + b" z " + text[places[2]:]
    commit("new", changed)
    return repo


def limits():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(repo, span):
    """(outcome, CPU seconds, MiB)"""
    command = ["/usr/bin/time", "-f", "%U %S %M", program, "-C", repo, "plan", span, "--name", "x"]
    done = subprocess.run(command, env=ENV, capture_output=True, preexec_fn=limits)
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    words = " ".join(lines[:-1])
    user, system, kib = lines[-1].split()
    seconds, mib = float(user) + float(system), int(kib) // 1024
    if "panicked" in words or done.returncode not in (0, 1, 2) or any("terminated by signal" in l for l in lines):
        outcome = "time" if "signal 24" in words or "signal 9" in words else "CRASH"
        if outcome == "CRASH" and words:
            print("   ", words[:300])
    elif mib > GIB * 1024:
        outcome = "memory"
    else:
        outcome = "ok" if done.returncode == 0 else "no"
    return outcome, seconds, mib


def measure(name, path, make, scale):
    text = make(scale)
    text = text.encode() if isinstance(text, str) else text
    repo = repository(name, path, text)
    out = [len(text)] + [run(repo, span) for span in ("old..new", "empty..old")]
    shutil.rmtree(repo)
    return out


bad = 0
print(f"{'case':32} {'path':16} {'MB':>5}   {'changed: CPU s, MiB':24} {'new: CPU s, MiB':24}", flush=True)
for name, path, make in CASES:
    if ONLY and not any(w in name or w == path for w in ONLY):
        continue
    size, *runs = measure(name, path, make, SCALE)
    cells = [f"{outcome} {seconds:.1f} {mib}" for outcome, seconds, mib in runs]
    if "--growth" in args:
        _, *halves = measure(name, path, make, SCALE / 2)
        for i, (one, half) in enumerate(zip(runs, halves)):
            cells[i] += f" ^{math.log2(max(one[1], 0.02) / max(half[1], 0.02)):.1f}"
    bad += sum(not outcome.startswith(("ok", "no")) for outcome, *_ in runs)
    print(f"{name:32} {path[-16:]:16} {size / 1e6:5.1f}   {cells[0]:24} {cells[1]:24}", flush=True)
print(f"{bad} bad" if bad else "all within limits")
sys.exit(bool(bad))
