import Archive
import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// Blobs of the last image that the store lost or that went bad: the next build makes a whole image of its own accord (D-22, D-30).
struct LostBlobTests {
    /// A layer that the cache has, and one that only the image has; both come out the same every time.
    private static let script = #"""
        set -e
        if [ -f "$1/both/f" ]; then echo "kept both"; else echo "made both"; mkdir -p "$1/both"; seq 3000 > "$1/both/f"; fi
        printf '[types]\nlaunch = true\ncache = true\n' > "$1/both.toml"
        if [ -f "$1/image.toml" ]; then echo "kept image"; else echo "made image"; mkdir -p "$1/image"; seq 4000 > "$1/image/f"; fi
        printf '[types]\nlaunch = true\n[metadata]\nkey = "1"\n' > "$1/image.toml"
        """#

    enum Damage: String, CaseIterable {
        case missing, short, otherBytes

        func damage(_ path: String) throws {
            let folder = try ConfinedDirectory("/")
            var bytes = try folder.read(path)
            switch self {
            case .missing: try folder.removeTree(path)
            case .short: try folder.write(path, Array(bytes.prefix(bytes.count / 2)), mode: 0o644)
            case .otherBytes:
                bytes[bytes.count / 2] ^= 1
                try folder.write(path, bytes, mode: 0o644)
            }
        }
    }

    /// The blob of the layer whose history begins so.
    private static func blob(_ history: String, _ tote: ToteCase) throws -> String {
        let image = try tote.image()
        let index = try #require(image.config.history.firstIndex { $0.createdBy?.hasPrefix(history) == true })
        return try tote.store().path(of: image.layers[index].descriptor.digest)
    }

    private static func names(_ build: ProgramResult) -> [String] {
        build.errorLines.compactMap { line in line.firstMatch(of: #/^(?:  layers:|         ) +(\S+) /#).map { String($0.1) } }
    }

    private static func damagedOnes(_ tote: ToteCase, _ damage: Damage, _ history: String, restore: String) async throws -> (
        first: ProgramResult, next: ProgramResult
    ) {
        try tote.project(script)
        try tote.write("source", "text\n")
        let first = try await tote.build("app", "--restore", restore)
        try #require(first.succeeded, "\(first)")
        try damage.damage(blob(history, tote))
        try #require(try await Program(["rm", "-rf", tote.home + "/layers"]).run().succeeded)
        return (first, try await tote.build("app", "--restore", restore))
    }

    private static func checkWhole(_ tote: ToteCase, _ first: ProgramResult, _ next: ProgramResult, restore: String) async throws {
        #expect(next.succeeded && next.out == first.out, "\(next)")
        #expect(try tote.store().validate().isEmpty)
        let names = names(next)
        #expect(Set(names).count == names.count && names.contains("test/script:both"), "\(next)")
        // There is nothing more to tell.
        let last = try await tote.build("app", "--restore", restore)
        #expect(last.out == first.out && CacheTransferTests.warnings(last).isEmpty, "\(last)")
        #expect(CacheTransferTests.layers(last) == ["kept both", "kept image"], "\(last)")
    }

    @Test(arguments: Damage.allCases, ["mount", "copy"]) func aLayerOfTheCache(damage: Damage, restore: String) async throws {
        let tote = try await ToteCase()
        let (first, next) = try await Self.damagedOnes(tote, damage, "Layer: 'both'", restore: restore)
        #expect(CacheTransferTests.layers(next) == ["made both", "kept image"], "\(next)")
        let told =
            damage != .missing ? "the cached layer 'test/script:both' is damaged" : "the cached layer 'test/script:both' is missing"
        #expect(CacheTransferTests.warnings(next).count == 1 && next.error.contains(told), "\(next)")
        try await Self.checkWhole(tote, first, next, restore: restore)
    }

    @Test(arguments: [Damage.missing, .short]) func aLayerOfTheImageAlone(damage: Damage) async throws {
        let tote = try await ToteCase()
        let (first, next) = try await Self.damagedOnes(tote, damage, "Layer: 'image'", restore: "mount")
        #expect(CacheTransferTests.layers(next) == ["kept both", "made image"], "\(next)")
        #expect(
            CacheTransferTests.warnings(next) == [
                "Warning: the layer 'test/script:image' of the previous image is missing in the image store, or cut short; it will be made again"
            ], "\(next)")
        try await Self.checkWhole(tote, first, next, restore: "mount")
    }

    /// What has its contents at hand is written again without a word.
    @Test(
        arguments: [Damage.missing, .short],
        ["Application Layer", "Buildpacks Application Launcher", "Buildpacks Launcher Config"])
    func otherLayers(damage: Damage, history: String) async throws {
        let tote = try await ToteCase()
        let (first, next) = try await Self.damagedOnes(tote, damage, history, restore: "mount")
        #expect(CacheTransferTests.layers(next) == ["kept both", "kept image"] && CacheTransferTests.warnings(next).isEmpty, "\(next)")
        try await Self.checkWhole(tote, first, next, restore: "mount")
    }

    @Test(arguments: Damage.allCases) func theSBOMs(damage: Damage) async throws {
        let tote = try await ToteCase()
        let (first, next) = try await Self.damagedOnes(tote, damage, "Software Bill-of-Materials", restore: "mount")
        #expect(CacheTransferTests.layers(next) == ["made both", "made image"], "\(next)")
        #expect(CacheTransferTests.warnings(next).count == 1 && next.error.contains("the SBOM layer of the previous image"), "\(next)")
        try await Self.checkWhole(tote, first, next, restore: "mount")
    }

    /// `--clear-cache` is a way out of everything.
    @Test(arguments: ["Layer: 'both'", "Layer: 'image'", "Software Bill-of-Materials"]) func clearingTheCache(history: String) async throws
    {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        let first = try await tote.build()
        try Damage.short.damage(Self.blob(history, tote))
        let next = try await tote.build("app", "--clear-cache")
        #expect(CacheTransferTests.layers(next) == ["made both", "made image"] && CacheTransferTests.warnings(next).isEmpty, "\(next)")
        try await Self.checkWhole(tote, first, next, restore: "mount")
    }

    @Test func documentsOfTheLastImage() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        let first = try await tote.build()
        try Damage.short.damage(tote.store().path(of: tote.image().digest))
        let next = try await tote.build()
        #expect(CacheTransferTests.warnings(next).count == 1 && next.error.contains("Warning: the last image is not used: "), "\(next)")
        try await Self.checkWhole(tote, first, next, restore: "mount")
    }

    @Test func aLayerOfTheRunImage() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        try #require(try await tote.build().succeeded)
        try Damage.short.damage(tote.store().path(of: #require(tote.image("tiny-run").layers.first).descriptor.digest))
        let next = try await tote.build()
        #expect(next.status == 62 && next.error.contains("hint: build, pull or import the image that it belongs to again"), "\(next)")
    }
}
