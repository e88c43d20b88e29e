"""Times the first path and prints each figure beside its bar. Called by benches/run."""
import glob
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PROGRAM, DATA, TAG, ROUNDS = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
FEEDS = sorted(glob.glob(f"{DATA}/nvd/nvdcve*.json.gz"))
PACKAGES = f"{DATA}/azurelinux/packages/{TAG}.json.gz"
HISTORY = f"{DATA}/azurelinux/fixes-3.0.csv.gz"


def timed(command, allowed=(0,)):
    """Seconds and peak memory in MB of a command."""
    with tempfile.NamedTemporaryFile() as report:
        start = time.perf_counter()
        done = subprocess.run(["/usr/bin/time", "-v", "-o", report.name, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        seconds = time.perf_counter() - start
        if done.returncode not in allowed:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
        peak = re.search(r"Maximum resident set size \(kbytes\): (\d+)", open(report.name).read())
        return seconds, int(peak.group(1)) / 1024


def zcat():
    start = time.perf_counter()
    subprocess.run(["bash", "-c", 'zcat "$@" | wc -c', "zcat", *FEEDS], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def sync(home, *options):
    return timed([PROGRAM, "--home", home, "--quiet", "sync", *options])


def scan(home, out, *options):
    # 1 says that there are findings.
    command = [PROGRAM, "--home", home, "--quiet", "scan", "--packages", PACKAGES, "--history", HISTORY, "--format", "jsonl", "--output", out, *options]
    return timed(command, (0, 1))


def modified_feed(folder):
    """A feed of 2,000 records of the last years, each changed later and rated otherwise."""
    chosen, newest = [], ""
    for path in reversed(FEEDS):
        records = json.load(gzip.open(path))["vulnerabilities"]
        newest = max([newest, *(r["cve"]["lastModified"] for r in records)])
        rated = [r for r in records if r["cve"].get("metrics") and r["cve"]["vulnStatus"] != "Rejected"]
        chosen += rated[: 2000 - len(chosen)]
        if len(chosen) == 2000:
            break
    later = f"{int(newest[:4]) + 1}{newest[4:]}".replace("-02-29", "-02-28")
    for record in chosen:
        record["cve"]["lastModified"] = later
        for ratings in record["cve"]["metrics"].values():
            for rating in ratings:
                score = rating["cvssData"].get("baseScore", 5.0)
                rating["cvssData"]["baseScore"] = round(score + 0.1 if score < 9.9 else 9.8, 1)
    feed = {"resultsPerPage": len(chosen), "startIndex": 0, "totalResults": len(chosen), "format": "NVD_CVE", "version": "2.0",
            "timestamp": later, "vulnerabilities": chosen}
    with gzip.open(f"{folder}/nvdcve-2.0-modified.json.gz", "wt") as out:
        json.dump(feed, out)
    return len(chosen)


def on_disk(folder):
    return int(subprocess.run(["du", "-sk", folder], stdout=subprocess.PIPE, check=True).stdout.split()[0]) / 1024


work = tempfile.mkdtemp(prefix="seaworthy-bench-")
try:
    delta = f"{work}/delta"
    os.mkdir(delta)
    count = modified_feed(delta)
    print(f"{len(FEEDS)} feeds, {count} records in the modified one, {ROUNDS} rounds, packages of {TAG}", flush=True)
    figures = {k: [] for k in ("zcat", "sync", "ratio", "scan", "delta", "changed", "sync_mb", "scan_mb")}
    disk = 0.0
    for index in range(ROUNDS):
        home = f"{work}/home"
        shutil.rmtree(home, ignore_errors=True)
        os.mkdir(home)
        base = zcat()
        cold, cold_mb = sync(home, "--nvd", f"{DATA}/nvd", "--kev", f"{DATA}/kev.json.gz")
        whole, whole_mb = scan(home, f"{work}/whole.jsonl")
        disk = max(disk, on_disk(home))
        step, step_mb = sync(home, "--nvd", delta)
        changed, changed_mb = scan(home, f"{work}/changed.jsonl", "--changed")
        disk = max(disk, on_disk(home))
        found = (base, cold, cold / base, whole, step, changed, max(cold_mb, step_mb), max(whole_mb, changed_mb))
        for name, value in zip(figures, found):
            figures[name].append(value)
        print(f"  round {index + 1}: zcat {base:.2f} s, sync {cold:.2f} s, scan {whole:.3f} s, sync of the delta {step:.2f} s, scan --changed {changed:.3f} s", flush=True)
    median = {k: statistics.median(v) for k, v in figures.items()}
    rows = [
        ("cold sync / zcat", median["ratio"], 1.0, "", f"{median['sync']:.2f} s / {median['zcat']:.2f} s; the aim is 0.70"),
        ("scan of all packages", median["scan"], 0.15, "s", "from a fresh process"),
        (f"sync of {count} changed records", median["delta"], 1.0, "s", ""),
        ("scan --changed", median["changed"], 0.1, "s", ""),
        ("peak memory of sync", max(figures["sync_mb"]), 600, "MB", "largest of all rounds"),
        ("peak memory of scan", max(figures["scan_mb"]), 150, "MB", "largest of all rounds"),
        ("state on disk", disk, 250, "MB", "after the delta as well"),
    ]
    print(f"\n{'figure':34} {'median':>10} {'bar':>10} {'ratio':>7}")
    for name, value, bar, unit, note in rows:
        verdict = "" if value <= bar else "  ABOVE THE BAR"
        print(f"{name:34} {value:>7.3f} {unit:2} {bar:>7g} {unit:2} {value / bar:>7.2f}{verdict}  {note}".rstrip())
    sys.exit(0 if all(value <= bar for _, value, bar, _, _ in rows) else 1)
finally:
    shutil.rmtree(work, ignore_errors=True)
