"""Writing a layer, against tar with a hash or a compressor behind it, over the same tree."""
import os

import measuring
import trees
from report import Section, amount, median, seconds


def measure(settings):
    with settings.scratch(3 * settings.scaled(300_000_000)) as scratch:
        tree, out = os.path.join(scratch.path, "tree"), os.path.join(scratch.path, "out")
        measuring.in_child(trees.make_mixed_tree, tree, settings.scaled(300_000_000), settings.scaled(8000))
        size, count = trees.measure_tree(tree)
        layer_bench = settings.tool("layer-bench")

        def pipe(filter):
            return lambda: measuring.run(["bash", "-c", f'set -o pipefail; tar -C "$1" -c . | {filter} >"$2"', "bash", tree, out])

        series = measuring.rounds(settings.rounds(5), [
            ("tote: layer export", lambda: measuring.run([layer_bench, tree, out])),
            ("tar | gzip -1", pipe("gzip -1")),
            ("tote: layer hash", lambda: measuring.run([layer_bench, tree])),
            ("tar | sha256sum", pipe("sha256sum")),
        ])
        export, gzip, hashing, sha = series

        section = Section("layer-export", f"layer export: {amount(size)} in {count:,} files, {scratch.kind}, warm", size=size, files=count)
        for one in series:
            speed = f"{size / one.median() / 1e6:,.0f} MB/s"
            section.row(one.name, median(one, seconds), f"CPU {seconds(one.median('cpu'))}", speed, figures=one.figures())
        section.ratio("export: times as fast as 'tar | gzip -1'", gzip.median() / export.median(), at_least=2)
        section.ratio("export: of the CPU time of 'tar | gzip -1'", export.median("cpu") / gzip.median("cpu"))
        section.ratio("export: times as fast as 'tar | sha256sum'", sha.median() / export.median())
        section.ratio("hash only: times as fast as 'tar | sha256sum'", sha.median() / hashing.median())
        return section
