import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// The session of docs/rebase.md.
@Suite(
    .enabled(if: Surroundings.runsSlowTests, "TOTE_FAST_TESTS is set"),
    .enabled(if: Surroundings.makesBases, "bases need mmdebstrap and subordinate ids"))
struct RebaseSlowTests {
    @Test func sixCommands() async throws {
        let blocks = Markdown(try Repository.text("docs/rebase.md")).blocks.filter { $0.language == "console" }
        let commands = blocks.flatMap(Markdown.session).map(\.command)
        try #require(commands.count == 6)
        let home = try await ExampleHome(withBase: false)
        var ran: [ProgramResult] = []
        var before: Image?, status = "", forecast = ""
        func dpkg() async throws -> String { try await home.tote("run", "--entrypoint", "launcher", "hello", "dpkg", "--list").out }
        for command in commands {
            let words = Array(ShellWords.commands(command)[0].dropFirst())
            if words.first == "rebase" {
                before = try home.image("hello")
                status = try await dpkg()
                forecast = try await home.tote("rebase", "--dry-run", "hello").out
            }
            if words == BaseFixture.baseCommand {
                try await home.takeBase()
                continue
            }
            ran.append(try await home.tote(words + (words.starts(with: ["base"]) ? Surroundings.certificateOptions : [])))
            try #require(ran.last?.succeeded == true, "\(ran)")
        }
        try #require(ran.count == 5)
        let old = try #require(before), new = try home.image("hello"), base = try home.image("debian12-run")
        #expect(ran[3].out == "hello@\(new.digest)\n")
        #expect(new.manifest.layers == base.manifest.layers + old.manifest.layers.dropFirst(1))
        #expect(new.manifest.layers[0] != old.manifest.layers[0])
        // What was foreseen is what is there now.
        #expect(forecast.contains("would be rebased"), "\(forecast)")
        let upgrade = try #require(forecast.firstMatch(of: #/\n    (\S+) (\S+) -> (\S+)/#), "\(forecast)")
        let after = try await dpkg()
        func shows(_ list: String, _ version: Substring) -> Bool {
            list.split(separator: "\n").contains { line in
                let words = line.split(separator: " ")
                return words.count > 2 && words[0] == "ii" && words[1].prefix { $0 != ":" } == upgrade.1 && words[2] == version
            }
        }
        #expect(shows(status, upgrade.2) && !shows(status, upgrade.3), "\(status)")
        #expect(shows(after, upgrade.3) && !shows(after, upgrade.2), "\(after)")
        #expect(ran[4].out == "Hello from a buildpack of five lines\n", "\(ran[4])")
        #expect(try home.store().validate().isEmpty)
    }
}
