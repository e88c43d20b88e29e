#!/usr/bin/env python3
"""Holds our OVAL against the one that the distribution published, on the packages of its own snapshots.

    oval_check.py DATA OURS.xml THEIRS.xml.gz UNTIL REPORT.md

DATA holds azurelinux/fixes-3.0.csv.gz and azurelinux/packages. A pair is a CVE and a source package that both the published file and the
history (until the day UNTIL) know. Every pair has to be in ours of which the history names a version that one of the snapshots has reached: a
fix without a version, or in one that is not shipped, has no bound that a definition could say. For the packages of every snapshot until then, both files have to come to the
same verdict for 98 % of the pairs. What differs is listed in REPORT.md, each with its reason. Exits with 1 where a bar is not reached.
"""
import csv
import gzip
import json
import os
import sys
import xml.etree.ElementTree as ET

import rpm  # Debian: python3-rpm

DEFINITIONS = '{http://oval.mitre.org/XMLSchema/oval-definitions-5}'
LINUX = '{http://oval.mitre.org/XMLSchema/oval-definitions-5#linux}'


def evr(text):
    epoch, _, rest = text.rpartition(':')
    version, _, release = rest.partition('-')
    return (epoch or '0', version, release)


def compare(a, b):
    """As rpm does; a release that one side lacks is not compared."""
    if not a[2] or not b[2]:
        a, b = (a[0], a[1], ''), (b[0], b[1], '')
    return rpm.labelCompare(a, b)


def read(file):
    """(package, cve) -> (operation, bound), by the tests that stand directly in each definition."""
    root = ET.parse(file).getroot()
    tests, objects, states = {}, {}, {}
    for test in root.iter(LINUX + 'rpminfo_test'):
        tests[test.get('id')] = (test.find(LINUX + 'object').get('object_ref'), test.find(LINUX + 'state').get('state_ref'))
    for thing in root.iter(LINUX + 'rpminfo_object'):
        objects[thing.get('id')] = thing.find(LINUX + 'name').text
    for state in root.iter(LINUX + 'rpminfo_state'):
        bound = state.find(LINUX + 'evr')
        states[state.get('id')] = (bound.get('operation'), bound.text)
    out = {}
    for definition in root.iter(DEFINITIONS + 'definition'):
        cves = [r.get('ref_id') for r in definition.iter(DEFINITIONS + 'reference') if r.get('ref_id').startswith('CVE-')]
        criterion = definition.find(DEFINITIONS + 'criteria').find(DEFINITIONS + 'criterion')
        obj, state = tests[criterion.get('test_ref')]
        out[(objects[obj], cves[-1])] = states[state]
    return out


def vulnerable(entry, version):
    if entry is None:
        return False
    operation, bound = entry
    order = compare(version, evr(bound))
    return order < 0 or (order == 0 and operation == 'less than or equal')


def main():
    data, ours_path, theirs_path, until, report_path = sys.argv[1:]
    ours, theirs = read(ours_path), read(gzip.open(theirs_path))
    history, removed = {}, set()
    for row in csv.DictReader(gzip.open(os.path.join(data, 'azurelinux/fixes-3.0.csv.gz'), 'rt')):
        if row['date'] <= until:
            key = (row['package'], row['cve'])
            removed.add(key) if row['kind'] == 'remove' else history.setdefault(key, []).append(row)
    pairs = sorted(key for key in theirs if key in history)
    folder = os.path.join(data, 'azurelinux/packages')
    snapshots = []
    for name in sorted(os.listdir(folder)):
        snapshot = json.load(gzip.open(os.path.join(folder, name)))
        if snapshot['date'][:10] <= until:
            versions = {}
            for p in snapshot['packages']:
                versions.setdefault(p['name'], []).append((str(p.get('epoch') or 0), p['version'], str(p['release'])))
            snapshots.append((name.split('.json')[0], versions))
    def is_bounded(pair):
        shipped = [version for _, versions in snapshots for version in versions.get(pair[0], [])]
        bounds = [evr(row['evr']) for row in history[pair] if row['evr']]
        return any(compare(version, bound) >= 0 for bound in bounds for version in shipped)

    missing = [p for p in pairs if p not in ours and is_bounded(p)]
    unbounded = [p for p in pairs if p not in ours and not is_bounded(p)]
    asked = same = 0
    differences, other_version = [], 0
    for pair in pairs:
        if pair in ours and ours[pair][1] != theirs[pair][1]:
            other_version += 1
        for name, versions in snapshots:
            for version in versions.get(pair[0], []):
                asked += 1
                a, b = vulnerable(ours.get(pair), version), vulnerable(theirs[pair], version)
                if a == b:
                    same += 1
                    continue
                rows = '; '.join(f"{r['kind']} {r['evr'] or 'without a version'} on {r['date']}" for r in history[pair])
                if pair not in ours:
                    reason = f'ours has no definition; the history says: {rows}'
                elif b and not a:
                    reason = f"the published bound is above the snapshot's version although the changelog of that version names the fix ({rows})"
                else:
                    reason = f'the changelog names the fix first in a later version ({rows}); the published file takes it as fixed earlier'
                word = {True: 'vulnerable', False: 'not vulnerable'}
                differences.append((pair, name, ':'.join(version[:2]) + '-' + version[2], word[a], word[b], theirs[pair][1], reason))
    share = same / asked if asked else 0
    with open(report_path, 'w') as out:
        out.write(f'# Our OVAL and the published one, until {until}\n\n')
        out.write(f'- definitions: {len(theirs)} published, {len(ours)} ours\n- pairs that the history knows: {len(pairs)}, of which ours has {len(pairs) - len(missing) - len(unbounded)}; without a version that is shipped: {len(unbounded)}\n')
        out.write(f'- verdicts on {len(snapshots)} snapshots: {asked}, the same {same} ({share:.2%}); bounds that differ: {other_version}\n\n## Missing\n\n')
        for pair in missing:
            rows = '; '.join(f"{r['kind']} {r['evr'] or 'without a version'} on {r['date']}" for r in history[pair])
            out.write(f'- {pair[1]} in {pair[0]}: published bound {theirs[pair][1]}; history: {rows}\n')
        out.write('\n## Verdicts that differ\n\n| CVE | package | snapshot | version | ours | published | published bound | reason |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n')
        for pair, name, version, a, b, bound, reason in differences:
            out.write(f'| {pair[1]} | {pair[0]} | {name} | {version} | {a} | {b} | {bound} | {reason} |\n')
    print(f'    {len(pairs)} pairs of {len(theirs)} published definitions; {len(missing)} missing in ours, {len(unbounded)} without a version that is shipped; {same} of {asked} verdicts agree ({share:.2%}, bar 98 %)')
    print(f'    {len(differences)} differences with their reasons: {report_path}')
    sys.exit(0 if not missing and share >= 0.98 else 1)


main()
