"""A base image of nothing but busybox, put into tote's store as it is: the store is an OCI image layout."""
import gzip
import hashlib
import io
import json
import os
import platform
import shutil
import tarfile

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CREATED = "2026-01-01T00:00:00Z"
APPLETS = "cat chmod cp echo env ls mkdir printf rm sh true".split()
FOLDERS = "bin dev etc home home/cnb proc root run sys tmp usr usr/bin var var/tmp".split()
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\ncnb:x:1000:1000:cnb:/home/cnb:/bin/sh\n",
    "etc/group": "root:x:0:\ncnb:x:1000:\n",
    "etc/os-release": 'NAME=Tiny\nID=debian\nVERSION_ID="12"\n',
}


def layer_tar():
    """The tar of the image's one layer."""
    busybox = shutil.which("busybox")
    if busybox is None:
        raise SystemExit("error: busybox is missing: install the Debian package busybox-static")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        def add(name, kind, mode, content=b"", target=""):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.size, entry.linkname = kind, mode, len(content), target
            tar.addfile(entry, io.BytesIO(content))

        for name in FOLDERS:
            add(name, tarfile.DIRTYPE, 0o1777 if name.endswith("tmp") else 0o755)
        with open(os.path.realpath(busybox), "rb") as file:
            add("bin/busybox", tarfile.REGTYPE, 0o755, file.read())
        for name in APPLETS:
            add(f"bin/{name}", tarfile.SYMTYPE, 0o777, target="busybox")
        add("usr/bin/env", tarfile.SYMTYPE, 0o777, target="/bin/busybox")
        for name, text in FILES.items():
            add(name, tarfile.REGTYPE, 0o644, text.encode())
    return buffer.getvalue()


def put(home):
    """Adds the images `tiny-build` and `tiny-run` to the store of a `TOTE_HOME`."""
    store = os.path.join(home, "images")
    os.makedirs(os.path.join(store, "blobs", "sha256"), mode=0o700)
    os.chmod(home, 0o700)
    os.chmod(store, 0o700)

    def blob(content, kind):
        digest = hashlib.sha256(content).hexdigest()
        with open(os.path.join(store, "blobs", "sha256", digest), "wb") as file:
            file.write(content)
        return {"mediaType": kind, "digest": "sha256:" + digest, "size": len(content)}

    def document(value, kind):
        return blob(json.dumps(value, sort_keys=True).encode(), kind)

    tar = layer_tar()
    layer = blob(gzip.compress(tar, 6, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")
    names = []
    for name in ("tiny-build", "tiny-run"):
        config = document(
            {
                "created": CREATED, "os": "linux", "architecture": {"aarch64": "arm64"}.get(platform.machine(), "amd64"),
                "config": {
                    "User": "1000:1000", "Env": [f"PATH={PATH}", "CNB_USER_ID=1000", "CNB_GROUP_ID=1000"], "Cmd": ["/bin/sh"],
                    "Labels": {"io.buildpacks.base.distro.name": "debian", "io.buildpacks.base.distro.version": "12"},
                },
                "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]},
                "history": [{"created": CREATED, "created_by": name}],
            }, "application/vnd.oci.image.config.v1+json")
        kind = "application/vnd.oci.image.manifest.v1+json"
        manifest = document({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [layer]}, kind)
        names.append(manifest | {"annotations": {"org.opencontainers.image.ref.name": f"docker.io/library/{name}:latest"}})
    with open(os.path.join(store, "index.json"), "w") as file:
        json.dump({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": names}, file)
    with open(os.path.join(store, "oci-layout"), "w") as file:
        file.write('{"imageLayoutVersion":"1.0.0"}')


def unpack(folder):
    """The same root file system as a plain folder, without owners."""
    with tarfile.open(fileobj=io.BytesIO(layer_tar())) as tar:
        tar.extractall(folder)
