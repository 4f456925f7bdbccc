import Archive
import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// `tote build --compression`: what a user asks of the layers is what the image has.
struct CompressionTests {
    private static let script = #"""
        set -e
        mkdir -p "$1/data"
        [ -f "$1/data/f" ] || awk 'BEGIN { srand(1); for (i = 0; i < 60000; i++) print rand() }' > "$1/data/f"
        printf '[types]\nlaunch = true\ncache = true\n' > "$1/data.toml"
        printf '[[processes]]\ntype = "web"\ncommand = ["head"]\nargs = ["-n", "1", "/layers/test_script/data/f"]\ndefault = true\n' > "$1/launch.toml"
        """#

    private static func project() async throws -> ToteCase {
        let tote = try await ToteCase()
        try tote.project(script)
        return tote
    }

    private static func digest(_ build: ProgramResult) -> Substring? { build.out.split(separator: "@").last }

    @Test(arguments: ["zstd", "zstd:9", "gzip:9", "none"]) func whateverCameBefore(compression: String) async throws {
        let alone = try await Self.project()
        let expected = try await alone.build("app", "--compression", compression)
        try #require(expected.succeeded, "\(expected)")
        let tote = try await Self.project()
        let standard = try await tote.build()
        try #require(standard.succeeded, "\(standard)")
        for _ in 1...2 {
            let build = try await tote.build("app", "--compression", compression)
            #expect(build.out == expected.out, "\(build)")
        }
        let image = try tote.image()
        let encoding = try LayerEncoding(parsing: compression)
        #expect(
            image.manifest.layers.suffix(4).allSatisfy { $0.mediaType == .layer(.oci, encoding.compression) && $0.encoding == encoding })
        #expect(try tote.store().validate().isEmpty)
        #expect(try await tote.tote("run", "app").out.hasPrefix("0."))
        // Nothing asked: nothing changes. The usual one asked: the usual one.
        #expect(try await tote.build().out == expected.out)
        #expect(try await tote.build("app", "--compression", "gzip").out == standard.out)
    }

    @Test func configured() async throws {
        let tote = try await Self.project()
        try tote.scratch.makeFile("config/tote/config.toml", "[build]\ncompression = \"zstd:2\"\n")
        let configured = try await tote.build()
        #expect(try tote.image().manifest.layers.last?.encoding == .zstd(level: 2))
        let asked = try await tote.build("other", "--compression", "gzip")
        #expect(Self.digest(asked) != Self.digest(configured))
        #expect(try tote.image("other").manifest.layers.last?.mediaType == .ociLayerGzip)
    }

    @Test(arguments: [
        ("lz4", "'lz4' is not a compression of layers", "use gzip[:LEVEL], zstd[:LEVEL] or none"),
        ("gzip:0", "gzip has no level '0'", "its levels are 1 to 12"), ("zstd:x", "zstd has no level 'x'", "its levels are 1 to 22"),
        ("none:1", "'none:1': what is not compressed has no level", "write 'none'"),
    ])
    func badValues(value: String, message: String, hint: String) async throws {
        let tote = try await Self.project()
        let build = try await tote.build("app", "--compression", value)
        #expect(build.status == 64 && build.error == "ERROR: --compression: \(message)\nhint: \(hint)\n", "\(build)")
    }

    @Test(.enabled(if: Peer.isThere("skopeo"), "skopeo is not installed"), arguments: ["zstd:3", "none"])
    func othersReadIt(compression: String) async throws {
        let tote = try await Self.project()
        let build = try await tote.build(
            "app", "--compression", compression, "--output", "docker-archive:app.tar", "--output", "oci:layout:x")
        try #require(build.succeeded, "\(build)")
        let sources = ["oci:\(tote.home)/images:docker.io/library/app:latest", "oci:layout:x", "docker-archive:app.tar"]
        for (index, source) in sources.enumerated() {
            let copy = try await Program(
                ["skopeo", "--insecure-policy", "copy", "--dest-decompress", source, "dir:copy\(index)"],
                environment: Program.plainEnvironment + ["TMPDIR=\(tote.scratch.path)"], directory: tote.scratch.path
            ).run()
            #expect(copy.succeeded, "\(source): \(copy)")
            for layer in try tote.image().layers {
                #expect(Peer.exists(tote.scratch.path("copy\(index)/\(layer.diffID.digest.hex)")), "\(source): \(copy)")
            }
        }
    }

    @Test(.enabled(if: Peer.isThere("zstd"), "zstd is not installed")) func theToolOfZstdReadsIt() async throws {
        let tote = try await Self.project()
        try #require(try await tote.build("app", "--compression", "zstd:12").succeeded)
        for layer in try tote.image().layers where layer.descriptor.mediaType == .ociLayerZstd {
            let blob = try tote.store().path(of: layer.descriptor.digest)
            let sum = try await Program(["sh", "-c", "zstd -dc '\(blob)' | sha256sum"]).run()
            #expect(sum.out.hasPrefix(layer.diffID.digest.hex), "\(sum)")
        }
    }
}
