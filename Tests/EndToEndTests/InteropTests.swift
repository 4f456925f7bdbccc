import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// Other people's programs take the images of the store as it is.
struct InteropTests {
    private func built() async throws -> (ToteCase, String) {
        let tote = try await ToteCase()
        try tote.project(
            InlineScript(
                Hello.script + """

                    mkdir -p "$CNB_LAYERS_DIR/odd/x"; printf '[types]\\nlaunch = true\\n' > "$CNB_LAYERS_DIR/odd.toml"; cd "$CNB_LAYERS_DIR/odd"
                    name=$(printf 'n%.0s' $(seq 200)); mkdir $name; echo long > $name/$name; echo ü > "ü with spaces"; ln -s "$name" link; ln "ü with spaces" hard
                    mkdir closed; echo x > closed/file; chmod 0 closed; touch empty; chmod 4755 empty
                    """))
        let build = try await tote.build()
        try #require(build.succeeded, "\(build)")
        return (tote, "oci:\(tote.home)/images:docker.io/library/app:latest")
    }

    @Test(.enabled(if: Peer.isThere("skopeo"), "skopeo is not installed"))
    func skopeoInspectsAndCopies() async throws {
        let (tote, place) = try await built()
        let inspected = try await Program(["skopeo", "inspect", place]).run()
        #expect(inspected.succeeded, "\(inspected)")
        #expect(inspected.out.contains("\"Digest\": \"\(try tote.image().digest)\""))
        for target in ["dir:copy", "oci:layout:x", "docker-archive:app.tar:app:latest"] {
            let copy = try await Program(
                ["skopeo", "--insecure-policy", "copy", place, target],
                environment: Program.plainEnvironment + ["TMPDIR=\(tote.scratch.path)"],
                directory: tote.scratch.path
            ).run()
            #expect(copy.succeeded, "\(target): \(copy)")
        }
    }

    @Test(.enabled(if: Peer.isThere("umoci"), "umoci is not installed"))
    func umociUnpacks() async throws {
        let (tote, _) = try await built()
        let unpack = try await Program(
            ["umoci", "unpack", "--rootless", "--image", "\(tote.home)/images:docker.io/library/app:latest", "bundle"],
            directory: tote.scratch.path
        ).run()
        #expect(unpack.succeeded, "\(unpack)")
        #expect(tote.scratch.text("bundle/rootfs/layers/test_script/greeting/hello.txt") == Hello.text + "\n")
        #expect(tote.scratch.text("bundle/rootfs/workspace/project.toml").hasPrefix("[_]"))
        #expect(tote.scratch.text("bundle/config.json").contains("/cnb/process/hello"))
        // An ordinary user could not remove the closed folder otherwise.
        _ = try await Program(["chmod", "-R", "u+rwX", "bundle"], directory: tote.scratch.path).run()
    }

    @Test func gnuTarListsEveryLayerWithoutAWarning() async throws {
        let (tote, _) = try await built()
        let store = try tote.store()
        for layer in try tote.image().manifest.layers {
            // D-45a: names begin with a slash, which tar would mention.
            let list = try await Program([
                "tar", "--list", "--verbose", "--absolute-names", "--gzip", "--file", store.path(of: layer.digest),
            ]).run()
            #expect(list.succeeded && list.error == "", "\(list)")
            #expect(!list.out.isEmpty)
        }
        for kind in ["oci-archive", "docker-archive"] {
            try #require(try await tote.build("app", "--output", "\(kind):\(kind).tar").succeeded)
            let list = try await Program(["tar", "--list", "--file", tote.scratch.path("\(kind).tar")]).run()
            #expect(list.succeeded && list.error == "", "\(list)")
        }
    }

    @Test(.enabled(if: Peer.isThere("podman") && Account.current.id == 0, "podman is not installed, or not root"))
    func podmanRunsIt() async throws {
        let (tote, _) = try await built()
        // podman takes no capital letters in the path of a layout.
        let link = "/tmp/tote-podman-\(getpid())"
        #expect(symlink(tote.home + "/images", link) == 0)
        defer { unlink(link) }
        let place = "oci:\(link):docker.io/library/app:latest"
        // Everything in folders of its own: the user's images are not touched. The limits are those that every kernel grants.
        let storage = [
            "podman", "--root", tote.scratch.path("graph"), "--runroot", tote.scratch.path("run"), "--storage-driver", "vfs", "--runtime",
            "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "none",
        ]
        let options = ["run", "--rm", "--network", "host", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
        let environment = Program.plainEnvironment + ["TMPDIR=\(tote.scratch.path)"]
        // A machine on which podman runs nothing says nothing about the image.
        let probe = try await Program(
            storage + options + ["--entrypoint", "/bin/true", "oci:\(link):docker.io/library/tiny-run:latest"],
            environment: environment
        ).run()
        guard probe.succeeded || Peer.isCI else { return }
        let run = try await Program(storage + options + [place], environment: environment).run()
        #expect(run.out == Hello.text + "\n", "\(run)\nprobe: \(probe)")
        let other = try await Program(
            storage + options + ["--entrypoint", "launcher", place, "sh", "-c", "id -u; pwd"], environment: environment
        ).run()
        #expect(other.out == "1000\n/workspace\n", "\(other)")
    }
}
