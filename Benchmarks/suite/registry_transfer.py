"""Pushes and pulls of a large image beside `skopeo copy`, and what goes over the wire when little has to."""
import contextlib
import gzip
import hashlib
import json
import os
import platform
import random
import shutil
import tarfile

import measuring
from home import tiny_home
from registry import CountingRelay, Registry
from report import Section, amount, median, seconds

LAYERS = 5
CREATED = "2026-01-01T00:00:00Z"
APP = """\
[_]
schema-version = "0.2"

[[io.buildpacks.group]]
id = "example/hello"

[io.buildpacks.group.script]
api = "0.10"
inline = "true"
"""


def measure(settings):
    size = settings.scaled(1_000_000_000)
    with settings.scratch(4 * size) as scratch:
        section = Section("registry", f"registry on loopback: an image of {amount(size)} in {LAYERS} layers, {scratch.kind}", size=size)
        home = os.path.join(scratch.path, "big-home")
        measuring.in_child(put_noise, home, "big", size, LAYERS)
        _against_skopeo(settings, scratch, section, home)
        _again(settings, scratch, section, home)
        shutil.rmtree(home)
        _publish(settings, scratch, section)
        return section


def _against_skopeo(settings, scratch, section, home):
    tote, skopeo = settings.tool("tote"), shutil.which("skopeo")
    if skopeo is None:
        raise SystemExit("error: skopeo is missing: install the Debian package skopeo")
    store, fresh = os.path.join(home, "images"), os.path.join(scratch.path, "fresh")
    environment = settings.environment | {"TOTE_HOME": home}
    copy = [skopeo, "--insecure-policy", "--tmpdir", scratch.path, "copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false"]

    @contextlib.contextmanager
    def registry():
        # A new one each time: nobody remembers what it has.
        with Registry(os.path.join(scratch.path, "registry")) as server:
            yield server.host

    def push(arguments, run=measuring.run):
        with registry() as host:
            return run([text.replace("HOST", host) for text in arguments], environment)

    def pull(arguments, run=measuring.run):
        with registry() as host:
            measuring.run([tote, "images", "push", "big", f"{host}/big"], environment)
            try:
                return run([text.replace("HOST", host) for text in arguments], settings.environment | {"TOTE_HOME": fresh})
            finally:
                shutil.rmtree(fresh)

    tote_push, tote_pull = [tote, "images", "push", "big", "HOST/big"], [tote, "images", "pull", "HOST/big"]
    series = measuring.rounds(settings.rounds(5), [
        ("tote: push", lambda: push(tote_push)),
        ("skopeo copy: push", lambda: push(copy + [f"oci:{store}:docker.io/library/big:latest", "docker://HOST/big"])),
        ("tote: pull", lambda: pull(tote_pull)),
        ("skopeo copy: pull", lambda: pull(copy + ["docker://HOST/big", f"oci:{fresh}:big"])),
    ])
    for one in series:
        section.row(one.name, median(one, seconds), f"CPU {seconds(one.median('cpu'))}", figures=one.figures())
    for name, ours, theirs in (("push", *series[:2]), ("pull", *series[2:])):
        section.ratio(f"{name}: of the time of 'skopeo copy'", ours.median() / theirs.median(), at_most=1)
        section.ratio(f"{name}: of the CPU time of 'skopeo copy'", ours.median("cpu") / theirs.median("cpu"), at_most=1)
    for name, transfer, command in (("push", push, tote_push), ("pull", pull, tote_pull)):
        largest, _ = transfer(command, measuring.peak_memory)
        section.value(f"{name}: peak memory", largest, amount, below=64e6)


def _again(settings, scratch, section, home):
    """Pushes an image that the registry has."""
    environment = settings.environment | {"TOTE_HOME": home}
    with Registry(os.path.join(scratch.path, "registry")) as server, CountingRelay(server.host) as relay:
        push = [settings.tool("tote"), "images", "push", "big", f"{relay.host}/big"]
        measuring.run(push, environment)
        before, up = len(server.requests()), relay.up
        measuring.run(push, environment)
        requests = server.requests()[before:]
        section.count("pushed again: uploads", sum(method in ("POST", "PATCH", "PUT") and "/blobs/" in path for method, path in requests), 0)
        # The config is a blob, too.
        section.count("pushed again: requests", len(requests), LAYERS + 1 + 3)
        section.count("pushed again: bytes sent, heads of requests too", relay.up - up, 10_000)


