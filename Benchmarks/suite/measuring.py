"""Running programs and measuring what they take."""
import os
import resource
import statistics
import subprocess
import time
from dataclasses import dataclass, field


@dataclass
class Run:
    """Seconds; CPU time is that of the program and of all that it waited for."""
    wall: float
    cpu: float


@dataclass
class Series:
    """The runs of one contender."""
    name: str
    runs: list = field(default_factory=list)

    def median(self, what="wall"):
        return statistics.median(getattr(run, what) for run in self.runs)

    def spread(self, what="wall"):
        values = [getattr(run, what) for run in self.runs]
        return min(values), max(values)

    def figures(self):
        return {
            what: {"median": self.median(what), "min": self.spread(what)[0], "max": self.spread(what)[1]} for what in ("wall", "cpu")
        } | {"rounds": len(self.runs)}


def run(arguments, environment=None):
    """One run to its end; what it says is of interest only when it fails."""
    begin = time.perf_counter()
    process, complaints = _start(arguments, environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    _end(process, status, complaints)
    return Run(wall, usage.ru_utime + usage.ru_stime)


def run_and_read(arguments, environment=None):
    """One run, and what it says on standard error."""
    begin = time.perf_counter()
    process, said = _start(arguments, environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    said.seek(0)
    text = said.read()
    _end(process, status, said)
    return Run(wall, usage.ru_utime + usage.ru_stime), text


def spawn(arguments, environment):
    """Like `run`, for programs that take less time than `run` itself does."""
    begin = time.perf_counter()
    process = os.posix_spawn(arguments[0], arguments, environment)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - begin
    if status != 0:
        raise SystemExit(f"error: {' '.join(arguments)} ended with status {os.waitstatus_to_exitcode(status)}")
    return Run(wall, usage.ru_utime + usage.ru_stime)


def rounds(count, contenders):
    """Runs the contenders in turn, so that a machine that slows down meanwhile does so for all. The first round only warms up."""
    series = [Series(name) for name, _ in contenders]
    for number in range(count + 1):
        for one, (_, body) in zip(series, contenders):
            result = body()
            if number > 0:
                one.runs.append(result)
    return series


def in_child(body, *arguments):
    """Does something in a process of its own, so that its memory is not counted as that of programs started later."""
    child = os.fork()
    if child == 0:
        try:
            body(*arguments)
            os._exit(0)
        except BaseException as error:
            print(f"error: {error!r}", flush=True)
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise SystemExit(1)


def peak_memory(arguments, environment=None):
    """Peak bytes of the largest single process, and of the whole process tree at one moment.

    Both are sampled. For the first that loses nothing but what a process grew in its last moments, since the kernel keeps the peak
    of each. The second adds up proportional set sizes, which count shared pages once.
    """
    process, complaints = _start(arguments, environment)
    largest = together = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid != 0:
            break
        tree = _tree(process.pid)
        largest = max([largest] + [_field(one, "status", "VmHWM:") for one in tree])
        together = max(together, sum(_field(one, "smaps_rollup", "Pss:") for one in tree))
        time.sleep(0.01)
    _end(process, status, complaints)
    # The kernel's figure at the end misses nothing, but begins with the memory of the process that started this one: ours.
    if usage.ru_maxrss > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
        largest = max(largest, usage.ru_maxrss * 1024)
    return largest, together


def _start(arguments, environment):
    complaints = os.fdopen(os.memfd_create("stderr"), "w+")
    process = subprocess.Popen(
        arguments, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=complaints)
    return process, complaints


def _end(process, status, complaints):
    process.returncode = os.waitstatus_to_exitcode(status)
    with complaints:
        if status != 0:
            complaints.seek(0)
            raise SystemExit(f"error: {process.args[0]} ended with status {process.returncode}\n{complaints.read()}")


def _tree(root):
    """A process and its descendants."""
    found, pending = [], [root]
    while pending:
        process = pending.pop()
        found.append(process)
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children") as file:
                    pending += [int(child) for child in file.read().split()]
        except OSError:
            pass
    return found


def _field(process, file, name):
    """Bytes that a file of /proc gives in KB; 0 for a process that is gone."""
    try:
        with open(f"/proc/{process}/{file}") as lines:
            for line in lines:
                if line.startswith(name):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
