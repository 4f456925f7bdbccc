"""Rebuilds with one large cached layer: nothing changed, one file changed, and its first export, beside tar over the same files."""
import json
import os
import random
import shutil

import measuring
import trees
from home import tiny_home
from report import Section, amount, median, milliseconds, seconds

DESCRIPTOR = """\
[_]
schema-version = "0.2"

[[io.buildpacks.group]]
id = "example/large"

[io.buildpacks.group.script]
api = "0.10"
inline = '''
%s
'''
"""

# The files are made once and come into the build by a volume; EDIT names one that this build makes longer by a line.
SCRIPT = """\
set -e
layer="$1/data"
if [ ! -d "$layer" ]; then cp -a "${FILES:-/files}" "$layer"; fi
printf '[types]\\nlaunch = true\\ncache = true\\n' > "$1/data.toml"
if [ -n "$EDIT" ]; then echo more >> "$layer/$EDIT"; fi"""


class App:
    """An app whose one buildpack makes a layer of a tree."""

    def __init__(self, scratch, build, environment, name, tree):
        folder = os.path.join(scratch.path, name)
        os.mkdir(folder)
        with open(os.path.join(folder, "project.toml"), "w") as file:
            file.write(DESCRIPTOR % SCRIPT)
        self.name, self.environment, self.tote = name, environment, build[0]
        self.command = build + [name, "--path", folder, "--volume", f"{tree}:/files:ro"]
        files = sorted(os.path.relpath(os.path.join(folder, name), tree) for folder, _, names in os.walk(tree) for name in names)
        # Anywhere in the layer: what comes before the file costs less than what comes after it.
        self.edits = random.Random(trees.SEED).sample(files, min(40, len(files)))

    def build(self):
        return measuring.run(self.command, self.environment)

    def timed(self, command=None):
        """A build, and the seconds that it says its layer took."""
        run, said = measuring.run_and_read((command or self.command) + ["--progress", "json"], self.environment)
        layer, = [one for one in json.loads(said.splitlines()[-1])["layers"] if one["name"] == "example/large:data"]
        return run, measuring.Run(layer["seconds"], layer["seconds"])

    def next_edit(self):
        return self.command + ["--env", f"EDIT={self.edits.pop()}"]

    def edited(self):
        return measuring.run(self.next_edit(), self.environment)

    def edited_timed(self):
        return self.timed(self.next_edit())

    def forget(self):
        """Nothing of the layer is left: neither in the cache nor in an image."""
        measuring.run([self.tote, "cache", "prune", self.name], self.environment)
        measuring.run([self.tote, "images", "rm", self.name], self.environment)


def measure(settings):
    size, count = settings.scaled(844_000_000), settings.scaled(50_000)
    with settings.scratch(8 * size) as scratch:
        tree, little_tree = os.path.join(scratch.path, "tree"), os.path.join(scratch.path, "little-tree")
        measuring.in_child(trees.make_mixed_tree, tree, size, count)
        measuring.in_child(trees.make_mixed_tree, little_tree, settings.scaled(10_000_000), settings.scaled(600))
        size, count = trees.measure_tree(tree)
        section = Section("rebuild", f"rebuild: a cached layer of {amount(size)} in {count:,} files, {scratch.kind}", size=size, files=count)
        with tiny_home(settings, scratch) as (environment, build):
            large, little = App(scratch, build, environment, "large", tree), App(scratch, build, environment, "little", little_tree)
            _measure_nothing_changed(section, settings, scratch, large, little, tree)
            one_build = _disk(environment["TOTE_HOME"])
            first = _measure_first(section, settings, scratch, large, tree)
            large.build()
            _measure_one_file_changed(section, settings, large, first)
            _measure_disk(section, large, environment["TOTE_HOME"], one_build)
    return section


