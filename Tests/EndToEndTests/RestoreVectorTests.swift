import Archive
import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// The vectors of N.5 over three builds through the real command, with mounted layers and with copied ones: what is there before the buildpack
/// runs, and what comes of it.
struct RestoreVectorTests {
    /// What a build does to the layer `l`.
    enum Action: String {
        /// Makes it, the same every time, with the types of `FLAGS`.
        case make
        /// Makes it with other contents each time.
        case other
        /// Writes the types alone.
        case types
        /// Does nothing.
        case leave
    }

    enum Outcome {
        /// The image has the layer that the image before had.
        case same
        case absent
        case new
    }

    struct Vector: CustomTestStringConvertible, Sendable {
        var flags: String
        var action: Action
        /// What is below the layers directory before the second build, and before the third, which does what the second did.
        var before: [String]
        var outcome: Outcome
        var more: [String] = []
        /// A command of tote between the first two builds.
        var between: [String] = []
        var thirdBefore: [String]?
        var testDescription: String { "\(flags), then \(action.rawValue) \(more.joined(separator: " "))\(between.joined(separator: " "))" }
    }

    private static let script = #"""
        for name in l.toml l store.toml; do [ -e "$1/$name" ] && echo "before: $name"; done
        types() { printf '[types]\n' > "$1/l.toml"; for flag in $FLAGS; do echo "$flag = true" >> "$1/l.toml"; done; }
        case "$ACTION" in
          make) mkdir -p "$1/l"; echo same > "$1/l/file"; types "$1" ;;
          other) mkdir -p "$1/l"; echo "$NUMBER" > "$1/l/file"; types "$1" ;;
          types) types "$1" ;;
          leave) ;;
        esac
        printf '[metadata]\nkept = "yes"\n' > "$1/store.toml"
        """#

    static let vectors = [
        Vector(flags: "launch", action: .types, before: ["l.toml"], outcome: .same),
        Vector(flags: "launch", action: .make, before: ["l.toml"], outcome: .same),
        Vector(flags: "launch", action: .leave, before: ["l.toml"], outcome: .absent, thirdBefore: []),
        Vector(flags: "launch cache", action: .types, before: ["l.toml", "l"], outcome: .same),
        Vector(flags: "launch cache", action: .make, before: ["l.toml", "l"], outcome: .same),
        Vector(flags: "launch cache", action: .other, before: ["l.toml", "l"], outcome: .new),
        Vector(flags: "launch cache", action: .leave, before: ["l.toml", "l"], outcome: .absent, thirdBefore: []),
        Vector(
            flags: "launch cache", action: .make, before: [], outcome: .same, between: ["cache", "prune", "app"],
            thirdBefore: ["l.toml", "l"]),
        // The image says another layer than the cache has.
        Vector(flags: "launch cache", action: .other, before: [], outcome: .new, more: ["--previous-image", "other"], thirdBefore: []),
        Vector(flags: "cache", action: .types, before: ["l.toml", "l"], outcome: .absent),
        Vector(flags: "cache build", action: .types, before: ["l.toml", "l"], outcome: .absent),
        Vector(flags: "build", action: .make, before: [], outcome: .absent),
        Vector(flags: "launch build", action: .make, before: [], outcome: .same),
        Vector(flags: "launch cache", action: .make, before: [], outcome: .same, more: ["--clear-cache"], thirdBefore: []),
    ]

    @Test(arguments: vectors, ["mount", "copy"]) func threeBuilds(vector: Vector, restore: String) async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        func build(_ number: Int, _ action: Action, name: String = "app", _ more: [String] = []) async throws -> (
            before: [String], layer: DiffID?
        ) {
            let environment = ["FLAGS=\(vector.flags)", "ACTION=\(action.rawValue)", "NUMBER=\(number)"].flatMap { ["--env", $0] }
            let result = try await tote.command(tote.buildArguments(name, environment + ["--restore", restore] + more)).run()
            try #require(result.succeeded, "\(result)")
            let before = result.errorLines.compactMap { line in
                line.hasPrefix("[test/script] before: ") ? String(line.dropFirst("[test/script] before: ".count)) : nil
            }
            return (before.filter { $0 != "store.toml" }, try Self.layer(of: tote.image(name)))
        }
        _ = try await build(9, .other, name: "other")
        let first = try await build(1, vector.action == .other ? .other : .make)
        #expect(first.before == [] && (first.layer != nil) == vector.flags.contains("launch"))
        if !vector.between.isEmpty { #expect(try await tote.command(vector.between).run().succeeded) }
        var last = first.layer
        for (number, before) in [(2, vector.before), (3, vector.thirdBefore ?? vector.before)] {
            let next = try await build(number, vector.action, vector.more)
            #expect(next.before == before, "build \(number)")
            switch vector.outcome {
            case .same: #expect(next.layer == last && last != nil, "build \(number)")
            case .absent: #expect(next.layer == nil, "build \(number)")
            case .new: #expect(next.layer != nil && next.layer != last, "build \(number)")
            }
            last = next.layer
        }
    }

    /// The layer of the buildpack, if the image has one.
    private static func layer(of image: Image) throws -> DiffID? {
        let label = image.config.settings.labels["io.buildpacks.lifecycle.metadata"] ?? ""
        struct Label: Decodable {
            struct Buildpack: Decodable {
                struct Layer: Decodable { var sha: String }
                var layers: [String: Layer]?
            }
            var buildpacks: [Buildpack]
        }
        let sha = try JSONDecoder().decode(Label.self, from: Data(label.utf8)).buildpacks.first?.layers?["l"]?.sha
        return sha.flatMap { DiffID($0) }
    }

    /// A buildpack that leaves the group leaves nothing in image and cache (D-87); store.toml survives `--clear-cache` (C.4).
    @Test(arguments: ["mount", "copy"]) func whatLeavesAndWhatStays(restore: String) async throws {
        let tote = try await ToteCase()
        func build(_ more: String...) async throws -> ProgramResult {
            let environment = ["--env", "FLAGS=launch cache", "--env", "ACTION=make", "--restore", restore]
            let result = try await tote.command(tote.buildArguments("app", environment + more)).run()
            try #require(result.succeeded, "\(result)")
            return result
        }
        try tote.project(Self.script)
        _ = try await build()
        let cleared = try await build("--clear-cache")
        #expect(cleared.errorLines.filter { $0.contains("before: ") } == ["[test/script] before: store.toml"], "\(cleared)")
        try tote.project(InlineScript("true", id: "test/another"))
        _ = try await build()
        #expect(try Self.layer(of: tote.image()) == nil)
        try tote.project(Self.script)
        let back = try await build()
        #expect(!back.error.contains("before: "), "\(back)")
    }
}
