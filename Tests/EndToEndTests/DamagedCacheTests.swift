import Archive
import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// Caches that are half-written, spoilt or made by an enemy: told, not used, and the image is built all the same (D-22, D-85, D-89).
struct DamagedCacheTests {
    private typealias Transfer = CacheTransferTests

    /// Breaks the cache in a folder.
    enum Damage: String, CaseIterable {
        case noIndex, garbledIndex, emptyIndex, otherVersion, noManifest, garbledManifest, noConfig, noBlob, cutBlob, flippedBlob,
            linkedBlob, fifo

        /// Whether a layer or two are still good.
        var isPartial: Bool { [.noBlob, .cutBlob, .flippedBlob, .linkedBlob].contains(self) }

        func damage(_ folder: String) throws {
            let directory = try ConfinedDirectory(folder)
            let image = try LayoutSource(at: folder).image(tag: "cache")
            func blob(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex)" }
            let layer = blob(image.manifest.layers[1].digest)
            func garble(_ name: String) throws { try directory.write(name, Array("{\"x\":".utf8), mode: 0o644) }
            switch self {
            case .noIndex: try directory.removeTree("index.json")
            case .garbledIndex: try garble("index.json")
            case .emptyIndex: try directory.write("index.json", Array(#"{"schemaVersion":2,"manifests":[]}"#.utf8), mode: 0o644)
            case .otherVersion: try directory.write("oci-layout", Array(#"{"imageLayoutVersion":"9"}"#.utf8), mode: 0o644)
            case .noManifest: try directory.removeTree(blob(image.digest))
            case .garbledManifest: try garble(blob(image.digest))
            case .noConfig: try directory.removeTree(blob(image.manifest.config.digest))
            case .noBlob: try directory.removeTree(layer)
            case .cutBlob: try directory.write(layer, Array(directory.read(layer).dropLast()), mode: 0o644)
            case .flippedBlob:
                var bytes = try directory.read(layer)
                bytes[bytes.count / 2] ^= 1
                try directory.write(layer, bytes, mode: 0o644)
            case .linkedBlob:
                try directory.removeTree(layer)
                try directory.makeLink(layer, to: "/etc/passwd")
            case .fifo:
                try directory.removeTree("index.json")
                guard mkfifo(folder + "/index.json", 0o644) == 0 else { throw TestSetupError("mkfifo failed") }
            }
        }
    }

    @Test(arguments: Damage.allCases) func whatIsDamagedIsMadeAgain(damage: Damage) async throws {
        let shared = try ScratchDirectory()
        let folder = shared.path("cache"), first = try await Transfer.machine()
        try #require(try await first.build("app", "--cache-to", "local:\(folder)").succeeded)
        try damage.damage(folder)
        let second = try await Transfer.machine()
        let build = try await second.build("app", "--cache-from", "local:\(folder)", "--cache-to", "local:\(folder)")
        #expect(build.succeeded, "\(build)")
        #expect(Transfer.layers(build) == (damage.isPartial ? ["kept both", "made only"] : Transfer.made), "\(build)")
        let told = Transfer.warnings(build)
        #expect(
            told.contains { $0.contains("build cache at local:\(folder) is not used") } || [.noIndex, .emptyIndex].contains(damage),
            "\(build)")
        #expect(try second.store().validate().isEmpty)
        // Whoever leaves a cache there leaves a good one, if it can: a layout of another kind is not touched.
        guard ![.otherVersion, .fifo, .garbledIndex].contains(damage) else {
            #expect(told.contains { $0.contains("Failed to export cache") }, "\(build)")
            return
        }
        let third = try await Transfer.machine()
        let again = try await third.build("app", "--cache-from", "local:\(folder)")
        #expect(again.out == build.out && Transfer.layers(again) == Transfer.kept && Transfer.warnings(again).isEmpty, "\(again)")
    }

    @Test(arguments: [0, 1, 511, 5000, 300_000]) func aTarThatIsCut(length: Int) async throws {
        let shared = try ScratchDirectory(), first = try await Transfer.machine()
        let file = shared.path("cache.tar")
        try #require(try await first.build("app", "--cache-to", "tar:\(file)").succeeded)
        #expect(truncate(file, off_t(length)) == 0)
        let second = try await Transfer.machine()
        let build = try await second.build("app", "--cache-from", "tar:\(file)", "--cache-to", "tar:\(file)")
        #expect(build.succeeded && Transfer.layers(build) == Transfer.made && Transfer.warnings(build).count == 1, "\(build)")
        let third = try await Transfer.machine()
        #expect(try await third.build("app", "--cache-from", "tar:\(file)").out == build.out)
    }

    @Test func aTarWithAnotherByte() async throws {
        let tote = try await Transfer.machine(), file = "cache.tar"
        try #require(try await tote.build("app", "--cache-to", "tar:\(file)").succeeded)
        let folder = try ConfinedDirectory(tote.scratch.path)
        var bytes = try folder.read(file)
        let good = bytes
        bytes[bytes.count / 2] ^= 1
        try folder.write(file, bytes, mode: 0o644)
        // Nothing is new, and yet it is written.
        #expect(try await tote.build("app", "--cache-to", "tar:\(file)").succeeded)
        #expect(try folder.read(file) == good)
    }

    /// A layer of 30 MB that every build makes anew when it is told to.
    private static let large = #"""
        set -e
        mkdir -p "$1/only"
        if [ -f "$1/only/f" ] && [ -z "$RENEW" ]; then echo kept only; else echo made only; head -c 30000000 /dev/urandom > "$1/only/f"; fi
        printf '[types]\ncache = true\n' > "$1/only.toml"
        """#

    /// Killed at any moment: the old cache is there, or the new one.
    @Test func killedWhileItIsWritten() async throws {
        let shared = try ScratchDirectory(), tote = try await Transfer.machine(Self.large)
        let folder = shared.path("cache")
        try #require(try await tote.build("app", "--cache-to", "local:\(folder)").succeeded)
        for milliseconds in [0, 1, 5, 15, 30, 60] {
            let build = try tote.command(tote.buildArguments("app", ["--cache-to", "local:\(folder)", "--env", "RENEW=1"])).start()
            try #require(try await build.waits(for: "Saving the build cache"))
            try await Task.sleep(for: .milliseconds(milliseconds))
            build.signal(SIGKILL)
            _ = try await build.wait()
            let second = try await Transfer.machine(Self.large)
            let again = try await second.build("app", "--cache-from", "local:\(folder)")
            #expect(Transfer.layers(again) == ["kept only"] && Transfer.warnings(again).isEmpty, "\(milliseconds): \(again)")
        }
        // What was left half-written goes with the next cache.
        try #require(try await tote.build("app", "--cache-to", "local:\(folder)").succeeded)
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        #expect(names.count == 7 && !names.contains { $0.contains(".tote-") }, "\(names)")
    }

    @Test func writersOfOneFolder() async throws {
        let shared = try ScratchDirectory(), folder = shared.path("cache")
        let machines = [try await Transfer.machine(Self.large), try await Transfer.machine(Self.large)]
        for _ in 1...3 {
            let builds = try machines.map {
                try $0.command($0.buildArguments("app", ["--cache-to", "local:\(folder)", "--env", "RENEW=1"])).start()
            }
            for build in builds {
                let result = try await build.wait(limit: .seconds(100))
                #expect(result.succeeded && Transfer.warnings(result).isEmpty, "\(result)")
            }
            let third = try await Transfer.machine(Self.large)
            let again = try await third.build("app", "--cache-from", "local:\(folder)")
            #expect(Transfer.layers(again) == ["kept only"] && Transfer.warnings(again).isEmpty, "\(again)")
        }
    }

    /// An enemy's cache: its digests are right, and what they stand for is not.
    enum Attack: String, CaseIterable {
        case elsewhere, climbing, linkOutside, device, whiteout, otherContent, bomb, otherImage, otherProcessor, garbledLabel, strangeNames

        static let place = "/layers/test_script/only"

        func image(_ store: ImageStore) throws -> Image {
            let ingest = try store.ingest()
            let writer = LayerWriter(.gzip(to: ingest.descriptor))
            for folder in ["/layers", "/layers/test_script", Self.place] {
                try writer.append(TarHeader(path: RawPath(folder), kind: .directory, mode: 0o755))
            }
            switch self {
            case .elsewhere: try writer.append(TarHeader(path: "/etc/evil", kind: .file, mode: 0o644), contents: [1])
            case .climbing:
                try writer.append(TarHeader(path: RawPath(Self.place + "/../../evil"), kind: .file, mode: 0o644), contents: [1])
            case .linkOutside:
                try writer.append(
                    TarHeader(path: "/layers", kind: .symbolicLink, mode: 0o777, linkTarget: "/etc"))
            case .device: try writer.append(TarHeader(path: "/layers/test_script/other/x", kind: .characterDevice, mode: 0o666))
            case .whiteout: try writer.append(TarHeader(path: RawPath(Self.place + "/.wh.f"), kind: .file, mode: 0o644), contents: [])
            case .bomb:
                for index in 0..<30 {
                    let zeros = [UInt8](repeating: 0, count: 1 << 20)
                    try writer.append(TarHeader(path: RawPath("\(Self.place)/\(index)"), kind: .file, mode: 0o644), contents: zeros)
                }
            default: break
            }
            var facts = try writer.finish()
            try ingest.commit(facts)
            if self == .otherContent { facts.diffID = DiffID(Digest.of([1])) }
            let name = self == .strangeNames ? "../../evil" : "only"
            let record = #"{"sha":"\#(facts.diffID)","data":null,"build":false,"launch":false,"cache":true}"#
            var label = #"{"sbom":{"sha":""},"buildpacks":[{"key":"test/script","version":"1","layers":{"\#(name)":\#(record)}}]}"#
            if self == .garbledLabel { label = "{\"buildpacks\":" + String(repeating: "[", count: 5000) }
            var config = ImageConfig(platform: self == .otherProcessor ? Platform(os: "linux", architecture: "riscv64") : .host)
            if self != .otherImage { config.settings.labels["io.buildpacks.lifecycle.cache.metadata"] = label }
            return try Image(config: config, blobs: store).appending([NewLayer(facts, history: History())])
        }
    }

    @Test(arguments: Attack.allCases) func enemies(attack: Attack) async throws {
        let tote = try await Transfer.machine()
        let enemy = try ImageStore(at: tote.scratch.path("enemy"))
        try await attack.image(enemy).write(toLayout: tote.scratch.path("cache"), tag: "cache")
        // What a bomb may become.
        try tote.scratch.makeFile("config/tote/config.toml", "[limits]\nunpacked-size = \"20MB\"\n")
        let build = try await tote.build("app", "--cache-from", "local:cache")
        #expect(build.succeeded && Transfer.layers(build) == Transfer.made, "\(build)")
        // Nothing is below a cached layer, so there is nothing to be removed (D-22).
        let isHarmless = attack == .whiteout
        #expect(
            isHarmless ? Transfer.warnings(build).isEmpty : Transfer.warnings(build).contains { $0.contains("is not used") }, "\(build)")
        for path in ["/etc/evil", tote.home + "/evil", tote.home + "/layers/evil"] { #expect(!Peer.exists(path)) }
        #expect(try tote.store().validate().isEmpty)
        #expect(tote.leftInTmp().isEmpty)
        // The next build is an ordinary one.
        let again = try await tote.build()
        #expect(again.out == build.out && Transfer.layers(again) == Transfer.kept && Transfer.warnings(again).isEmpty, "\(again)")
    }
}
