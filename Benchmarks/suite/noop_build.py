"""A build that changes nothing, beside the bare sandbox runtime with the same script in the same root file system."""
import json
import os
import re
import shutil

import measuring
import tinyimage
from home import tiny_home
from report import Section, median, milliseconds

SCRIPT = re.compile(r"inline = '''\n(.*?)'''", re.DOTALL)


def measure(settings):
    app = os.path.join(settings.repository, "Examples", "hello-shell")
    with open(os.path.join(app, "project.toml")) as file:
        script = SCRIPT.search(file.read()).group(1)
    # A user's folder is on a disk, and so is this one; the other tells what of the time the disk takes.
    with settings.scratch(100_000_000, on_disk=True) as disk, settings.scratch(100_000_000) as scratch:
        crun = _bundle(os.path.join(scratch.path, "bundle"), script)
        layers = os.path.join(scratch.path, "layers")
        os.mkdir(layers)
        with tiny_home(settings, disk) as (environment, build), tiny_home(settings, scratch) as (other, _):
            build += ["hello", "--path", app]
            bare = ["busybox", "sh", "-c", script]
            built, in_memory, sandboxed, alone = measuring.rounds(settings.rounds(20), [
                ("tote build, on a disk", lambda: measuring.run(build, environment)),
                (f"tote build, all {scratch.kind}", lambda: measuring.run(build, other)),
                ("crun run, the same script", lambda: measuring.run(crun)),
                ("the script alone", lambda: measuring.run(bare, settings.environment | {"CNB_LAYERS_DIR": layers})),
            ])

    section = Section("no-op-build", "no-op build of hello-shell: second and later builds, one buildpack")
    for one in (built, in_memory, sandboxed, alone):
        section.row(one.name, median(one, milliseconds), f"CPU {milliseconds(one.median('cpu'))}", figures=one.figures())
    section.ratio("tote build, on a disk: times of 'crun run'", built.median() / sandboxed.median())
    for one in (built, in_memory):
        section.value(f"{one.name}, less the script", one.median() - alone.median(), milliseconds, below=0.150)
    return section


def _bundle(folder, script):
    """An OCI bundle as bare as a build's sandbox, and the command that runs it once."""
    crun = shutil.which("crun")
    if crun is None:
        raise SystemExit("error: crun is missing: install the Debian package crun")
    root = os.path.join(folder, "rootfs")
    tinyimage.unpack(root)
    os.makedirs(os.path.join(root, "layers"))
    os.chmod(os.path.join(root, "layers"), 0o777)
    restricted = ["nosuid", "noexec", "nodev"]
    configuration = {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": 0, "gid": 0}, "cwd": "/", "noNewPrivileges": True, "capabilities": {},
            "args": ["/bin/sh", "-c", script], "env": [f"PATH={tinyimage.PATH}", "CNB_LAYERS_DIR=/layers"],
        },
        "root": {"path": root},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc", "options": restricted},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
            {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": restricted},
        ],
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "network")]},
    }
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(configuration, file)
    # crun wants to be root in its user namespace, and refuses to start beside cgroups of version 1: nothing of them is used here.
    outside = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    hide = "[ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t tmpfs none /sys/fs/cgroup; "
    run = 'exec "$1" --cgroup-manager=disabled --root "$2/state" run --bundle "$2" bench'
    return outside + ["sh", "-c", hide + run, "sh", crun, folder]
