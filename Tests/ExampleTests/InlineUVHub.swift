import Archive
import OCIImage
import TestSupport

/// Docker Hub as far as Examples/inline-uv needs it, on this machine: `heroku/builder:24` and its run image, made from the base of
/// the other examples.
///
/// In the builder, `curl` answers the address of uv's installer with an installer that takes uv from PyPI. Everything else is real.
struct InlineUVHub {
    static let programs = ["skopeo", DockerRegistry.program]

    let registry: DockerRegistry

    init() async throws {
        registry = try await DockerRegistry()
        let workshop = try await ExampleHome(withBase: true)
        let store = try workshop.store()
        let base = try workshop.image("debian12-build")
        let layer = try Self.layer(in: store)
        let image = try base.appending([NewLayer(layer, history: History(createdBy: "test: an installer of uv"))])
        try store.tag(image, [try Reference(parsing: "build-with-installer")])
        try workshop.scratch.write(
            """
            [build]
            image = "build-with-installer"
            [[run.images]]
            image = "heroku/heroku:24"

            """, to: "builder.toml")
        let made = try await workshop.tote("builder", "create", "heroku/builder:24", "--config", workshop.scratch.path("builder.toml"))
        guard made.succeeded else { throw TestSetupError("the builder was not made: \(made)") }
        for (name, target) in [("heroku/builder:24", "heroku/builder:24"), ("debian12-run", "heroku/heroku:24")] {
            let full = try Reference(parsing: name).full
            var push = Program([
                "skopeo", "copy", "--insecure-policy", "--dest-tls-verify=false", "oci:\(workshop.home)/images:\(full)",
                "docker://\(registry.host)/\(target)",
            ])
            push.limit = .seconds(300)
            let pushed = try await push.run()
            guard pushed.succeeded else { throw TestSetupError("'\(name)' was not pushed: \(pushed)") }
        }
    }

    /// The configuration that maps Docker Hub to this registry.
    var configuration: String {
        let certificates = Surroundings.certificates.map { "ca-certificates = \"\($0)\"\n" } ?? ""
        return "\(certificates)[registry-mirrors]\n\"docker.io\" = \"localhost:\(registry.host.split(separator: ":").last ?? "")\"\n"
    }

    private static let files: [(path: RawPath, mode: UInt32, text: String)] = [
        (
            "usr/local/bin/curl", 0o755,
            """
            #!/bin/sh
            for word; do
                case $word in https://astral.sh/uv/install.sh) exec cat /usr/local/share/install-uv.sh ;; esac
            done
            exec /usr/bin/curl "$@"

            """
        ),
        (
            "usr/local/share/install-uv.sh", 0o644,
            """
            #!/bin/sh
            set -eu
            packages=$(mktemp -d)
            python3 -m pip install --quiet --target "$packages" uv
            mkdir -p "$HOME/.local/bin"
            cp "$packages/bin/uv" "$HOME/.local/bin/uv"
            rm -rf "$packages"
            echo 'export PATH="$HOME/.local/bin:$PATH"' > "$HOME/.local/bin/env"

            """
        ),
    ]

    private static func layer(in store: ImageStore) throws -> LayerFacts {
        let ingest = try store.ingest()
        let writer = LayerWriter(.gzip(to: ingest.descriptor))
        for file in files {
            let bytes = Array(file.text.utf8)
            try writer.append(TarHeader(path: file.path, kind: .file, mode: file.mode, size: Int64(bytes.count)), contents: bytes)
        }
        let facts = try writer.finish()
        try ingest.commit(facts)
        return facts
    }
}
