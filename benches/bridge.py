#!/usr/bin/env python3
"""bridge.py PROGRAM REPO RANGE SOURCE BUILD SCRATCH [--orders N] [--seed S] [--code]

Does every order of the series that stand between a bridge and its removal build?

Plans and splits RANGE in REPO (a clone of your own: refs are written), then applies the series in N random orders, each after those it
needs, to the files of the base. At every step of every order, each object of BUILD whose source the range touches is checked: the
compiler command that kbuild saved for it (`.X.o.cmd`) is run again over that step's files with -fsyntax-only. What an object sees of a
step is its own source and the touched headers it includes, so each such state is compiled once, however many steps show it.

SOURCE is the tree that BUILD was made from, checked out at the base; it is only read. With --code, objects are also compiled without
debug information at the base, with the bridge, with all users converted, and at the tip, and must be the same bytes.

The checks must bite: taking the old name out right after it was bridged, without the users, has to fail."""
import argparse, hashlib, json, os, random, re, shlex, shutil, subprocess, sys, time, resource
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

parser = argparse.ArgumentParser(usage=__doc__)
for name in ['program', 'repo', 'range', 'source', 'build', 'scratch']:
    parser.add_argument(name)
parser.add_argument('--orders', type=int, default=20)
parser.add_argument('--seed', type=int, default=1)
parser.add_argument('--workers', type=int, default=2)
parser.add_argument('--code', action='store_true')
args = parser.parse_args()
NAME = 'bench-bridge'
base, tip = args.range.split('..')
args.source, args.build, args.scratch = map(os.path.abspath, (args.source, args.build, args.scratch))
os.makedirs(args.scratch, exist_ok=True)


def git(*words, input=None, env=None):
    done = subprocess.run(['git', '-C', args.repo, *words], input=input, env={**os.environ, **(env or {})}, capture_output=True)
    if done.returncode:
        sys.exit(f'git {" ".join(words)}: {done.stderr.decode(errors="replace")}')
    return done.stdout


def cleave(*words):
    done = subprocess.run([args.program, '-C', args.repo, *words], capture_output=True)
    if done.returncode:
        sys.exit(f'git-cleave {" ".join(words)}: {done.stderr.decode(errors="replace")}')
    return done.stdout


# The cut.
plan = json.loads(cleave('--format', 'json', 'plan', args.range, '--name', NAME))
cleave('split', '--name', NAME)
series = plan['series']
names = [one['name'] for one in series]
commits = git('rev-list', '--reverse', f'{base}..refs/heads/cleave/{NAME}/all').decode().split()
patches = [git('diff-tree', '-p', '--binary', '--full-index', commit) for commit in commits]
of_series = {one['name']: [patch['number'] - 1 for patch in one['patches']] for one in series}
needs = {one['name']: set(one['needs']) for one in series}
same_tree = git('rev-parse', f'refs/heads/cleave/{NAME}/all^{{tree}}') == git('rev-parse', f'{tip}^{{tree}}')
print(f'{len(patches)} patches, {len(series)} series, {len(plan["bridges"])} bridges; last tree {"is" if same_tree else "IS NOT"} the tip')
assert same_tree and plan['bridges'], 'nothing to check'

# The touched files at each step of each order: path -> blob.
paths = git('diff', '--name-only', '--no-renames', base, tip).decode().split('\n')[:-1]


def blobs(rev):
    lines = git('ls-tree', '-r', rev, '--', *paths).decode().split('\n')[:-1]
    return {line.split('\t')[1]: line.split()[2] for line in lines}


base_blobs, tip_blobs = blobs(base), blobs(tip)
env = {'GIT_INDEX_FILE': os.path.join(args.scratch, 'index')}


def apply_line(line):
    """The states after each set of a line of sets of patches."""
    if os.path.exists(env['GIT_INDEX_FILE']):
        os.remove(env['GIT_INDEX_FILE'])
    git('update-index', '--add', '--index-info', input=''.join(f'100644 {blob}\t{path}\n' for path, blob in base_blobs.items()).encode(), env=env)
    states = []
    for numbers in line:
        for number in numbers:
            # as git am without -3: what does not fit, fails
            git('apply', '--cached', input=patches[number], env=env)
        lines = git('ls-files', '-s', env=env).decode().split('\n')[:-1]
        states.append({line.split('\t')[1]: line.split()[1] for line in lines})
    return states


rng = random.Random(args.seed)
steps, seen_orders = [], set()
for nth in range(args.orders):
    left, order = set(names), []
    while left:
        free = sorted(name for name in left if not needs[name] & left)
        order.append(rng.choice(free))
        left.remove(order[-1])
    seen_orders.add(tuple(order))
    states = apply_line([of_series[name] for name in order])
    assert states[-1] == tip_blobs, f'order {nth} does not end in the tip: {order}'
    steps += states
print(f'{args.orders} orders ({len(seen_orders)} different) x {len(series)} series: {len(steps)} steps, each applied cleanly, each order ends in the tip')

