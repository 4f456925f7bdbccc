import Archive
import Glibc
import Testing

@testable import Sandbox

/// Unpacked layers and overlays of them.
@Suite struct LayerTests {
    private static let callers = Setup.all.isEmpty ? [] : Caller.available

    @Test(arguments: Setup.all) func hundredsOfLowers(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        run.shell(
            "for n in $(seq 250); do mkdir -p \"layers/a rather long, and:odd name of a layer $n/x\"; echo $n > \"layers/a rather long, and:odd name of a layer $n/x/$n\"; done"
        )
        run.giveAway()
        let lowers = (1...250).flatMap { ["--lower", "\(run.folder)/layers/a rather long, and:odd name of a layer \($0)"] }
        let answer = try await run.sandbox("ls /x | wc -l; cat /x/250", lowers)
        #expect(answer.lines == ["250", "250"], "\(answer)")
    }

    @Test(arguments: callers) func whiteoutsHideWhatIsBelow(_ caller: Caller) async throws {
        let run = try ProbeRun(caller)
        let below = try layer(
            run, "below",
            [("gone/", nil), ("gone/file", "x"), ("kept/", nil), ("kept/a", "a"), ("kept/b", "b"), ("opaque/", nil), ("opaque/old", "x")])
        let above = try layer(
            run, "above",
            [(".wh.gone", ""), ("kept/", nil), ("kept/.wh.a", ""), ("opaque/", nil), ("opaque/.wh..wh..opq", ""), ("opaque/new", "n")])
        var lowers: [String] = []
        for blob in [above, below] {
            let answer = try await run.probe(
                "unpack", ["--rootfs", run.folder + "/rootfs", "--blob", blob.path, "--diff-id", blob.id.description])
            #expect(answer.code == 0, "\(answer)")
            lowers += ["--lower", answer.lines.first ?? ""]
        }
        #expect(lowers[1].contains("/single/") == (caller == .single))
        let answer = try await run.sandbox("ls -d /gone; ls /kept /opaque; touch /tmp/x; rm /kept/b 2>/dev/null", lowers)
        #expect(answer.lines == ["/kept:", "b", "", "/opaque:", "new"], "\(answer)")
        // Unpacked once more: the layer is there already, which is no error and leaves nothing behind.
        let again = try await run.probe(
            "unpack", ["--rootfs", run.folder + "/rootfs", "--blob", below.path, "--diff-id", below.id.description])
        #expect(again.code == 0, "\(again)")
        let names = try ls(run.folder + "/rootfs" + (caller == .single ? "/single" : ""))
        #expect(names == [above.id.digest.hex, below.id.digest.hex].sorted())
    }

    @Test(arguments: callers) func anotherDigestIsRefused(_ caller: Caller) async throws {
        let run = try ProbeRun(caller)
        let blob = try layer(run, "layer", [("file", "x")])
        let wrong = "sha256:" + String(repeating: "0", count: 64)
        let answer = try await run.probe("unpack", ["--rootfs", run.folder + "/rootfs", "--blob", blob.path, "--diff-id", wrong])
        #expect(answer.code == 1 && answer.error.contains("holds other contents than its image says"), "\(answer)")
        #expect(try ls(run.folder + "/rootfs" + (caller == .single ? "/single" : "")) == [])
    }

    private func layer(_ run: ProbeRun, _ name: String, _ entries: [(path: String, text: String?)]) throws -> (path: String, id: DiffID) {
        let path = "\(run.folder)/\(name).tar.gz"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(file) }
        let writer = LayerWriter(.gzip(to: file))
        for (path, text) in entries {
            let bytes = Array((text ?? "").utf8)
            let header = TarHeader(
                path: RawPath("/" + path), kind: text == nil ? .directory : .file, mode: text == nil ? 0o755 : 0o644,
                size: Int64(bytes.count))
            try writer.append(header, contents: bytes)
        }
        return (path, try writer.finish().diffID)
    }
}
