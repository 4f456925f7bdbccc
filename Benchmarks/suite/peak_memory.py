"""The most memory that exporting a large layer takes: the writer alone, and a whole build of an app of that size."""
import os

import measuring
import trees
from home import tiny_home
from report import Section, amount

DESCRIPTOR = """\
[_]
schema-version = "0.2"

[[io.buildpacks.group]]
id = "example/nothing"

[io.buildpacks.group.script]
api = "0.10"
inline = "true"
"""


def measure(settings):
    size = settings.scaled(2 << 30)
    with settings.scratch(3 * size) as scratch:
        tree, out = os.path.join(scratch.path, "tree"), os.path.join(scratch.path, "out")
        measuring.in_child(trees.make_large_tree, tree, size)
        writer, _ = measuring.peak_memory([settings.tool("layer-bench"), tree, out])
        os.remove(out)
        with open(os.path.join(tree, "project.toml"), "w") as file:
            file.write(DESCRIPTOR)
        with tiny_home(settings, scratch) as (environment, build):
            largest, together = measuring.peak_memory(build + ["large", "--path", tree], environment)

        section = Section("peak-memory", f"peak memory: a layer of {amount(size)}, half holes, half noise, {scratch.kind}", size=size)
        section.value("layer export alone", writer, amount, below=100e6)
        section.value("tote build, largest process", largest, amount, below=100e6)
        section.value("tote build, all processes together", together, amount, below=100e6)
        return section