# The objects, and what each sees of a step.
objects = {}
for path in paths:
    cmd = os.path.join(args.build, os.path.dirname(path), '.' + os.path.basename(path)[:-1] + 'o.cmd')
    if not path.endswith('.c') or not os.path.exists(cmd):
        continue
    text = open(cmd).read()
    command = re.split(r' ; | && ', re.search(r'^(?:saved)?cmd_\S+ := (.*)$', text, re.M)[1])[0].replace('$(pound)', '#')
    words = [word for word in shlex.split(command) if not word.startswith('-Wp,-MMD')]
    at = words.index('-o')
    del words[at:at + 2]
    includes = [header for header in paths if header == path or os.path.join(args.source, header) in text]
    objects[path] = (words, includes)
n_c = sum(path.endswith('.c') for path in paths)
print(f'{len(objects)} objects of {n_c} touched sources are built here; headers touched: {len(paths) - n_c}')


def state_key(path, state):
    return tuple((seen, state.get(seen)) for seen in objects[path][1])


# Trees to compile in: links into SOURCE, the touched files apart.
trees = Queue()
for nth in range(args.workers):
    tree = os.path.join(args.scratch, f'tree{nth}')
    if not os.path.isdir(tree):
        subprocess.run(['cp', '-as', args.source, tree], check=True)
    trees.put(tree)
contents = {}


def content(blob):
    if blob not in contents:
        contents[blob] = git('cat-file', 'blob', blob)
    return contents[blob]


def compile_in(path, key, extra):
    """Compiles one object over the files of `key`; returns exit code and messages."""
    tree = trees.get()
    try:
        for seen, blob in {**base_blobs, **dict(key)}.items():
            file = os.path.join(tree, seen)
            if os.path.lexists(file):
                os.remove(file)
            with open(file, 'wb') as out:
                out.write(content(blob))
        words = [word.replace(args.source, tree) for word in objects[path][0]]
        done = subprocess.run(words + extra, cwd=args.build, capture_output=True, text=True)
        return done.returncode, done.stderr.replace(tree, '')
    finally:
        trees.put(tree)


started = time.time()
wanted = sorted({(path, state_key(path, state)) for state in steps + [base_blobs] for path in objects})
for blob in {blob for _, key in wanted for _, blob in key} | set(base_blobs.values()):
    content(blob)
with ThreadPoolExecutor(args.workers) as pool:
    results = list(pool.map(lambda job: compile_in(*job, ['-fsyntax-only']), wanted))
failed = {job: text for job, (code, text) in zip(wanted, results) if code}
noisy = {job for job, (code, text) in zip(wanted, results) if not code and 'warning:' in text}
bad_steps = sum(any((path, state_key(path, state)) in failed for path in objects) for state in steps)
checks = len(steps) * len(objects)
print(f'{checks} checks of an object at a step are {len(wanted)} different states: {len(failed)} fail, {len(noisy)} warn; {bad_steps} of {len(steps)} steps do not build')
for (path, _), text in list(failed.items())[:5]:
    print(path, *[line for line in text.split('\n') if 'error' in line][:3], sep='\n   ')

# The control: without the users.
ends = [next(nth for nth, commit in enumerate(commits) if any(edit['address'] == bridge[end] for patch in sum((one['patches'] for one in series), [])
             if patch['number'] - 1 == nth for edit in patch['edits'])) for bridge in plan['bridges'] for end in ('put', 'take')]
state = apply_line([[nth] for nth in ends])[-1]
with ThreadPoolExecutor(args.workers) as pool:
    control = list(pool.map(lambda path: compile_in(path, state_key(path, state), ['-fsyntax-only'])[0], objects))
print(f'control, the old name taken out before its users are converted: {sum(map(bool, control))} of {len(objects)} fail')

if args.code:
    points = {'base': base_blobs, 'bridge': apply_line([[nth] for nth in ends[::2]])[-1],
              'users': apply_line([[nth for nth in range(len(patches)) if nth not in ends[1::2]]])[-1], 'tip': tip_blobs}
    out = lambda path, point: os.path.join(args.scratch, hashlib.sha1(f'{path} {point}'.encode()).hexdigest() + '.o')

    def code(job):
        path, point = job
        compile_in(path, state_key(path, points[point]), ['-g0', '-o', out(path, point)])
        try:
            return hashlib.sha1(open(out(path, point), 'rb').read()).hexdigest()
        except OSError:
            return None
    jobs = [(path, point) for path in objects for point in points]
    # an object may say where it was compiled: one tree for all
    while trees.qsize() > 1:
        trees.get()
    digests = dict(zip(jobs, map(code, jobs)))
    alike = sum(len({digests[path, point] for point in points}) == 1 and digests[path, 'base'] is not None for path in objects)
    print(f'{alike} of {len(objects)} objects are the same bytes at the base, with the bridge, with all users converted and at the tip')
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f'{usage.ru_utime + usage.ru_stime:.0f} CPU s, {time.time() - started:.0f} s')
sys.exit(bool(failed) or not any(control))
