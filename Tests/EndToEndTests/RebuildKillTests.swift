import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// Rebuilds that are killed at any moment: the next one gives the right image, and nothing piles up.
struct RebuildKillTests {
    /// The number of this build decides all that is in the layers and in the app.
    private static let script = """
        set -e
        cd "$CNB_LAYERS_DIR"
        for name in one two; do
            mkdir -p $name/sub; printf '[types]\\nlaunch = true\\ncache = true\\n' > $name.toml
            if [ ! -e $name/sub/0 ]; then i=0; while [ $i -lt 150 ]; do echo $name $i > $name/sub/$i; i=$((i + 1)); done; fi
            i=0; while [ $i -lt 10 ]; do echo "$EDIT $i" > $name/sub/$i; i=$((i + 1)); done
        done
        rm -rf two/old; mkdir two/old; echo "$EDIT" > two/old/file
        echo "$EDIT" > /workspace/made
        """

    private static var rounds: Int { ProcessInfo.processInfo.environment["TOTE_SLOW_TESTS"] == nil ? 8 : 200 }

    @Test func killedAtRandomMoments() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        try tote.write("source", "text\n")
        func arguments(_ name: String, _ number: Int, _ more: String...) -> [String] {
            tote.buildArguments(name, ["--env", "EDIT=\(number)"] + more)
        }
        let usual = try await tote.command(arguments("app", 0)).run()
        try #require(usual.succeeded, "\(usual)")
        let whole = usual.duration
        for round in 1...Self.rounds {
            // Sometimes the user's files change, too.
            if round % 3 == 0 { try tote.write("source", "text \(round)\n") }
            let moment = whole * Double.random(in: 0..<1)
            let victim = try tote.command(arguments("app", round)).start()
            try await Task.sleep(for: moment)
            victim.kill()
            let end = try await victim.wait()
            let what: Comment = "round \(round), killed after \(moment) of \(whole)\n\(end)"
            #expect(try await Leftovers.find(of: tote.scratch.path) == [], what)
            let next = try await tote.command(arguments("app", round)).run()
            let fresh = try await tote.command(arguments("fresh", round, "--restore", "copy", "--clear-cache")).run()
            try #require(next.succeeded && fresh.succeeded, "\(next)\(fresh) after \(what)")
            try #require(next.out.split(separator: "@").last == fresh.out.split(separator: "@").last, "\(next)\(fresh) after \(what)")
            #expect(tote.leftInTmp().isEmpty, what)
            for folder in ["layers", "apps"] {
                let left = try Self.entries(of: "\(tote.home)/\(folder)")
                #expect(!left.contains { $0.hasPrefix("unfinished-") }, "\(left) in \(folder) after \(what)")
                #expect(left.count <= 8, "\(left) in \(folder) after \(what)")
            }
        }
        #expect(try tote.store().validate().isEmpty)
    }

    private static func entries(of folder: String) throws -> [String] {
        let boots = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return try boots.flatMap { try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\($0)") }
    }
}
