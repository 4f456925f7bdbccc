"""Runs the benchmarks and prints what they find: see docs/benchmarks.md."""
import argparse
import json
import os

import detection
import launcher_start
import layer_export
import noop_build
import peak_memory
import rebase
import rebuild
import registry_transfer
from settings import Settings

BENCHMARKS = {
    "layer-export": layer_export,
    "no-op-build": noop_build,
    "launcher-start": launcher_start,
    "rebuild": rebuild,
    "detection": detection,
    "peak-memory": peak_memory,
    "registry": registry_transfer,
    "rebase": rebase,
}

parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures tote against other programs, all in one run.")
parser.add_argument("benchmarks", nargs="*", metavar="BENCHMARK", help=f"which to run: {', '.join(BENCHMARKS)}; all when none is named")
parser.add_argument("--json", metavar="FILE", help="write the figures to a file as well")
arguments = parser.parse_args()
for name in arguments.benchmarks:
    if name not in BENCHMARKS:
        parser.error(f"there is no benchmark '{name}': there are {', '.join(BENCHMARKS)}")

settings = Settings(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
print(f"{os.cpu_count()} cores; medians of rounds in turn, with the fastest and the slowest round", flush=True)
figures = {}
for name in arguments.benchmarks or BENCHMARKS:
    section = BENCHMARKS[name].measure(settings)
    figures[name] = section.json
    print("\n" + section.text(), flush=True)
if arguments.json:
    with open(arguments.json, "w") as file:
        json.dump({"cores": os.cpu_count(), "scale": settings.scale, "benchmarks": figures}, file, indent=2)
        file.write("\n")