def _publish(settings, scratch, section):
    """Builds on a run image that the registry holds, and sends the app there."""
    size = settings.scaled(200_000_000)
    other = os.path.join(scratch.path, "run-home")
    layer = os.path.join(scratch.path, "layer")
    measuring.in_child(put_noise, other, "run", size, 1, layer)
    with open(layer) as file:
        digest = file.read()
    app = os.path.join(scratch.path, "app")
    os.mkdir(app)
    with open(os.path.join(app, "project.toml"), "w") as file:
        file.write(APP)
    with Registry(os.path.join(scratch.path, "registry")) as server, CountingRelay(server.host) as relay:
        push = [settings.tool("tote"), "images", "push", "run", f"{relay.host}/base/run"]
        measuring.run(push, settings.environment | {"TOTE_HOME": other})
        with tiny_home(settings, scratch) as (environment, build):
            before, up, down = len(server.requests()), relay.up, relay.down
            measuring.run(
                build + [f"{relay.host}/acme/app", "--path", app, "--run-image", f"{relay.host}/base/run", "--publish"], environment)
        requests = server.requests()[before:]
        touched = [path for method, path in requests if digest in path and not (method == "HEAD" or "mount=" in path)]
        section.count("publish: transfers of the run image's layer", len(touched), 0)
        name = f"publish on a run image of {amount(size)}"
        section.value(f"{name}: bytes up", relay.up - up, _exact, below=1_000_000)
        section.value(f"{name}: bytes down", relay.down - down, _exact, below=1_000_000)
    shutil.rmtree(other)


def _exact(size):
    return f"{size / 1e3:,.0f} kB"


def put_noise(home, name, size, layers, note=None):
    """An image of noise in the store of a new `TOTE_HOME`: already compressed, as layers are, but nothing that compresses further."""
    blobs = os.path.join(home, "images", "blobs", "sha256")
    os.makedirs(blobs, mode=0o700)
    for folder in (home, os.path.join(home, "images")):
        os.chmod(folder, 0o700)
    rng = random.Random(len(name))

    def document(value, kind):
        content = json.dumps(value, sort_keys=True).encode()
        digest = hashlib.sha256(content).hexdigest()
        with open(os.path.join(blobs, digest), "wb") as file:
            file.write(content)
        return {"mediaType": kind, "digest": "sha256:" + digest, "size": len(content)}

    descriptors, diff_ids = [], []
    for number in range(layers):
        descriptor, diff_id = _layer(blobs, rng, f"file-{number}", size // layers)
        descriptors.append(descriptor)
        diff_ids.append(diff_id)
    if note:
        with open(note, "w") as file:
            file.write(descriptors[0]["digest"])
    config = document(
        {
            "created": CREATED, "os": "linux", "architecture": {"aarch64": "arm64"}.get(platform.machine(), "amd64"),
            "config": {"Labels": {"io.buildpacks.base.distro.name": "debian", "io.buildpacks.base.distro.version": "12"}},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        }, "application/vnd.oci.image.config.v1+json")
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = document({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": descriptors}, kind)
    entry = manifest | {"annotations": {"org.opencontainers.image.ref.name": f"docker.io/library/{name}:latest"}}
    with open(os.path.join(home, "images", "index.json"), "w") as file:
        json.dump({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [entry]}, file)
    with open(os.path.join(home, "images", "oci-layout"), "w") as file:
        file.write('{"imageLayoutVersion":"1.0.0"}')


def _layer(blobs, rng, name, size):
    """A gzip of a tar with one file, written in pieces; the descriptor and the diffID."""
    path = os.path.join(blobs, "new")
    plain = hashlib.sha256()
    with gzip.GzipFile(path, "wb", compresslevel=1, mtime=0) as file:
        def add(content):
            plain.update(content)
            file.write(content)

        add(_header(name, size))
        left = size
        while left > 0:
            piece = rng.randbytes(min(left, 8 << 20))
            add(piece)
            left -= len(piece)
        add(bytes(-size % 512 + 1024))
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    descriptor = {
        "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:" + digest.hexdigest(),
        "size": os.path.getsize(path),
    }
    os.rename(path, os.path.join(blobs, digest.hexdigest()))
    return descriptor, "sha256:" + plain.hexdigest()


def _header(name, size):
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry.tobuf(tarfile.USTAR_FORMAT)
