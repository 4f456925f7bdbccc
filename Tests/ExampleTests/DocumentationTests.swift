import CNBSpec
import FoundationEssentials
import OCIImage
import TOML
import TestSupport
import Testing

/// What the documentation says is what tote does.
struct DocumentationTests {
    static let files = [
        "README.md", "CONTRIBUTING.md", "docs/usage.md", "docs/rebase.md", "docs/buildpacks.md", "docs/security.md", "docs/architecture.md",
        "docs/caching.md",
        "Examples/hello-shell/README.md",
        "Examples/inline-uv/README.md", "Examples/python-uv/README.md",
    ]

    // MARK: commands

    @Test(arguments: files) func everyCommandLineParses(file: String) async throws {
        let markdown = Markdown(try Repository.text(file))
        let lines = markdown.blocks.flatMap { block -> [String] in
            switch block.language {
            case "console": Markdown.session(block).map(\.command)
            case "sh": block.lines
            default: []
            }
        }
        let spans = markdown.codeSpans.filter { $0.hasPrefix("tote ") && !$0.contains("…") && !$0.contains("COMMAND") }
        let tote = try await ToteInterface.read()
        for (texts, isMention) in [(lines, false), (spans, true)] {
            for words in texts.flatMap(ShellWords.commands) where words.first == "tote" {
                let complaint = tote.complaint(about: Array(words.dropFirst()), isMention: isMention)
                #expect(complaint == nil, "\(file): \(words.joined(separator: " "))")
            }
        }
    }

