package import Archive
import FoundationEssentials
import Glibc
package import OCIImage
import Synchronization

/// A build image and a run image of busybox and bash (the Debian packages busybox-static and bash-static), named `tiny-build` and
/// `tiny-run`, for builds that need no network.
package enum TinyBase {
    package static let user = Ownership(user: 1000, group: 1000)
    package static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    private static let created = "2026-01-01T00:00:00Z"
    private static let applets = """
        [ ash awk base64 basename cat chmod cmp cp cut date dd diff dirname du echo env expr false find grep head hostname id ifconfig kill \
        ln ls md5sum mkdir mkfifo mknod mktemp mv nc od printenv printf ps pwd readlink realpath rm rmdir sed seq setsid sh sha256sum sleep \
        sort stat sync tail tar tee test timeout touch tr true truncate uname uniq wc which whoami xargs yes
        """

    /// Adds both images to a store.
    package static func put(in store: ImageStore) throws {
        let root = try rootLayer(in: store)
        var settings = ContainerSettings()
        settings.user = "1000:1000"
        settings.environment = ["PATH=\(path)", "CNB_USER_ID=1000", "CNB_GROUP_ID=1000", "CNB_STACK_ID=test.stack"]
        settings.command = ["/bin/bash"]
        settings.labels = [
            "io.buildpacks.base.id": "test.base", "io.buildpacks.base.distro.name": "debian", "io.buildpacks.base.distro.version": "12",
            "io.buildpacks.stack.id": "test.stack",
        ]
        try add("tiny-build", settings, [root, try markerLayer("build", in: store)], to: store)
        settings.environment = ["PATH=\(path)", "LANG=C.UTF-8", "FROM_RUN_IMAGE=yes"]
        try add("tiny-run", settings, [root, try markerLayer("run", in: store)], to: store)
    }

    /// Adds another release of the run image under a name: with these files in its upper layers, one layer for each set.
    @discardableResult
    package static func putRunImage(
        _ name: String, _ layers: [[String: String]] = [["etc/tiny-run": "next\n"]], platform: Platform = .host, in store: ImageStore,
        change: (inout ContainerSettings) -> Void = { _ in }
    ) throws -> Image {
        guard let usual = try store.image(try Reference(parsing: "tiny-run")) else { throw TestSetupError("there is no 'tiny-run'") }
        var settings = usual.config.settings
        change(&settings)
        let upper = try layers.map { files in
            try layer(in: store) { writer in for (name, text) in files.sorted(by: { $0.key < $1.key }) { try add(name, text, to: writer) } }
        }
        return try add(name, settings, [try rootLayer(in: store)] + upper, platform: platform, to: store)
    }

    @discardableResult
    private static func add(
        _ name: String, _ settings: ContainerSettings, _ layers: [LayerFacts], platform: Platform = .host, to store: ImageStore
    ) throws -> Image {
        var config = ImageConfig(platform: platform)
        config.created = created
        config.settings = settings
        let image = try Image(config: config, blobs: store)
            .appending(layers.map { NewLayer($0, history: History(created: created, createdBy: "test: \(name)")) })
        try store.tag(image, [try Reference(parsing: name)])
        return image
    }

    private static func rootLayer(in store: ImageStore) throws -> LayerFacts {
        try layer(in: store) { writer in
            for name in [
                "bin", "dev", "etc", "home", "home/cnb", "proc", "root", "run", "sbin", "sys", "tmp", "usr", "usr/bin", "usr/local",
                "usr/local/bin", "var", "var/tmp",
            ] {
                let mode: UInt32 = name.hasSuffix("tmp") ? 0o1777 : name == "root" ? 0o700 : 0o755
                try writer.append(TarHeader(path: RawPath(name), kind: .directory, mode: mode, owner: name == "home/cnb" ? user : .root))
            }
            for (name, source) in [("bin/busybox", "/bin/busybox"), ("bin/bash", "/bin/bash-static")] {
                guard let bytes = try? Data(contentsOf: URL(filePath: source)) else {
                    throw TestSetupError("'\(source)' is missing: install busybox-static and bash-static")
                }
                try writer.append(
                    TarHeader(path: RawPath(name), kind: .file, mode: 0o755, size: Int64(bytes.count)), contents: [UInt8](bytes))
            }
            for applet in applets.split(whereSeparator: \.isWhitespace) {
                try writer.append(TarHeader(path: RawPath("bin/\(applet)"), kind: .symbolicLink, mode: 0o777, linkTarget: "busybox"))
            }
            try writer.append(TarHeader(path: "usr/bin/env", kind: .symbolicLink, mode: 0o777, linkTarget: "/bin/busybox"))
            let files = [
                "etc/passwd": "root:x:0:0:root:/root:/bin/sh\ncnb:x:1000:1000:cnb:/home/cnb:/bin/sh\n",
                "etc/group": "root:x:0:\ncnb:x:1000:\n",
                "etc/os-release": "NAME=Tiny\nID=debian\nVERSION_ID=\"12\"\n",
            ]
            for (name, text) in files.sorted(by: { $0.key < $1.key }) { try add(name, text, to: writer) }
        }
    }

    private static func markerLayer(_ name: String, in store: ImageStore) throws -> LayerFacts {
        try layer(in: store) { writer in
            try writer.append(TarHeader(path: "etc", kind: .directory, mode: 0o755))
            try add("etc/tiny-\(name)", name + "\n", to: writer)
        }
    }

    private static func add(_ name: String, _ text: String, to writer: LayerWriter) throws {
        try writer.append(
            TarHeader(path: RawPath(name), kind: .file, mode: 0o644, size: Int64(text.utf8.count)), contents: Array(text.utf8))
    }

    private static func layer(in store: ImageStore, _ fill: (LayerWriter) throws -> Void) throws -> LayerFacts {
        let ingest = try store.ingest()
        let writer = LayerWriter(.gzip(to: ingest.descriptor))
        try fill(writer)
        let facts = try writer.finish()
        try ingest.commit(facts)
        return facts
    }
}

/// A `TOTE_HOME` with the tiny base and the builder `tiny` (no buildpacks), made once in a run of the tests and then copied.
package enum TinyHome {
    package static let builder = """
        [build]
        image = "tiny-build"
        [[run.images]]
        image = "tiny-run"

        """

    /// The folder to copy.
    package static func template() async throws -> String { try await making.value.path("home") }

    private static let making = Task {
        let scratch = try ScratchDirectory()
        kept.withLock { $0 = scratch.path }
        // Statics are never released.
        atexit { TinyHome.kept.withLock { try? FileManager.default.removeItem(atPath: $0) } }
        let home = scratch.path("home")
        guard mkdir(home, 0o700) == 0 else { throw TestSetupError("no folder for the template") }
        try TinyBase.put(in: try ImageStore(at: home + "/images"))
        try scratch.write(builder, to: "builder.toml")
        let create = Program(
            [try ToteExecutable.path(), "builder", "create", "tiny", "--config", "builder.toml"],
            environment: Program.plainEnvironment + ["TOTE_HOME=\(home)"], directory: scratch.path)
        let result = try await create.run()
        guard result.succeeded else { throw TestSetupError("tote builder create failed: \(result)") }
        return scratch
    }

    private static let kept = Mutex("")
}
