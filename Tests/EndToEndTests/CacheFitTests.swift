import Archive
import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// The cache and the last image are of one build, whatever became of the one between (D-20, D-86).
struct CacheFitTests {
    /// A layer of image and cache that every build changes.
    private static let script = #"""
        set -e
        if [ -f "$1/l/first" ]; then echo "kept l"; else echo "made l"; mkdir -p "$1/l"; echo "$EDIT" > "$1/l/first"; fi
        echo "$EDIT" > "$1/l/last"
        printf '[types]\nlaunch = true\ncache = true\n' > "$1/l.toml"
        """#

    private static func project() async throws -> ToteCase {
        let tote = try await ToteCase()
        try tote.project(script)
        try tote.write("source", "text\n")
        return tote
    }

    private static func expectKept(_ build: ProgramResult, _ comment: Comment = "") {
        #expect(build.succeeded && CacheTransferTests.layers(build) == ["kept l"], "\(build) \(comment)")
        #expect(CacheTransferTests.warnings(build).isEmpty && !build.error.contains("wrong sha"), "\(build) \(comment)")
    }

    @Test(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
    func aRegistryThatTakesNothing() async throws {
        let registry = try await DockerRegistry(), tote = try await Self.project()
        let name = "\(registry.host)/acme/app"
        func build(_ number: Int) async throws -> ProgramResult { try await tote.build(name, "--publish", "--env", "EDIT=\(number)") }
        let first = try await build(1)
        try #require(first.succeeded && CacheTransferTests.layers(first) == ["made l"], "\(first)")
        try await registry.restart(readOnly: true)
        for number in [2, 3] {
            try tote.write("source", "text \(number)\n")
            let failed = try await build(number)
            #expect(failed.status != 0 && CacheTransferTests.layers(failed) == ["kept l"] && failed.error.contains("405"), "\(failed)")
        }
        try await registry.restart(readOnly: false)
        for number in [4, 5] { Self.expectKept(try await build(number)) }
    }

    /// The image has its name, so the cache is the new one.
    @Test func aPlaceThatCannotBeWritten() async throws {
        let tote = try await Self.project()
        try #require(try await tote.build("app", "--env", "EDIT=1").succeeded)
        let failed = try await tote.build("app", "--env", "EDIT=2", "--output", "oci-archive:/proc/no/such.tar")
        #expect(failed.status != 0 && CacheTransferTests.layers(failed) == ["kept l"], "\(failed)")
        let next = try await tote.build("app", "--env", "EDIT=2")
        Self.expectKept(next)
        // Neither the layer nor the app is made again.
        #expect(next.error.ranges(of: " reused ").count == 2 && !next.error.contains("changed"), "\(next)")
    }

    @Test func killedAroundTheName() async throws { try await Self.killAroundTheName(in: nil) }

    @Test(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
    func killedAroundTheNameInARegistry() async throws {
        try await Self.killAroundTheName(in: try await DockerRegistry())
    }

    /// Kills builds at moments around the one at which the image gets its name, in the store or in a registry.
    private static func killAroundTheName(in registry: DockerRegistry?) async throws {
        let tote = try await project(), publishing = registry != nil
        let name = registry.map { "\($0.host)/acme/app" } ?? "app"
        func arguments(_ number: Int) -> [String] {
            tote.buildArguments(name, ["--env", "EDIT=\(number)"] + (publishing ? ["--publish"] : []))
        }
        try #require(try await tote.command(arguments(0)).run().succeeded)
        for (round, milliseconds) in [0, 1, 2, 4, 7, 11, 16, 25, 40, 80].enumerated() {
            let build = try tote.command(arguments(2 * round + 1)).start()
            try #require(try await build.waits(for: publishing ? "Saving " : "1/1 app layer"))
            try await Task.sleep(for: .milliseconds(milliseconds))
            build.kill()
            let killed = try await build.wait()
            expectKept(try await tote.command(arguments(2 * round + 2)).run(), "after \(milliseconds) ms:\n\(killed)")
            try tote.write("source", "text \(round)\n")
        }
        #expect(try tote.store().validate().isEmpty && tote.leftInTmp().isEmpty)
    }

    @Test func aRecordThatCannotBeRead() async throws {
        let tote = try await Self.project()
        let first = try await tote.build("app", "--env", "EDIT=1")
        try #require(first.succeeded)
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: tote.home + "/cache").first)
        func garble() throws { try tote.scratch.write("{garbage", to: "tote/cache/\(file)") }
        try garble()
        let listed = try await tote.tote("cache", "list")
        #expect(listed.succeeded && listed.out.contains(/app:latest +unreadable/), "\(listed)")
        #expect(try await tote.tote("cache", "list", "-o", "json").out.contains("\"unreadable\""))
        #expect(try await tote.tote("cache", "inspect", "app").out.contains("the record cannot be read"))
        let next = try await tote.build("app", "--env", "EDIT=1")
        #expect(
            CacheTransferTests.warnings(next) == [
                "Warning: the last build's cache is not used: '\(tote.home)/cache/\(file)' is no record of a build cache"
            ], "\(next)")
        #expect(next.out == first.out && CacheTransferTests.layers(next) == ["made l"], "\(next)")
        Self.expectKept(try await tote.build("app", "--env", "EDIT=1"))
        try garble()
        let pruned = try await tote.tote("cache", "prune")
        #expect(pruned.succeeded && pruned.error.contains("Removed the build cache of app:latest"), "\(pruned)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: tote.home + "/cache").isEmpty)
    }
}
