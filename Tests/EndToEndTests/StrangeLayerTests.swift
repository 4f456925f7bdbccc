import OCIImage
import TestSupport
import Testing

/// Cached layers with entries that mean something to overlayfs or in an image's layers: mounted, copied or made anew they are the same (D-22, D-45).
struct StrangeLayerTests {
    /// Two layers, so that there is one to mount in any case. `EXTRA` makes what is strange about the first.
    private static let script = #"""
        set -e
        for layer in both only; do
          if [ -f "$1/$layer/f" ]; then echo "kept $layer"; else
            echo "made $layer"; mkdir -p "$1/$layer/d/e"; echo "$layer" > "$1/$layer/f"
            [ $layer = only ] || { cd "$1/$layer"; eval "$EXTRA"; }
          fi
          printf '[types]\nlaunch = true\ncache = true\n' > "$1/$layer.toml"
        done
        """#

    static let whiteouts = "echo 1 > .wh.f; echo 2 > d/.wh..wh..opq; mkdir .wh.d; echo 3 > .wh.d/x; echo 4 > .wh.; ln -s f d/.wh.e"

    private static func digest(_ build: ProgramResult) -> Substring? { build.out.split(separator: "@").last }

    @Test(arguments: ["mount", "copy"]) func namesLikeWhiteouts(restore: String) async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        func build(_ name: String, _ more: String...) async throws -> ProgramResult {
            try await tote.build(name, ["--env", "EXTRA=\(Self.whiteouts)", "--restore", restore] + more)
        }
        let first = try await build("app")
        try #require(first.succeeded, "\(first)")
        for round in 0..<3 {
            if round == 1 { try #require(try await Program(["rm", "-rf", tote.home + "/layers"]).run().succeeded) }
            let next = try await build("app")
            #expect(next.out == first.out && CacheTransferTests.layers(next) == CacheTransferTests.kept, "\(next)")
            #expect(CacheTransferTests.warnings(next).isEmpty, "\(next)")
        }
        #expect(try await Self.digest(build("fresh", "--clear-cache")) == Self.digest(first))
    }

    /// A node of the kind that overlayfs uses for what is removed: any user may make one. The reference's restore fails for it; here the layer is made again.
    @Test func aDeviceNode() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        func build(_ name: String, _ more: String...) async throws -> ProgramResult {
            try await tote.build(name, ["--env", "EXTRA=mknod node c 0 0; mknod d/node c 0 0"] + more)
        }
        let first = try await build("app")
        try #require(first.succeeded, "\(first)")
        for restore in ["mount", "mount", "copy", "mount"] {
            let next = try await build("app", "--restore", restore)
            #expect(next.out == first.out && CacheTransferTests.layers(next) == ["made both", "kept only"], "\(next)")
            #expect(
                CacheTransferTests.warnings(next).count == 1
                    && next.error.contains(
                        "Warning: the cached layer 'test/script:both' cannot be restored; it will be made again: it has the device node"),
                "\(next)")
        }
        #expect(try await Self.digest(build("fresh", "--clear-cache")) == Self.digest(first))
        // Without the node it is a layer like any other.
        try #require(try await tote.build("app", "--env", "EXTRA=true").succeeded)
        let plain = try await tote.build("app")
        #expect(CacheTransferTests.layers(plain) == CacheTransferTests.kept && CacheTransferTests.warnings(plain).isEmpty, "\(plain)")
    }
}
