"""A `TOTE_HOME` of its own with a tiny builder in it."""
import contextlib
import os

import measuring
import tinyimage

BUILDER = """\
[build]
image = "tiny-build"

[[run.images]]
image = "tiny-run"
"""


@contextlib.contextmanager
def tiny_home(settings, scratch):
    """Gives the environment for tote and the beginning of a command line that builds without a network."""
    path = os.path.join(scratch.path, "home")
    environment = settings.environment | {"TOTE_HOME": path}
    tote = settings.tool("tote")
    measuring.in_child(tinyimage.put, path)
    descriptor = os.path.join(scratch.path, "builder.toml")
    with open(descriptor, "w") as file:
        file.write(BUILDER)
    measuring.run([tote, "builder", "create", "tiny", "--config", descriptor], environment)
    try:
        yield environment, [tote, "build", "--builder", "tiny", "--network", "none"]
    finally:
        # Unpacked layers may belong to subordinate ids, which only tote itself can remove.
        measuring.run([tote, "prune", "--all"], environment)
