import OCIImage
import TestSupport
import Testing

/// Builds at the same time in one home.
struct ConcurrencyTests {
    /// Takes long enough to overlap.
    private static let script =
        Hello.script
        + "\nmkdir -p \"$CNB_LAYERS_DIR/c\"; seq 20000 > \"$CNB_LAYERS_DIR/c/x\"; printf '[types]\\nlaunch = true\\ncache = true\\n' > \"$CNB_LAYERS_DIR/c.toml\"; sleep 0.3"

    private func together(_ tote: ToteCase, _ names: [String]) async throws -> [ProgramResult] {
        let running = try names.map { try tote.command(tote.buildArguments($0)).start() }
        var ends: [ProgramResult] = []
        for program in running { ends.append(try await program.wait()) }
        return ends
    }

    @Test(arguments: [["app", "app", "app"], ["one", "two", "three"]])
    func buildsAtOnce(names: [String]) async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        // The first round unpacks the builder too, the second has cache and previous image.
        for _ in 0..<2 {
            let ends = try await together(tote, names)
            for end in ends { #expect(end.succeeded, "\(end)") }
            let digests = Set(ends.compactMap { $0.out.split(separator: "@").last })
            #expect(digests.count == 1)
            #expect(try tote.store().validate().isEmpty)
            #expect(tote.leftInTmp().isEmpty)
        }
        #expect(Set(try tote.store().list().compactMap(\.reference).map(\.familiarName)).isSuperset(of: names))
        #expect(try await tote.tote("run", names[0]).out == Hello.text + "\n")
    }

    /// Four builds of one app that make different layers: each gets the image of its own, and what they leave is what it says.
    @Test func differentBuildsOfOneAppAtOnce() async throws {
        let tote = try await ToteCase()
        try tote.project(
            #"""
            mkdir -p "$1/c"; echo "$EDIT" > "$1/c/$EDIT"; seq 5000 > "$1/c/x"
            printf '[types]\nlaunch = true\ncache = true\n' > "$1/c.toml"; sleep 0.$EDIT
            """#)
        func arguments(_ name: String, _ number: Int, _ more: String...) -> [String] {
            tote.buildArguments(name, ["--env", "EDIT=\(number)", "--clear-cache"] + more)
        }
        var alone: [Substring?] = []
        for number in 1...4 { alone.append(try await tote.command(arguments("alone", number)).run().out.split(separator: "@").last) }
        for _ in 0..<3 {
            let running = try (1...4).map { try tote.command(arguments("app", $0)).start() }
            for (program, digest) in zip(running, alone) {
                let end = try await program.wait()
                #expect(end.succeeded && end.out.split(separator: "@").last == digest, "\(end)")
            }
            // The next build restores the layer that the cache names: one that was kept under another's name would come out here.
            let mounted = try await tote.build("app", "--env", "EDIT=5")
            let copied = try await tote.build("app", "--env", "EDIT=5", "--restore", "copy")
            #expect(mounted.succeeded && mounted.out == copied.out, "\(mounted)\(copied)")
            #expect(tote.leftInTmp().isEmpty)
        }
        #expect(try tote.store().validate().isEmpty)
    }

    /// Removing images while others are built never takes what a build needs.
    @Test func removingMeanwhile() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        try #require(try await tote.build("old").succeeded)
        let build = try tote.command(tote.buildArguments("new")).start()
        try #require(try await build.waits(for: "===> BUILDING"))
        let removed = try await tote.tote("images", "rm", "old")
        let end = try await build.wait()
        #expect(end.succeeded, "\(end)")
        #expect(removed.succeeded || removed.error.contains("in use by a build"), "\(removed)")
        #expect(try tote.store().validate().isEmpty)
        #expect(try await tote.tote("run", "new").out == Hello.text + "\n")
    }

    @Test func runsAtOnce() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        try #require(try await tote.build().succeeded)
        let running = try (0..<4).map { _ in try tote.command(["run", "app"]).start() }
        for program in running { #expect(try await program.wait().out == Hello.text + "\n") }
        #expect(tote.leftInTmp().isEmpty)
    }
}
