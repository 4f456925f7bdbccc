"""A thousand app images in one registry are put on a new release of their run image by one command."""
import hashlib
import json
import os
import shutil

import measuring
from home import tiny_home
from registry import Registry
from registry_transfer import APP, put_noise
from report import Section, amount, seconds

LAYERS = 3
AT_LEAST = 50


def measure(settings):
    count, size = settings.scaled(1000), settings.scaled(30_000_000)
    with settings.scratch(8 * size + 50_000 * count) as scratch:
        title = f"rebase: {count:,} app images of one base in a registry on loopback, {scratch.kind}"
        section = Section("rebase", title, images=count)
        tote = settings.tool("tote")
        app = os.path.join(scratch.path, "app")
        os.mkdir(app)
        with open(os.path.join(app, "project.toml"), "w") as file:
            file.write(APP)
        with Registry(os.path.join(scratch.path, "registry")) as server:
            run = f"{server.host}/base/run:1"
            layers = _push_run_image(settings, scratch, "old-run", size, run)
            with tiny_home(settings, scratch) as (environment, build):
                measuring.run(build + [f"{server.host}/acme/app-0", "--path", app, "--run-image", run, "--publish"], environment)
            _copy(server, count)
            layers |= _push_run_image(settings, scratch, "newer-run", size, run)

            environment = settings.environment | {"TOTE_HOME": os.path.join(scratch.path, "fresh")}
            rebase = [tote, "rebase", "--quiet", "--publish"] + [f"{server.host}/acme/app-{number}" for number in range(count)]
            before = len(server.requests())
            result = measuring.run(rebase, environment)
            requests = server.requests()[before:]
            section.row(
                "tote rebase --publish", seconds(result.wall), f"CPU {seconds(result.cpu)}", figures={"wall": result.wall, "cpu": result.cpu})
            section.ratio("images per second", count / result.wall, at_least=AT_LEAST)
            fetches = [path for method, path in requests if method == "GET"]
            section.count("fetches of the run image's manifest", sum(path.startswith("/v2/base/run/manifests/") for path in fetches), 1)
            section.count("fetches of layers", sum(path.rpartition("/")[2] in layers for path in fetches), 0)
            shared = sum(path.startswith("/v2/base/run/") for _, path in requests)
            section.ratio(f"requests per image, {LAYERS} layers to link", (len(requests) - shared) / count, at_most=8)

            before = len(server.requests())
            again = measuring.run(rebase, environment)
            writes = sum(method not in ("GET", "HEAD") for method, _ in server.requests()[before:])
            section.row("the same again", seconds(again.wall), f"CPU {seconds(again.cpu)}", figures={"wall": again.wall, "cpu": again.cpu})
            section.count("the same again: requests that write", writes, 0)
        section.json["run image"] = amount(size)
        return section


def _push_run_image(settings, scratch, name, size, reference):
    """A run image of noise; the answer is its layers."""
    home = os.path.join(scratch.path, name)
    measuring.in_child(put_noise, home, name, size, LAYERS)
    measuring.run([settings.tool("tote"), "images", "push", name, reference], settings.environment | {"TOTE_HOME": home})
    blobs = os.path.join(home, "images", "blobs", "sha256")
    layers = {"sha256:" + blob for blob in os.listdir(blobs) if os.path.getsize(os.path.join(blobs, blob)) >= size // LAYERS}
    shutil.rmtree(home)
    return layers


def _copy(server, count):
    """Makes more apps of the first, each with a config and a repository of its own, in the registry's folder."""
    root = os.path.join(server.folder, "data", "docker", "registry", "v2")
    first = os.path.join(root, "repositories", "acme", "app-0")
    blob = _link(first, "_manifests", "tags", "latest", "current")
    manifest = json.loads(_blob(root, blob))
    config = json.loads(_blob(root, manifest["config"]["digest"]))
    for number in range(1, count):
        folder = os.path.join(root, "repositories", "acme", f"app-{number}")
        for layer in manifest["layers"]:
            _put_link(folder, layer["digest"], "_layers", *layer["digest"].split(":"))
        config["config"]["Labels"]["app"] = f"{number}"
        content = json.dumps(config).encode()
        manifest["config"] |= {"digest": _put_blob(root, content), "size": len(content)}
        _put_link(folder, manifest["config"]["digest"], "_layers", *manifest["config"]["digest"].split(":"))
        digest = _put_blob(root, json.dumps(manifest).encode())
        parts = digest.split(":")
        for place in (["_manifests", "revisions", *parts], ["_manifests", "tags", "latest", "current"],
                      ["_manifests", "tags", "latest", "index", *parts]):
            _put_link(folder, digest, *place)


def _link(folder, *place):
    with open(os.path.join(folder, *place, "link")) as file:
        return file.read()


def _put_link(folder, digest, *place):
    path = os.path.join(folder, *place)
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, "link"), "w") as file:
        file.write(digest)


def _blob(root, digest):
    with open(_blob_path(root, digest), "rb") as file:
        return file.read()


def _put_blob(root, content):
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    path = _blob_path(root, digest)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return digest


def _blob_path(root, digest):
    kind, name = digest.split(":")
    return os.path.join(root, "blobs", kind, name[:2], name, "data")
