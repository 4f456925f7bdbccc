import CNBSpec
import Diagnostics
import Glibc
import OCIImage
import TestSupport

@testable import CNBPlatform

/// A store with a build image, and a folder for builder.toml and buildpacks.
struct BuilderFixture {
    let scratch: ScratchDirectory
    let store: ImageStore
    let base: Image

    init(environment: [String] = ["PATH=/usr/bin", "CNB_USER_ID=1001", "CNB_GROUP_ID=1002"]) throws {
        scratch = try ScratchDirectory()
        store = try ImageStore(at: scratch.path("images"))
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.settings.environment = environment
        config.settings.user = "1001:1002"
        config.settings.labels = [LabelName.distroName: "debian", LabelName.distroVersion: "12", LabelName.stackID: "acme.stack"]
        base = try Image(config: config, blobs: store)
    }

    /// A component buildpack in a folder of that name.
    func buildpack(_ folder: String, id: String, version: String = "1.0.0", api: String = "0.10", more: String = "") throws {
        for path in [folder, "\(folder)/bin"] { mkdir(scratch.path(path), 0o700) }
        try scratch.write(
            """
            api = "\(api)"
            [buildpack]
            id = "\(id)"
            version = "\(version)"
            \(more)
            """, to: "\(folder)/buildpack.toml")
        for name in ["detect", "build"] { try scratch.write("#!/bin/sh\nexit 0\n", to: "\(folder)/bin/\(name)") }
    }

    static let images = """
        [build]
        image = "debian12-build"
        [[run.images]]
        image = "debian12-run"

        """

    static func config(_ text: String) throws(Fault) -> BuilderConfig {
        try BuilderConfig(reading: DocumentSource(file: "builder.toml", text: text))
    }

    func create(_ text: String) async throws -> BuilderCreation.Result {
        let platform = try BuildPlatform.open(environment: ["TOTE_HOME": scratch.path("tote")], mode: nil, events: { _ in })
        return try await platform.run { [store, base, scratch] platform in
            let finder = try platform.moduleFinder(policy: .never, registry: nil, scratch: scratch.path)
            return try await BuilderCreation(store: store, finder: finder, version: "0.1.0")
                .create(Self.config(text), folder: scratch.path, base: base)
        }
    }
}
