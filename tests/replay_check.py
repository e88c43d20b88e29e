"""Recomputes from the data alone what a replay says of fixes and images, and compares.

    tests/replay_check.py DATA EXPORT FROM TO

DATA is the folder with nvd/ and azurelinux/, EXPORT the replay's ledger as `seaworthy ledger export` writes it. The method:
a pair is fixed on the day of its first row in the history that is no removal, or when the packages have the version of that row, by the
packages files and the rows since, or when its record is published, whichever is latest; it is seen at the next step of twelve hours. The image that ships it is the first one built by that step or later
on which the package, found by the names of its binaries in the newest packages file of that day, has at least that version. Epochs
are left out, since image notes print none. Nothing of this uses the program.
"""
import bisect
import csv
import glob
import gzip
import io
import json
import re
import sys
from datetime import datetime, timedelta, timezone

STEP = timedelta(hours=12)


def segments(text):
    return re.findall(r"[0-9]+|[a-zA-Z]+|~|\^", text)


def order(a, b):
    """RPM's order of two version texts: -1, 0 or 1."""
    one, two = segments(a), segments(b)
    for i in range(max(len(one), len(two))):
        x, y = (one[i] if i < len(one) else None), (two[i] if i < len(two) else None)
        if x == y:
            continue
        for mark, sign in (("~", -1), ("^", 1)):
            if x == mark or y == mark:
                # A caret is newer than the end, and older than anything else that goes on.
                other = y if x == mark else x
                sign = -1 if mark == "^" and other is not None else sign
                return sign if x == mark else -sign
        if x is None or y is None:
            return 1 if y is None else -1
        if x.isdigit() != y.isdigit():
            return 1 if x.isdigit() else -1
        key = (int(x), int(y)) if x.isdigit() else (x, y)
        if key[0] != key[1]:
            return 1 if key[0] > key[1] else -1
    return 0


def at_least(have, wanted):
    """Whether VERSION-RELEASE is at least another; an epoch is left out."""
    (v, _, r), (w, _, s) = have.rpartition("-"), wanted.split(":")[-1].rpartition("-")
    return (order(v, w) or order(r, s)) >= 0


