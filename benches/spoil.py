#!/usr/bin/env python3
"""spoil.py PROGRAM REPO RANGE [--seeds N] [--first S] [--truth REF] [--score SCORE.py] [--blind] [--json FILE] [-- OPTION..] -- COMMAND..

Is a plan that was deliberately spoiled mended by `git cleave verify --repair`, and how much of it is left?

Plans RANGE in REPO (a clone of your own: refs are written) with the OPTIONs of `git cleave plan`, and repairs that plan with COMMAND first: what that moves is
told. Then for each seed one edit of an earlier patch and one of a later patch change places through `git cleave edit --force`. The spoiled plan is
read from its file again, split and built as it is; a pair after which every step still builds is put back and the next one is tried. Pairs are taken from those that
`git cleave verify --static` objects to, so that few builds are spent on pairs that break nothing; with --blind from all. Then it is repaired, and checked:
every step builds, the last tree is the tip's, how many patches are left, and the agreement (ARI over changed lines, by SCORE.py) with TRUTH, or
with the plan as it was.

Prints a line a seed and each round's, then the sums."""
import argparse, json, os, random, resource, subprocess, sys, time

words, tails = sys.argv[1:], []
while '--' in words:
    at = len(words) - 1 - words[::-1].index('--')
    words, tails = words[:at], [words[at + 1:], *tails]
parser = argparse.ArgumentParser(usage=__doc__)
for name in ['program', 'repo', 'range']:
    parser.add_argument(name)
parser.add_argument('--seeds', type=int, default=10)
parser.add_argument('--first', type=int, default=1)
parser.add_argument('--truth')
parser.add_argument('--score')
parser.add_argument('--json')
parser.add_argument('--name', default='bench-spoil')
parser.add_argument('--blind', action='store_true')
parser.add_argument('--tries', type=int, default=6, help='pairs that are built for each seed')
args = parser.parse_args(words)
if not tails:
    sys.exit('no build command')
OPTIONS, COMMAND = (tails[0] if len(tails) > 1 else []), tails[-1]
# Options of verify, as --syntax --profile P, may stand in place of a command.
BUILD = COMMAND if COMMAND[0].startswith('-') else ['--', *COMMAND]
ALL = f'refs/heads/cleave/{args.name}/all'
base, tip = args.range.split('..')
args.program = os.path.abspath(args.program)


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, errors='replace')


def git(*words):
    done = run('git', '-C', args.repo, *words)
    if done.returncode:
        sys.exit(f'git {" ".join(words)}: {done.stderr}')
    return done.stdout.strip()


def cleave(*words, codes=(0,)):
    done = run(args.program, '-C', args.repo, *words)
    if done.returncode not in codes:
        sys.exit(f'git-cleave {" ".join(words)}: {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}')
    return done


def plan_file():
    folder = git('rev-parse', '--path-format=absolute', '--git-common-dir')
    return os.path.join(folder, 'cleave', 'plans', args.name, 'plan.toml')


def put(text):
    with open(plan_file(), 'w') as f:
        f.write(text)


def verified(*more):
    """Returns the exit code, the rounds, the verdicts of the steps without the base, and what was said."""
    done = cleave('--format', 'json', 'verify', '--name', args.name, *more, *BUILD, codes=(0, 1))
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    rounds = [one for one in objects if 'round' in one]
    steps = [one for one in objects if 'verdict' in one]
    return done.returncode, rounds, steps[1:], done.stderr


def ari(ref, truth):
    if not args.score:
        return None
    done = run(sys.executable, args.score, '--repo', args.repo, '--base', base, '--tip', tip, '--truth', truth, '--cand', ref)
    return json.loads(done.stdout)['ari']


def shown(value):
    return '-' if value is None else f'{value:.3f}'


def tell(rounds):
    for one in rounds:
        search = one['searched']
        how = f', searched with {search["judged"]} builds' if search else ''
        print(f'    round {one["round"]}: steps {one["failing"]} failed{how}; learned {len(one["learned"])}')
        for moved in one['moved'][:4]:
            print(f'      {moved["path"]}:{moved["line"]} {moved["text"][:50]!r} {moved["from"]} -> {moved["to"]}: {moved["reason"][:110]}')
        if len(one['moved']) > 4:
            print(f'      and {len(one["moved"]) - 4} more')
        for moved in one['reordered']:
            print(f'      patch {moved["from"]} is now {moved["to"]}: {moved["reason"][:110]}')


