"""Times the making of repository metadata and prints each figure beside its bar. Called by benches/repository."""
import glob
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PROGRAMS, PACKAGES, ROUNDS = os.path.abspath(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


def timed(*command):
    """Seconds and peak memory in MiB of a command."""
    with tempfile.NamedTemporaryFile() as report:
        start = time.perf_counter()
        done = subprocess.run(["/usr/bin/time", "-v", "-o", report.name, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        seconds = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
        peak = re.search(r"Maximum resident set size \(kbytes\): (\d+)", open(report.name).read())
        return seconds, int(peak.group(1)) / 1024


def make(folder, count, first):
    subprocess.run([f"{PROGRAMS}/make_rpms", folder, str(count), str(first)], check=True)
    return sorted(glob.glob(f"{folder}/*.rpm"))


def createrepo(tree, out):
    return timed("createrepo_c", "--quiet", "--update", "--no-database", "--workers", str(os.cpu_count()), "--outputdir", out, tree)


def ours(*arguments):
    return timed(f"{PROGRAMS}/repository_bench", *arguments)


def median(runs):
    runs = list(runs)
    return statistics.median(s for s, _ in runs), max(m for _, m in runs)


work = tempfile.mkdtemp(prefix="seaworthy-bench-", dir=os.environ.get("WORK"))
try:
    tree, theirs, state, out = (f"{work}/{n}" for n in ("tree", "theirs", "state", "ours"))
    os.mkdir(theirs)
    make(tree, PACKAGES, 0)
    more = make(f"{work}/more", 3 * ROUNDS, PACKAGES)
    missed = []

    def show(what, figure, bar, good):
        print(f"{what:64} {figure:>16}   bar {bar}{'' if good else '   MISSED'}", flush=True)
        if not good:
            missed.append(what)

    # First, from nothing: both read every package.
    first_theirs, first_ours = createrepo(tree, theirs), ours(tree, state, out)
    print(f"from nothing: createrepo_c {first_theirs[0]:.1f} s, {first_theirs[1]:.0f} MiB; this {first_ours[0]:.1f} s, {first_ours[1]:.0f} MiB")

    for compression in ((), ("gzip",)):
        label = compression[0] if compression else "zstd"
        where = f"{out}-{label}"
        # The first time in a compression makes the chunks' members.
        ours(tree, state, where, *compression)
        pairs = [(createrepo(tree, theirs), ours(tree, state, where, *compression)) for _ in range(ROUNDS)]
        a, b = median(p[0] for p in pairs), median(p[1] for p in pairs)
        show(f"unchanged, {label}: createrepo_c {a[0]:.2f} s, this {b[0]:.3f} s, {b[1]:.0f} MiB", f"{a[0] / b[0]:.1f} x", "5 x", a[0] >= 5 * b[0])

        pairs = []
        for _ in range(ROUNDS):
            shutil.move(more.pop(), tree)
            pairs.append((createrepo(tree, theirs), ours(tree, state, where, *compression)))
        a, b = median(p[0] for p in pairs), median(p[1] for p in pairs)
        show(f"one more in the tree, {label}: createrepo_c {a[0]:.2f} s, this {b[0]:.3f} s, {b[1]:.0f} MiB", f"{a[0] / b[0]:.1f} x", "5 x", a[0] >= 5 * b[0])

    # Publication: the set is known, the tree is not looked at.
    single = f"{work}/single"
    shutil.copytree(state, single)
    runs = [ours("add", more.pop(), single, f"{work}/added") for _ in range(ROUNDS)]
    seconds, peak = median(runs)
    show(f"one package published into {PACKAGES:,}, zstd", f"{seconds:.3f} s", "1 s", seconds <= 1)
    show("  its peak memory", f"{peak:.0f} MiB", "200 MB", peak * 1.048576 <= 200)
    sizes = {k: os.path.getsize(glob.glob(f"{work}/ours-{k}/*-primary.xml.*")[0]) for k in ("zstd", "gzip")}
    sizes["createrepo_c"] = os.path.getsize(glob.glob(f"{theirs}/repodata/*-primary.xml.*")[0])
    print("primary: " + ", ".join(f"{k} {v / 1e6:.1f} MB" for k, v in sizes.items()))
    sys.exit(1 if missed else 0)
finally:
    shutil.rmtree(work)
