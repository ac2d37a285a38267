#!/usr/bin/env python3
"""fields.py BENCH PROGRAM REPO [REV]: `git cleave fields` against the compiler's own answers.

BENCH holds facts_*.json (each access to some fields of two records as clang saw it, `others` the same names in other records) and
shrunk_page_places.json; REPO has the tree at REV (default: base). For each field the program is asked once for the whole tree, and
its answers are compared in the files that the JSON speaks of. Places that a macro's body hides (`in_macro_body`) have no name where
the compiler sees them and are not counted. A place claimed that the compiler does not list is printed and is wrong only when the
list has the same place for another record. SHOW=1 prints each miss. Then
the other records: each place in `others` is asked for by its own record."""
import collections, glob, json, os, resource, subprocess, sys, time
bench, program, repo = sys.argv[1:4]
rev = sys.argv[4] if len(sys.argv) > 4 else 'base'
show = bool(os.environ.get('SHOW'))
FIELDS = ['index', 'mapping', 'lru', 'private', '_refcount', '_mapcount', 'memcg_data', 'flags']
only = os.environ.get('FIELDS', '').split() or FIELDS
def ask(args):
    before, at = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    out = subprocess.run([program, '-C', repo, '--format', 'json', 'fields', '--rev', rev] + args, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    asked = ' '.join(args) if len(args) < 4 else '%d members' % len(args)
    print('%s: %.1f s, %.1f CPU s, %d MiB at most so far; %s' % (asked, time.time() - at, cpu, after.ru_maxrss // 1024,
                                                              out.stderr.decode().strip().rsplit(': ', 1)[-1]))
    return [json.loads(line) for line in out.stdout.splitlines()]
claims = {}
unresolved = set()
args = ['struct %s.%s' % (record, field) for field in only for record in ('page', 'folio')]
for place in ask(args + ['--unresolved']):
    key = (place['path'], place['line'], place['column'], place['field'])
    if place['record']:
        claims[key] = place['record'].removeprefix('struct ')
    else:
        unresolved.add(key)
for path in sorted(glob.glob(bench + '/facts_*.json')):
    data = json.load(open(path))
    facts = collections.defaultdict(set)
    for fact in data['facts']:
        if not fact.get('in_macro_body') and fact['field'] in only:
            facts[(fact['file'], fact['line'], fact['col'], fact['field'])].add(fact['record'])
    others = {(f, line, col, field): record for f, line, col, field, record in data['others']}
    hidden = sum(bool(fact.get('in_macro_body')) for fact in data['facts'])
    rows = collections.defaultdict(lambda: [0, 0, 0])
    claimed_others = [key for key in others if key in claims]
    for key, records in facts.items():
        for record in records:
            row = rows[(record, key[3])]
            row[0] += 1
            row[1] += claims.get(key) == record
            row[2] += key in claims and claims[key] not in records
        if show and claims.get(key) not in records:
            print('  miss', key, records, claims.get(key), 'unresolved' if key in unresolved else 'absent')
    print(data['name'], '(%d places hidden in macros not counted)' % hidden)
    total = [sum(row[k] for row in rows.values()) for k in range(3)]
    for (record, field), (n, right, wrong) in sorted(rows.items()) + [(('all', ''), total)]:
        print('  %-6s %-10s %4d  recall %.3f  wrong %d' % (record, field, n, right / n, wrong))
    wrong = total[2] + len(claimed_others)
    print('  precision %.4f, recall %.4f, others claimed %d of %d' % (
        total[1] / max(1, total[1] + wrong), total[1] / total[0], len(claimed_others), len(others)))
    for key in claimed_others:
        print('  claimed', key, claims[key], 'but', others[key])
if 'index' in only:
    places = json.load(open(bench + '/shrunk_page_places.json'))['places']
    real = {(p['file'], p['line'], p['col'], 'index') for p in places}
    got = {(p['path'], p['line'], p['column'], p['field']) for p in ask(['struct page.index'])}
    print('struct page.index: %d of %d places; %d more:' % (len(real & got), len(real), len(got - real)))
    for key in sorted(real - got):
        print('  missed', *key)
    for key in sorted(got - real):
        print('  more  ', *key)
others = {}
for path in sorted(glob.glob(bench + '/facts_*.json')):
    for f, line, col, field, record in json.load(open(path))['others']:
        if record and field in only:
            others[(f, line, col, field)] = record
if others:
    wanted = sorted({'%s.%s' % (record, key[3]) for key, record in others.items()})
    found = {(p['path'], p['line'], p['column'], p['field']): p['record'] for p in ask(wanted) if p['record']}
    # A record in a record is `struct outer.member` here and `outer` there.
    name = lambda record: record.split('.')[0].split(' ')[-1]
    right = sum(key in found and name(found[key]) == record for key, record in others.items())
    wrong = sum(key in found and name(found[key]) != record for key, record in others.items())
    print('others by their own records: %d of %d right, %d wrong' % (right, len(others), wrong))