def swapped(todo, choose):
    """Returns the todo with one edit of an earlier and one of a later patch in each other's place, and both."""
    lines = todo.splitlines()
    patches = []
    for idx, line in enumerate(lines):
        if line.startswith('pick '):
            patches.append([])
        elif line.startswith('  ') and patches:
            patches[-1].append(idx)
    one, other = sorted(choose.sample(range(len(patches)), 2))
    a, b = choose.choice(patches[one]), choose.choice(patches[other])
    lines[a], lines[b] = lines[b], lines[a]
    return '\n'.join(lines) + '\n', (one + 1, lines[b].strip(), other + 1, lines[a].strip())


def spoil(good, todo, choose):
    """Swaps until a build fails; returns the pair and how many were built for it."""
    built = 0
    for _ in range(400):
        put(good)
        text, pair = swapped(todo, choose)
        path = plan_file() + '.todo'
        with open(path, 'w') as f:
            f.write(text)
        done = run(args.program, '-C', args.repo, 'edit', '--name', args.name, '--force', '--file', path)
        os.unlink(path)
        # What is made of another edit's text cannot come before it.
        if done.returncode:
            continue
        if not args.blind and run(args.program, '-C', args.repo, 'verify', '--name', args.name, '--static').returncode == 0:
            continue
        cleave('split', '--name', args.name, '--force')
        built += 1
        code, _, steps, _ = verified()
        if code == 1 and any(step['verdict'] == 'failed' for step in steps):
            return pair, built, [step['step'] for step in steps if step['verdict'] == 'failed']
        if built == args.tries:
            break
    return None, built, []


cleave('plan', args.range, '--name', args.name, *OPTIONS)
cleave('split', '--name', args.name, '--force')
truth = args.truth or f'refs/bench/{args.name}'
if not args.truth:
    git('update-ref', truth, ALL)
before = (len(git('rev-list', f'{base}..{ALL}').split()), ari(ALL, truth))
code, rounds, steps, _ = verified('--repair')
n_patches, plain = len(steps), ari(ALL, truth)
print(f'unspoiled: {before[0]} patches, ARI {shown(before[1])}; after repair {n_patches} patches, ARI {shown(plain)}, '
      f'{len(rounds)} rounds, {sum(step["verdict"] == "passed" for step in steps)} of {len(steps)} steps build', flush=True)
tell(rounds)
good = open(plan_file()).read()
todo = cleave('edit', '--name', args.name, '--print').stdout
results = []
for seed in range(args.first, args.first + args.seeds):
    begin = time.time()
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    pair, built, failed = spoil(good, todo, random.Random(seed))
    if not pair:
        print(f'seed {seed}: no pair of {built} that were built breaks a step', flush=True)
        results.append(dict(seed=seed, spoiled=False))
        continue
    spoiled = ari(ALL, truth)
    code, rounds, steps, _ = verified('--repair')
    passed = sum(step['verdict'] == 'passed' for step in steps)
    same = git('rev-parse', ALL + '^{tree}') == git('rev-parse', tip + '^{tree}')
    after = ari(ALL, truth)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = used.ru_utime + used.ru_stime - cpu.ru_utime - cpu.ru_stime
    good_end = code == 0 and passed == len(steps) and same
    moved = sum(len(one['moved']) for one in rounds)
    print(f'seed {seed}: {"repaired" if good_end else "NOT REPAIRED"}: {len(failed)} steps failed; {len(rounds)} rounds, {moved} edits moved, '
          f'{passed} of {len(steps)} steps build, tree {"is" if same else "IS NOT"} the tip\'s, '
          f'ARI spoiled {shown(spoiled)}, repaired {shown(after)}; {used:.0f} CPU s', flush=True)
    print(f'    swapped {pair[0]}: {pair[1][:80]}\n       with {pair[2]}: {pair[3][:80]}')
    tell(rounds)
    results.append(dict(seed=seed, spoiled=True, repaired=good_end, n_patches=len(steps), rounds=len(rounds), moved=moved,
                        searched=sum(bool(one['searched']) for one in rounds), ari=after, spoiled_ari=spoiled, cpu=used))
    sys.stdout.flush()
put(good)
cleave('split', '--name', args.name, '--force')
told = [one for one in results if one['spoiled']]
lost = [plain - one['ari'] for one in told if one['ari'] is not None]
print(f'{sum(one["repaired"] for one in told)} of {len(told)} spoiled plans repaired; patches left {min((one["n_patches"] for one in told), default=0)} at least of '
      f'{n_patches}; ARI lower by {max(lost, default=0):.3f} at most, {sum(lost) / max(1, len(lost)):.3f} in the mean; '
      f'{sum(one["searched"] for one in told)} searches')
if args.json:
    with open(args.json, 'w') as f:
        json.dump(dict(range=args.range, n_patches=n_patches, before=before[1], plain=plain, results=results), f, indent=1)
