"""What a run of the benchmarks works with."""
import os
import shutil
import tempfile

SHARED_MEMORY = "/dev/shm"


class Scratch:
    """A fresh folder that goes with the block it is made for."""

    def __init__(self, parent, kind):
        self.path = tempfile.mkdtemp(prefix="tote-bench-", dir=parent)
        self.kind = kind

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)


class Settings:
    def __init__(self, repository):
        self.repository = repository
        self.scale = _number(os.environ.get("BENCH_SCALE") or "1")
        self.binaries = os.path.abspath(os.environ.get("BENCH_BIN") or os.path.join(repository, ".build", "release"))
        if not 0 < self.scale <= 100:
            raise SystemExit("error: BENCH_SCALE must be a number above 0 and at most 100")
        # Nothing of the caller's own settings may change what is measured.
        self.environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.environment["HOME"] = "/nonexistent"

    def scaled(self, number):
        return max(1, int(number * self.scale))

    def rounds(self, number):
        return max(3, int(number * min(self.scale, 1)))

    def tool(self, name):
        path = os.path.join(self.binaries, name)
        if not os.access(path, os.X_OK):
            raise SystemExit(f"error: '{path}' is missing: run 'make bench', which builds it")
        return path

    def scratch(self, size, on_disk=False):
        """A folder with room for `size` bytes: in memory when they fit there twice, so that no disk is measured, else on the disk."""
        if not on_disk and os.path.isdir(SHARED_MEMORY) and min(_free(SHARED_MEMORY), _available_memory()) >= 2 * size:
            return Scratch(SHARED_MEMORY, "in memory")
        folder = os.environ.get("TMPDIR") or "/var/tmp"
        if _free(folder) < size:
            raise SystemExit(
                f"error: '{folder}' has no room for {size / 1e6:.0f} MB: set TMPDIR to another folder, or BENCH_SCALE to less than 1")
        return Scratch(folder, "on disk")


def _number(text):
    try:
        return float(text)
    except ValueError:
        return 0


def _free(folder):
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def _available_memory():
    with open("/proc/meminfo") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0