def utc(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def midnight(day):
    return datetime.fromisoformat(day[:10]).replace(tzinfo=timezone.utc)


def median(values):
    values = sorted(values)
    return values[(len(values) + 1) // 2 - 1] if values else float("nan")


def published(folder):
    out = {}
    for path in sorted(glob.glob(f"{folder}/nvd/nvdcve-*.json.gz")):
        with gzip.open(path) as file:
            for item in json.load(file)["vulnerabilities"]:
                cve = item["cve"]
                out[cve["id"]] = datetime.fromisoformat(cve["published"][:16]).replace(tzinfo=timezone.utc)
    return out


def first_fixes(folder):
    out = {}
    with gzip.open(f"{folder}/azurelinux/fixes-3.0.csv.gz") as file:
        for row in csv.DictReader(io.TextIOWrapper(file)):
            if row["kind"] != "remove":
                key = (row["package"], row["cve"])
                out[key] = min(out.get(key, ("9999", "")), (row["date"], row["evr"]))
    return out


def all_snapshots(folder):
    """Every packages file with its day, in their order."""
    snapshots = []
    for path in glob.glob(f"{folder}/azurelinux/packages/*.json.gz"):
        snapshot = json.load(gzip.open(path))
        snapshots.append((midnight(utc(snapshot["date"]).isoformat()), path, snapshot["packages"], midnight(snapshot["date"])))
    return sorted(snapshots, key=lambda s: s[:2])


class Versions:
    """The versions of the packages at any time: those of the newest packages file, and those of the history after its day."""

    def __init__(self, folder, snapshots):
        self.days = [s[3] for s in snapshots]
        self.of = []
        for _, _, packages, _ in snapshots:
            names = {}
            for package in packages:
                names.setdefault(package["name"], []).append(f"{package['version']}-{package['release']}")
            self.of.append(names)
        self.rows = {}
        with gzip.open(f"{folder}/azurelinux/fixes-3.0.csv.gz") as file:
            for row in csv.DictReader(io.TextIOWrapper(file)):
                if row["evr"]:
                    self.rows.setdefault(row["package"], []).append((midnight(row["date"]), row["evr"]))

    def reaches(self, package, evr, after):
        """The first time from `after` on at which the package has a version; `None` where it never has."""
        rows = self.rows.get(package, [])
        for time in sorted({after, *(d for d in self.days if d > after), *(d for d, _ in rows if d > after)}):
            place = bisect.bisect_right(self.days, time) - 1
            shipped = self.of[place].get(package, []) if place >= 0 else []
            since = [v for d, v in rows if self.days[place] < d <= time] if shipped else []
            if any(at_least(version, evr) for version in shipped + since):
                return time
        return None


def images(folder, snapshots):
    """Every image with the versions of the sources on it, in the order in which they were built."""
    days = [s[0] for s in snapshots]
    out = []
    for line in gzip.open(f"{folder}/azurelinux/node-images/azurelinuxv3-gen2.jsonl.gz", "rt"):
        note = json.loads(line)
        built = datetime.strptime(note["built"], "%a %b %d %H:%M:%S UTC %Y").replace(tzinfo=timezone.utc)
        binaries = {}
        for nevra in note["packages"]:
            parts = nevra.rpartition(".")[0].rsplit("-", 2)
            if len(parts) == 3:
                binaries.setdefault(parts[0], []).append("-".join(parts[1:]))
        sources = {}
        for package in snapshots[bisect.bisect_right(days, built) - 1][2]:
            # The release is what the binaries of one build share; some have a version of their own.
            found = [v for n in [package["name"], *package["subpackages"]] for v in binaries.get(n, [])]
            same = [v for v in found if v.rpartition("-")[0] == package["version"]] or found
            for version in same:
                older = sources.get(package["name"])
                if older is None or at_least(older, version):
                    sources[package["name"]] = version
        out.append((built, note["version"], sources))
    return sorted(out, key=lambda i: (i[0], i[1]))


def replayed(path):
    """Per case: its first fix, the image that shipped it, the fixes that stood when the last image was built; and the images."""
    fixed, shipped, released, reopened, standing = {}, {}, [], set(), {}
    for line in open(path):
        entry = json.loads(line)
        event = entry.get("event", entry)
        if isinstance(event, str):
            event = json.loads(event)
        if event.get("event") == "image_released":
            released.append((event, dict(standing)))
        if event.get("event") != "case":
            continue
        key, step = (event["key"]["package"], event["key"]["cve"]), event["step"]
        if step["what"] == "fixed":
            fixed.setdefault(key, utc(entry["at"]))
            standing[key] = step["version"]
        elif step["what"] == "shipped":
            shipped.setdefault(key, (utc(entry["at"]), step["image"]))
        elif step["what"] == "reopened":
            reopened.add(key)
            standing.pop(key, None)
    return fixed, shipped, released, reopened


def main():
    folder, export, start, end = sys.argv[1:5]
    start, end = midnight(start), midnight(end)

    def step(time):
        return start + STEP * max(0, -((start - time) // STEP))

    snapshots = all_snapshots(folder)
    versions = Versions(folder, snapshots)
    records, history, built = published(folder), first_fixes(folder), images(folder, snapshots)
    fixed, shipped, released, reopened = replayed(export)
    expected, places = {}, {name for _, _, sources in built for name in sources}
    for (package, cve), (day, evr) in history.items():
        record = records.get(cve)
        if record is None or record <= start or not evr or (package, cve) in reopened:
            continue
        # An entry is of its version: packages of a branch get it when they get that.
        reached = versions.reaches(package, evr, max(midnight(day), record))
        at = step(reached) if reached else start
        if start < at <= end:
            image = next((v for b, v, s in built if at <= step(b) <= end and package in s and at_least(s[package], evr)), None)
            expected[package, cve] = (record, at, image)
    seen = {k: v for k, v in expected.items() if k in fixed}
    same_day = [k for k, (_, at, _) in seen.items() if fixed[k] == at]
    earlier = [k for k, (_, at, _) in seen.items() if fixed[k] < at]
    on_images = {k: v for k, v in seen.items() if k in same_day and k[0] in places}
    same_image = [k for k, v in on_images.items() if shipped.get(k, (None, None))[1] == v[2]]
    print(f"    {len(expected)} pairs by the history; the replay has {len(seen)}, {len(same_day)} fixed at the same step, {len(earlier)} earlier")
    print(f"    {len(on_images)} of them on images; the same image ships {len(same_image)}")
    day = timedelta(days=1)
    since = datetime(2025, 1, 1, tzinfo=timezone.utc)
    young = {k: v for k, v in on_images.items() if v[0] >= since and v[2]}
    times = {version: b for b, version, _ in built}
    ours = {k: (fixed[k], shipped[k][0]) for k in young if k in shipped}
    rows = [
        ("record to fix", [(v[1] - v[0]) / day for v in young.values()], [(o[0] - young[k][0]) / day for k, o in ours.items()]),
        ("fix to image", [(times[v[2]] - v[1]) / day for v in young.values()], [(o[1] - o[0]) / day for o in ours.values()]),
        ("record to image", [(times[v[2]] - v[0]) / day for v in young.values()], [(o[1] - young[k][0]) / day for k, o in ours.items()]),
    ]
    wrong = []
    for name, mine, theirs in rows:
        print(f"    {name}: median {median(mine):.1f} days of {len(mine)} by the data, {median(theirs):.1f} of {len(theirs)} by the replay")
        if abs(median(mine) - median(theirs)) > 1:
            wrong.append(f"the medians of {name} differ by more than a day")
    last = [i for i in built if step(i[0]) <= end][-1]
    by_data = sorted(k for k, v in on_images.items() if v[2] == last[1])
    by_replay = sorted(k for k in on_images if shipped.get(k, (None, None))[1] == last[1])
    late = [
        k
        for k, (date, evr) in history.items()
        if evr and k[0] in last[2] and k[1] in records and not at_least(last[2][k[0]], evr)
        and (reached := versions.reaches(k[0], evr, max(midnight(date), records[k[1]])))
        and step(reached) <= step(last[0])
    ]
    newest, standing = released[-1]
    counts, image = newest["counts"], newest["image"]
    carried = [k for k, version in standing.items() if k[0] in last[2] and not at_least(last[2][k[0]], version)]
    print(f"    the last image, {last[1]}: {len(by_data)} pairs first on it by the data, {len(by_replay)} by the replay "
          f"(which counts {counts['fixed']}, with those that only a version fixes)")
    print(f"    fixes too late for it: {len(late)} by the history, {counts['carried_late']} by the replay, "
          f"{len(set(carried) - set(history))} of them by a version that the history does not name")
    if image != last[1]:
        wrong.append(f"the last image is {last[1]}, and {image} by the replay")
    if sorted(set(carried) & set(history)) != sorted(late) or len(carried) != counts["carried_late"]:
        wrong.append(f"fixes too late for the last image: {sorted(late)} by the history, {sorted(carried)} by the replay")
    for what, part, whole, least in [
        ("pairs are in the replay", len(seen), len(expected), 0.98),
        ("fixes are at the same step", len(same_day), len(seen), 0.97),
        ("fixes are on the same image", len(same_image), len(on_images), 0.98),
    ]:
        if part < least * whole:
            wrong.append(f"only {part} of {whole} {what}; at least {least:.0%} have to be")
    if by_data != by_replay:
        wrong.append(f"the last image: {sorted(set(by_data) ^ set(by_replay))[:10]}")
    missing = [k for k in expected if k not in fixed][:8]
    different = [(k, str(fixed[k]), str(seen[k][1])) for k in seen if k not in same_day][:8]
    other = [(k, shipped.get(k, (None, None))[1], on_images[k][2]) for k in on_images if k not in same_image][:8]
    if wrong:
        print("\n".join(["", *wrong, f"missing: {missing}", f"other steps: {different}", f"other images: {other}"]))
    sys.exit(1 if wrong else 0)


main()
