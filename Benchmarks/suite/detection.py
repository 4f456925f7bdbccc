"""`tote detect` on an order of many buildpacks in nested composites, beside their detect scripts one after the other."""
import os

import measuring
from home import BUILDER, tiny_home
from report import Section, median, milliseconds

COMPONENTS = 32
# Composites of four components, and composites of four of those: 42 buildpacks in two groups of the order.
WIDTH = 4
GROUP = WIDTH * WIDTH
SCRIPT = "#!/bin/sh\nsleep 0.05\nexit {status}\n"


def measure(settings):
    with settings.scratch(100_000_000) as scratch, tiny_home(settings, scratch) as (environment, _):
        app = os.path.join(scratch.path, "app")
        os.mkdir(app)
        builder, scripts = _write(os.path.join(scratch.path, "buildpacks"))
        tote = settings.tool("tote")
        measuring.run([tote, "builder", "create", "many", "--config", builder], environment)
        detect = [tote, "detect", "--builder", "many", "--path", app, "--pull-policy", "never", "--network", "none"]
        in_turn = ["sh", "-c", "for script; do \"$script\" || true; done", "sh"] + scripts
        detected, alone = measuring.rounds(settings.rounds(5), [
            ("tote detect", lambda: measuring.run(detect, environment)),
            ("the scripts in turn", lambda: measuring.run(in_turn)),
        ])

    section = Section("detection", f"detection of {COMPONENTS} buildpacks in 10 composites, 50 ms for each bin/detect")
    for one in (detected, alone):
        section.row(one.name, median(one, milliseconds), f"CPU {milliseconds(one.median('cpu'))}", figures=one.figures())
    section.ratio("the scripts in turn: times of 'tote detect'", alone.median() / detected.median(), at_least=5)
    return section


def _write(folder):
    """A builder's configuration, and the detect scripts. Only the last group passes."""
    scripts, modules, inner = [], [], []
    for number in range(COMPONENTS):
        passes = number % GROUP != GROUP // 2 or number >= COMPONENTS - GROUP
        scripts.append(_component(folder, f"c{number}", 0 if passes else 100))
        modules.append(f"c{number}")
    for first in range(0, COMPONENTS, WIDTH):
        inner.append(f"i{first // WIDTH}")
        _composite(folder, inner[-1], [[f"c{number}" for number in range(first, first + WIDTH)]])
    outer = []
    for first in range(0, len(inner), WIDTH):
        outer.append(f"o{first // WIDTH}")
        _composite(folder, outer[-1], [inner[first:first + WIDTH]])
    path = os.path.join(folder, "builder.toml")
    with open(path, "w") as file:
        for name in modules + inner + outer:
            file.write(f'[[buildpacks]]\nuri = "{name}"\n')
        for name in outer:
            file.write(f'[[order]]\n[[order.group]]\nid = "bench/{name}"\n')
        file.write(BUILDER)
    return path, scripts


def _descriptor(folder, name, more=""):
    path = os.path.join(folder, name)
    os.makedirs(os.path.join(path, "bin"))
    with open(os.path.join(path, "buildpack.toml"), "w") as file:
        file.write(f'api = "0.10"\n[buildpack]\nid = "bench/{name}"\nversion = "1"\n{more}')
    return path


def _component(folder, name, status):
    path = _descriptor(folder, name)
    for script, text in (("detect", SCRIPT.format(status=status)), ("build", "#!/bin/sh\n")):
        file_path = os.path.join(path, "bin", script)
        with open(file_path, "w") as file:
            file.write(text)
        os.chmod(file_path, 0o755)
    return os.path.join(path, "bin", "detect")


def _composite(folder, name, groups):
    order = "".join(
        "[[order]]\n" + "".join(f'[[order.group]]\nid = "bench/{part}"\nversion = "1"\n' for part in group) for group in groups)
    _descriptor(folder, name, order)
