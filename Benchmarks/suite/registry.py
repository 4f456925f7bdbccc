"""A registry on loopback, and a relay in front of it that counts."""
import os
import re
import shutil
import socket
import subprocess
import threading
import time


class Registry:
    """The Debian package docker-registry with a fresh folder, for as long as the block lasts."""

    def __init__(self, folder):
        self.folder = folder
        self.log = os.path.join(folder, "log")

    def __enter__(self):
        program = shutil.which("docker-registry")
        if program is None:
            raise SystemExit("error: docker-registry is missing: install the Debian package docker-registry")
        os.mkdir(self.folder)
        configuration = os.path.join(self.folder, "config.yml")
        with open(configuration, "w") as file:
            file.write(
                "version: 0.1\nlog: {level: info, accesslog: {disabled: false}}\n"
                f"storage: {{filesystem: {{rootdirectory: {self.folder}/data}}}}\nhttp: {{addr: '127.0.0.1:0'}}\n")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([program, "serve", configuration], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        for _ in range(500):
            found = re.search(r"listening on (127\.0\.0\.1:\d+)", self.text())
            if found:
                self.host = found.group(1)
                return self
            time.sleep(0.02)
        self.__exit__()
        raise SystemExit(f"error: docker-registry does not listen\n{self.text()}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def text(self):
        with open(self.log) as file:
            return file.read()

    def requests(self):
        """Method and path of each request so far."""
        return re.findall(r'"([A-Z]+) (/v2/[^ "]*) HTTP', self.text())


class CountingRelay:
    """Passes connections on to a server, and counts the bytes of each direction."""

    def __init__(self, target):
        name, port = target.split(":")
        self.target = (name, int(port))
        self.up = self.down = 0
        self.lock = threading.Lock()

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            threading.Thread(target=self._pass, args=(client, server, "up"), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, "down"), daemon=True).start()

    def _pass(self, source, sink, direction):
        try:
            while data := source.recv(1 << 16):
                with self.lock:
                    setattr(self, direction, getattr(self, direction) + len(data))
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
