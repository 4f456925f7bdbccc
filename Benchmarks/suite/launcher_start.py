"""What the launcher adds to the start of a process, against a C program that does nothing but start it."""
import os

import measuring
from report import Section, median, milliseconds

METADATA = """\
[[processes]]
  type = "web"
  command = ["/bin/true"]
  direct = true
  default = true
  buildpack-id = "example/bench"

[[buildpacks]]
  id = "example/bench"
  version = "1.0.0"
  api = "0.10"
"""


def measure(settings):
    with settings.scratch(10_000_000) as scratch:
        for folder in ("layers/config", "layers/example_bench/tool/bin", "app", "process"):
            os.makedirs(os.path.join(scratch.path, folder))
        with open(os.path.join(scratch.path, "layers/config/metadata.toml"), "w") as file:
            file.write(METADATA)
        # A container calls the launcher by the link that is named for the process.
        process = os.path.join(scratch.path, "process/web")
        os.symlink(settings.tool("launcher"), process)
        peer = os.path.join(scratch.path, "exec-true")
        measuring.run(["gcc", "-O2", "-static", "-o", peer, os.path.join(settings.repository, "Benchmarks/exec-true.c")])
        environment = {
            "PATH": "/usr/bin:/bin", "CNB_PLATFORM_API": "0.15",
            "CNB_LAYERS_DIR": os.path.join(scratch.path, "layers"), "CNB_APP_DIR": os.path.join(scratch.path, "app"),
        }
        launcher, exec_true = measuring.rounds(settings.rounds(500), [
            ("launcher", lambda: measuring.spawn([process], environment)),
            ("C program", lambda: measuring.spawn([peer], environment)),
        ])

        section = Section("launcher-start", "launcher: from its start to the end of /bin/true, one buildpack with one layer")
        for one in (launcher, exec_true):
            section.row(one.name, median(one, milliseconds), figures=one.figures())
        section.value("launcher over the C program", launcher.median() - exec_true.median(), milliseconds, below=0.001)
        return section
