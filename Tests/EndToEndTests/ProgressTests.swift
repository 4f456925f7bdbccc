import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// Transfers as they are shown on a real pseudo-terminal, and in a pipe.
@Suite(
    .enabled(
        if: DockerRegistry.isThere && Peer.isThere("script") && Peer.isThere("stty"),
        "docker-registry, script or stty is not installed"))
struct ProgressTests {
    /// A registry with an image of two layers, behind a line of a megabyte a second.
    private struct SlowRegistry {
        let registry: DockerRegistry
        let relay: SlowRelay
        let name: String

        init(size: Int) async throws {
            registry = try await DockerRegistry()
            let tote = try await ToteCase(isEmpty: true)
            let store = try tote.store()
            let image = try RandomImage.make(in: store, layers: 2, size: size)
            try store.tag(image, [Reference(parsing: "big")])
            let push = try await tote.tote("images", "push", "big", "\(registry.host)/big:1")
            try #require(push.succeeded, "\(push)")
            relay = try SlowRelay(to: registry.host, bytesPerSecond: 1 << 20)
            name = "127.0.0.1:\(relay.port)/big:1"
        }
    }

    /// `tote` with all three streams on a terminal of that width; what the terminal got is the result's standard output.
    private func onTerminal(_ tote: ToteCase, _ arguments: [String], columns: Int = 60, environment: [String: String] = [:]) -> Program {
        let program = tote.command(arguments, environment: ["TERM": "xterm"].merging(environment) { $1 })
        let words = program.arguments.map { "'\($0)'" }.joined(separator: " ")
        return Program(
            ["script", "-qec", "stty cols \(columns) rows 20; exec \(words)", "/dev/null"], environment: program.environment,
            directory: program.directory)
    }

    @Test func onATerminal() async throws {
        let slow = try await SlowRegistry(size: 1_500_000)
        let tote = try await ToteCase(isEmpty: true)
        let pull = try await onTerminal(tote, ["images", "pull", slow.name]).run()
        try #require(pull.succeeded, "\(pull)")
        let drawings = pull.out.ranges(of: "\u{1b}[J").count
        #expect(drawings > 3 && drawings < 100, "\(pull.out)")
        #expect(pull.out.contains("↓ sha256:") && pull.out.contains("/s"), "\(pull.out)")
        #expect(pull.out.contains("of 2 done") || pull.out.contains("of 3 done"), "\(pull.out)")
        // No colours were wanted, and nothing is left: what is erased last is followed by whole lines only.
        #expect(!pull.out.contains("\u{1b}[3"))
        let rest = try #require(pull.out.components(separatedBy: "\u{1b}[J").last)
        #expect(!rest.contains("↓"), "\(rest)")
        #expect(rest.contains("@sha256:"))
        for piece in pull.out.split(whereSeparator: { $0.isNewline || $0 == "\u{1b}" }) where piece.contains("↓") {
            #expect(piece.count <= 62, "\(piece)")
        }
    }

    @Test func quietInAPipeAndOnADumbTerminal() async throws {
        let slow = try await SlowRegistry(size: 300_000)
        let tote = try await ToteCase(isEmpty: true)
        let quiet = try await onTerminal(tote, ["images", "pull", slow.name, "--quiet"]).run()
        #expect(quiet.succeeded && quiet.out.split(whereSeparator: \.isNewline).count == 1, "\(quiet)")
        try await removeAll(tote)
        let dumb = try await onTerminal(tote, ["images", "pull", slow.name], environment: ["TERM": "dumb"]).run()
        #expect(dumb.succeeded && !dumb.out.contains("\u{1b}"), "\(dumb)")
        try await removeAll(tote)
        let pipe = try await tote.tote("images", "pull", slow.name)
        #expect(pipe.succeeded && !pipe.error.contains("\u{1b}"), "\(pipe)")
        // One line for each blob: the config and two layers.
        #expect(pipe.errorLines.count { $0.hasPrefix("Downloaded sha256:") } == 3, "\(pipe)")
        #expect(pipe.errorLines.count == 3, "\(pipe)")
    }

    private func removeAll(_ tote: ToteCase) async throws {
        try #require(try await tote.tote("prune", "--all").succeeded)
    }

    /// An error and a signal leave nothing of the region.
    @Test(arguments: ["end of the line", "Control-C"]) func interrupted(how: String) async throws {
        let slow = try await SlowRegistry(size: 30_000_000)
        let tote = try await ToteCase(isEmpty: true)
        let running = try onTerminal(tote, ["images", "pull", slow.name]).start()
        for _ in 0..<12_000 where !running.outSoFar.contains("↓") { try await Task.sleep(for: .milliseconds(10)) }
        try #require(running.outSoFar.contains("↓"), "\(running.outSoFar)")
        if how == "Control-C" {
            try await interruptTote(below: running)
        } else {
            slow.relay.stop()
        }
        let result = try await running.wait(limit: .seconds(60))
        #expect(!result.timedOut && !result.succeeded, "\(result)")
        let rest = try #require(result.out.components(separatedBy: "\u{1b}[J").last)
        #expect(!rest.contains("↓"), "\(rest)")
        if how != "Control-C" { #expect(rest.contains("ERROR: ")) }
        #expect(try tote.store().validate().isEmpty)
    }

    /// `script` runs a shell, which became tote.
    private func interruptTote(below running: RunningProgram) async throws {
        let children = try String(
            decoding: Data(contentsOf: URL(filePath: "/proc/\(running.id)/task/\(running.id)/children")), as: UTF8.self)
        for word in children.split(separator: " ") { if let id = pid_t(word) { kill(id, SIGINT) } }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