def _measure_nothing_changed(section, settings, scratch, large, little, tree):
    layers = os.path.join(scratch.path, "layers")
    os.makedirs(os.path.join(layers, "data"))
    alone = ["busybox", "sh", "-c", SCRIPT, "build", layers]
    archive = os.path.join(scratch.path, "layer.tar")
    measuring.run(["tar", "-C", tree, "-cf", archive, "."])
    built, small, script = measuring.rounds(settings.rounds(15), [
        ("no-op build", large.build),
        ("no-op build, 10 MB", little.build),
        ("the script alone", lambda: measuring.run(alone, settings.environment)),
    ])
    # Apart from these: it fills and empties the memory with what the next program then waits for.
    (tar,) = measuring.rounds(settings.rounds(5), [("tar -x; tar -c | sha256sum", lambda: _tar(scratch, archive))])
    os.remove(archive)
    for one in (built, small, script, tar):
        section.row(one.name, median(one, milliseconds), f"CPU {milliseconds(one.median('cpu'))}", figures=one.figures())
    section.ratio("no-op build: of the one with 10 MB", built.median() / small.median(), at_most=1.2)
    section.value("no-op build, less the script", built.median() - script.median(), milliseconds, below=0.250)
    section.ratio("no-op build: times as fast as tar", tar.median() / (built.median() - script.median()), at_least=20)


def _tar(scratch, archive):
    out = os.path.join(scratch.path, "out")
    os.mkdir(out)
    result = measuring.run(
        ["bash", "-c", 'set -o pipefail; tar -C "$1" -xf "$2"; tar -C "$1" -c . | sha256sum', "bash", out, archive])
    shutil.rmtree(out)
    return result


def _measure_first(section, settings, scratch, large, tree):
    """The median of the seconds that the export takes."""
    exports = measuring.Series("  of it the layer's export")

    def build():
        large.forget()
        run, export = large.timed()
        exports.runs.append(export)
        return run

    pipeline = 'set -o pipefail; tar -C "$1" -c . | tee >(sha256sum) | gzip -1 | sha256sum'
    built, piped = measuring.rounds(settings.rounds(3), [
        ("first build", build),
        ("tar | tee >(sha) | gzip | sha", lambda: measuring.run(["bash", "-c", pipeline, "bash", tree])),
    ])
    exports.runs.pop(0)
    for one in (built, exports, piped):
        section.row(one.name, median(one, seconds), f"CPU {seconds(one.median('cpu'))}" if one is not exports else "", figures=one.figures())
    section.ratio("first export: times as fast as the pipeline", piped.median() / exports.median(), at_least=4)
    large.forget()
    largest, together = measuring.peak_memory(large.command, large.environment)
    section.value("first build, largest process", largest, amount, below=100e6)
    section.value("first build, all processes together", together, amount, below=100e6)
    return exports.median()


def _measure_one_file_changed(section, settings, large, first_export):
    exports = measuring.Series("  of it the layer's export")

    def build():
        run, export = large.edited_timed()
        exports.runs.append(export)
        return run

    (built,) = measuring.rounds(settings.rounds(9), [("build, one file changed", build)])
    exports.runs.pop(0)
    section.row(built.name, median(built, seconds), f"CPU {seconds(built.median('cpu'))}", figures=built.figures())
    section.row(exports.name, median(exports, seconds), figures=exports.figures())
    section.ratio("one file changed: of the first export", exports.median() / first_export, at_most=0.25)
    largest, _ = measuring.peak_memory(large.next_edit(), large.environment)
    section.value("one file changed, largest process", largest, amount, below=100e6)


def _measure_disk(section, large, home, one_build):
    for _ in range(10):
        large.edited()
    section.ratio("disk after ten such builds: of that after one", _disk(home) / one_build, at_most=1.2)


def _disk(path):
    """Bytes that a tree takes on its file system; files with several names count once."""
    seen, total = set(), 0
    for folder, names, files in os.walk(path):
        for name in names + files:
            status = os.lstat(os.path.join(folder, name))
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                total += status.st_blocks * 512
    return total