    @Test func everyCommandLineOfTheDemoParses() async throws {
        let script = try Repository.text("scripts/demo")
        let array = try #require(script.firstMatch(of: #/certificates=\((--[^)]+)\)/#)).1
        let tote = try await ToteInterface.read()
        var checked = 0
        for line in script.split(separator: "\n") where !line.hasPrefix("#") && !line.contains("printf") {
            // From the word `tote` on, without the end of `$(…)`.
            guard let start = line.firstRange(of: #/\btote [a-z]/#)?.lowerBound else { continue }
            var text = String(line[start...]).replacing("\"${certificates[@]}\"", with: String(array))
            if text.hasSuffix(")") { text.removeLast() }
            for words in ShellWords.commands(text) where words.first == "tote" {
                #expect(tote.complaint(about: Array(words.dropFirst())) == nil, "\(line)")
                checked += 1
            }
        }
        #expect(checked == 6)
    }

    @Test(arguments: ["README.md", "docs/usage.md", "docs/rebase.md"]) func everyOptionExists(file: String) async throws {
        let known = try await ToteInterface.read().optionNames
        for span in Markdown(try Repository.text(file)).codeSpans where span.hasPrefix("--") {
            let option = span.prefix { $0 != " " && $0 != "=" }
            #expect(known.contains(String(option)), "\(file) speaks of \(option)")
        }
    }

    @Test func theReadmeListsEveryCommand() async throws {
        let tote = try await ToteInterface.read()
        let table = try #require(Markdown(try Repository.text("README.md")).tables.first { $0.first?.first?.hasPrefix("`tote ") == true })
        let listed = table.compactMap(\.first).flatMap(ShellWords.commands).compactMap { words in
            words.count > 1 ? words[1].filter { $0 != "`" } : nil
        }
        #expect(Set(listed) == tote.commandNames)

        let help = try await Program([try ToteExecutable.path(), "--help"]).run()
        for name in tote.commandNames { #expect(help.outLines.contains { $0.hasPrefix("  \(name) ") || $0.hasPrefix("  \(name),") }) }
    }

    /// The check itself must notice what it is for.
    @Test(arguments: [
        ("build", "an argument of 'build' is missing"), ("build app --buidler x", "'build' has no option '--buidler'"),
        ("build app --builder", "'--builder' needs a value"), ("build a b", "'build' takes fewer arguments"),
        ("bild app", "'tote' has no command 'bild'"), ("images remove x", "'list' takes fewer arguments"),
        ("build app -B x --env=A=B -q", nil), ("run app --any thing", nil), ("images rm x", nil), ("prune --help", nil),
    ])
    func complaints(line: String, complaint: String?) async throws {
        let words = ShellWords.commands(line).first ?? []
        #expect(try await ToteInterface.read().complaint(about: words) == complaint)
    }

    // MARK: exit statuses

    /// What both the specification and docs/usage.md have a number for.
    @Test(arguments: [
        (CNBSpec.ExitStatus.failure, "anything without a status of its own"), (.buildpackAPI, "Buildpack API"),
        (.nothingDetected, "no group of buildpacks"),
        (.detectionErrors, "21 when one of them failed"), (.detect, "detection"), (.analyze, "images could not be read"),
        (.restore, "layers could not be restored"), (.buildpackFailed, "build script failed"), (.build, "not valid"),
        (.export, "could not be made"),
    ])
    func exitStatus(status: CNBSpec.ExitStatus, phrase: String) throws {
        let meaning = try #require(try Self.exitStatuses()[status.rawValue], "docs/usage.md has no exit status \(status.rawValue)")
        #expect(meaning.contains(phrase))
    }

    @Test func everyDocumentedExitStatusExists() async throws {
        // A command line or a missing builder is no phase's business.
        let own: Set<Int32> = [0, 2, 64, 130]
        let documented = Set(try Self.exitStatuses().keys)
        #expect(documented.subtracting(own).isSubset(of: CNBSpec.ExitStatus.allCases.map(\.rawValue)))
        #expect(own.isSubset(of: documented))
        let senseless = try await Program([try ToteExecutable.path(), "version", "--colour"]).run()
        #expect(senseless.status == 64)
    }

    private static func exitStatuses() throws -> [Int32: String] {
        let table = try #require(Markdown(try Repository.text("docs/usage.md")).tables.first { $0.first?.first == "0" })
        var meanings: [Int32: String] = [:]
        for row in table where row.count == 2 {
            for number in row[0].split(separator: ",") {
                if let status = Int32(number.filter { !$0.isWhitespace }) { meanings[status] = row[1] }
            }
        }
        return meanings
    }

    // MARK: TOML

    @Test(arguments: files) func everyTOMLBlockParses(file: String) throws {
        for block in Markdown(try Repository.text(file)).blocks where block.language == "toml" {
            #expect(throws: Never.self, "\(file): \(block.text)") { try TOMLTable.parse(block.text) }
        }
    }

    /// The project descriptor of docs/usage.md builds, with the configuration of docs/usage.md, without a warning.
    @Test func descriptorAndConfigurationOfTheDocumentationWork() async throws {
        let blocks = Markdown(try Repository.text("docs/usage.md")).blocks.filter { $0.language == "toml" }.map(\.text)
        let descriptor = try #require(blocks.first { $0.contains("[io.buildpacks]") })
        let configuration = try #require(blocks.first { $0.contains("default-builder-image") })
        let tote = try await ToteCase()
        let store = try tote.store()
        try store.tag(try tote.image("tiny"), [try Reference(parsing: "my-builder")])
        try tote.write("project.toml", descriptor)
        // A file of certificates that is not there is an error, and a machine may keep its own elsewhere.
        let lines = configuration.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { Surroundings.certificates != nil || !$0.hasPrefix("ca-certificates") }
        try tote.scratch.makeFile("config/tote/config.toml", lines.joined(separator: "\n"))

        let build = try await tote.tote("build", "app", "--path", "app")
        try #require(build.succeeded, "\(build)")
        #expect(build.errorLines.contains("[example/hello] hello"))
        #expect(!build.error.contains("Warning:"), "\(build)")

        // The configuration's builder counts where the descriptor names none.
        try tote.write("project.toml", descriptor.replacing("builder = \"my-builder\"\n", with: ""))
        let byDefault = try await tote.tote("build", "app", "--path", "app")
        #expect(byDefault.succeeded, "\(byDefault)")
        #expect(byDefault.out != "")
    }

    /// Every variable that docs/usage.md lists is one that the sources know.
    @Test func everyVariableIsRead() throws {
        let tables = Markdown(try Repository.text("docs/usage.md")).tables
        let variables = tables.joined().compactMap(\.first).map { $0.filter { $0 != "`" } }.filter {
            $0.wholeMatch(of: /[A-Z_]{4,}/) != nil
        }
        #expect(variables.contains("TOTE_HOME"))
        let sources = try ["CNBPlatform", "Sandbox", "ToteCommands"].flatMap { module in
            try FileManager.default.subpathsOfDirectory(atPath: Repository.path("Sources/\(module)/"))
                .filter { $0.hasSuffix(".swift") }.map { "Sources/\(module)/\($0)" }
        }
        let text = try sources.map(Repository.text).joined()
        for variable in variables { #expect(text.contains("\"\(variable)\""), "docs/usage.md lists \(variable)") }
    }

    /// Links between the files lead somewhere.
    @Test(arguments: files) func everyLinkLeadsSomewhere(file: String) throws {
        let folder = file.split(separator: "/").dropLast().map { $0 + "/" }.joined()
        for match in try Repository.text(file).matches(of: #/\]\(([^)#:]+)\)/#) {
            #expect(Peer.exists(Repository.path(folder + String(match.1))), "\(file) links to \(match.1)")
        }
    }
}
