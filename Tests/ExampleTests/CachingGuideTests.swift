import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// The commands and recipes of docs/caching.md do what the page says.
struct CachingGuideTests {
    private static let script = #"""
        set -e
        mkdir -p "$1/deps"
        if [ -f "$1/deps/f" ]; then echo kept deps; else echo made deps; head -c 100000 /dev/urandom > "$1/deps/f"; fi
        printf '[types]\nlaunch = true\ncache = true\n' > "$1/deps.toml"
        """#

    private static func page() throws -> Markdown { Markdown(try Repository.text("docs/caching.md")) }

    /// A machine with the builder of the page, and what the page says to exclude.
    private static func machine() async throws -> ToteCase {
        let tote = try await ToteCase()
        try tote.store().tag(try tote.image("tiny"), [try Reference(parsing: "my-builder")])
        try tote.project(InlineScript(script), more: try #require(page().blocks.first { $0.language == "toml" }).text + "\n")
        return tote
    }

    /// From the app's folder, as the page does.
    private static func run(_ words: [String], _ tote: ToteCase) async throws -> ProgramResult {
        var program = tote.command(Array(words.dropFirst()))
        program.directory = tote.app
        return try await program.run()
    }

    @Test func everyCommandWorks() async throws {
        let tote = try await Self.machine()
        _ = try await tote.build("my-app")
        var commands = 0
        for block in try Self.page().blocks where block.language == "console" {
            for step in Markdown.session(block) {
                for words in ShellWords.commands(step.command) where words.first == "tote" {
                    let result = try await Self.run(words, tote)
                    #expect(result.succeeded && !result.error.contains("Warning:"), "\(words): \(result)")
                    commands += 1
                }
            }
        }
        #expect(commands == 9)
        for path in ["cache/index.json", "bound/build-cache/index.json"] { #expect(Peer.exists(tote.scratch.path(path))) }
        let list = try await tote.tote("cache", "list")
        #expect(list.out.contains("my-app:latest") && !list.out.contains("my-app-pr-7"), "\(list)")
    }

    /// Each recipe on two machines, with what its service keeps in between: the second has the layers of the first.
    @Test(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"), arguments: [0, 1, 2]) func recipe(index: Int)
        async throws
    {
        let recipes = try Self.page().blocks.filter { $0.language == "yaml" }
        #expect(recipes.count == 3)
        let registry = try await DockerRegistry(), kept = try ScratchDirectory()
        var digests: [String] = []
        for expected in ["made deps", "kept deps"] {
            let tote = try await Self.machine()
            // What the service brings back.
            let folder = tote.scratch.path("app/.tote-cache")
            if Peer.exists(kept.path("folder")) { try FileManager.default.copyItem(atPath: kept.path("folder"), toPath: folder) }
            let text = recipes[index].text.replacing("\\\n", with: " ").replacing("${{ runner.temp }}", with: kept.path)
                .replacing(/ghcr\.io\/acme\/builder|\$CI_REGISTRY_IMAGE\/builder/, with: "my-builder")
                .replacing("ghcr.io", with: registry.host).replacing("$CI_REGISTRY_IMAGE", with: "\(registry.host)/acme/app")
                .replacing("$CI_COMMIT_REF_SLUG", with: "main")
            let line = try #require(text.split(separator: "\n").first { $0.contains("tote build") })
            let words = try #require(ShellWords.commands(String(line.drop { " -".contains($0) })).first)
            let build = try await Self.run(words, tote)
            try #require(build.succeeded, "\(words): \(build)")
            #expect(build.errorLines.contains("[test/script] \(expected)") && !build.error.contains("Warning:"), "\(build)")
            digests.append(build.out)
            if Peer.exists(folder), digests.count == 1 { try FileManager.default.copyItem(atPath: folder, toPath: kept.path("folder")) }
            #expect(build.out.hasPrefix("\(registry.host)/acme/app@sha256:"), "\(build)")
        }
        #expect(digests[0] == digests[1])
    }
}
