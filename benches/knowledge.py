"""The table of benches/knowledge: PROGRAM ROOT TOLERANCE [SNAPSHOT...]."""

import concurrent.futures
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

program, root, tolerance = sys.argv[1], pathlib.Path(sys.argv[2]), float(sys.argv[3])
snapshots = sys.argv[4:] or ["3.0.20240920-3.0", "3.0.20250102-3.0", "3.0.20250602-3.0"]
data = root / "data"
history = data / "azurelinux/fixes-3.0.csv.gz"
# NVD has the records of all products; the others are added to it, alone and together.
ADDED = {
    "OSV of Go": ["--osv", data / "osv/go.zip"],
    "OSV of crates.io": ["--osv", data / "osv/crates.io.zip"],
    "CVE List of the kernel": ["--cvelist", data / "cvelist/kernel-2024.zip"],
}
COLUMNS = ["recall_fair", "recall_any", "recall_affected", "affected", "suspected", "reopened", "unknown_package", "unpublished"]


def score(home, snapshot, findings, lock_files):
    """The measures of one scan, by the bench's own program."""
    packages = data / f"azurelinux/packages/{snapshot}.json.gz"
    day = json.load(gzip.open(packages))["date"][:10]
    words = [program, "--home", home, "--quiet", "scan", "--packages", packages, "--history", history, "--as-of", day]
    words += ["--format", "jsonl", "--output", findings]
    words += ["--sources", data / "azurelinux/sources"] if lock_files else []
    code = subprocess.run(words, check=False).returncode
    if code not in (0, 1):
        sys.exit(f"the scan of {snapshot} ended with {code}")
    words = [sys.executable, root / "bench/accuracy.py", "--data", data, "--snapshot", packages, "--fixes", history]
    return json.loads(subprocess.run([*words, "--findings", findings, "--json"], check=True, capture_output=True).stdout)


def main():
    sets = {"NVD alone": []} | {f"and {name}": words for name, words in ADDED.items()}
    sets["all of them"] = [word for words in ADDED.values() for word in words]
    worse = []
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(2) as pool:
        rows = {}
        for place, (name, words) in enumerate(sets.items()):
            home = f"{work}/home-{place}"
            subprocess.run([program, "--home", home, "--quiet", "sync", "--nvd", data / "nvd", *words], check=True)
            for lock_files in (False, True):
                for snapshot in snapshots:
                    findings = f"{work}/{place}-{lock_files}-{snapshot}.jsonl"
                    rows[name, lock_files, snapshot] = pool.submit(score, home, snapshot, findings, lock_files)
        for snapshot in snapshots:
            print(f"\n{snapshot}\n  {'':38}" + "".join(f"{column:>16}" for column in COLUMNS))
            for name in sets:
                for lock_files in (False, True):
                    row = rows[name, lock_files, snapshot].result()
                    label = name + (", lock files" if lock_files else "")
                    print(f"  {label:38}" + "".join(f"{row[column]:>16}" for column in COLUMNS))
                    # With one piece of knowledge less: without the source, and without the lock files.
                    for less in {("NVD alone", lock_files), (name, False)} - {(name, lock_files)}:
                        before = rows[(*less, snapshot)].result()["recall_fair"]
                        if row["recall_fair"] < before - tolerance:
                            worse.append(f"{snapshot}, {label}: {row['recall_fair']}, and {before} without")
    print()
    for line in worse:
        print(f"lower recall_fair: {line}")
    sys.exit(1 if worse else 0)


main()
