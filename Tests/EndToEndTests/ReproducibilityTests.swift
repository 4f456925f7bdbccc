import Glibc
import TestSupport
import Testing

/// The same inputs give the same manifest digest, whoever builds, where and when.
struct ReproducibilityTests {
    private static func make(_ account: Account = .current, umask: String? = nil) async throws -> ToteCase {
        let tote = try await ToteCase(as: account)
        try tote.project(
            InlineScript(
                Hello.script + """

                    mkdir -p "$CNB_LAYERS_DIR/deps" "$CNB_LAYERS_DIR/build-only"
                    date +%s%N > /tmp/now; ls -la /workspace > /dev/null
                    for name in b a C é; do echo $name > "$CNB_LAYERS_DIR/deps/$name"; done
                    ln "$CNB_LAYERS_DIR/deps/a" "$CNB_LAYERS_DIR/deps/hard"; ln -s a "$CNB_LAYERS_DIR/deps/soft"
                    printf '[types]\\nlaunch = true\\ncache = true\\n[metadata]\\nz = 1\\na = [2, 3]\\n' > "$CNB_LAYERS_DIR/deps.toml"
                    date +%s%N > "$CNB_LAYERS_DIR/build-only/x"
                    printf '[types]\\nbuild = true\\n' > "$CNB_LAYERS_DIR/build-only.toml"
                    echo made > made; mkdir -p made-folder/x
                    """))
        try tote.write("src/main.txt", "main\n")
        try tote.write("src/ü.txt", "ü\n")
        try tote.write("bin/run", "#!/bin/sh\n", mode: 0o755)
        symlink("main.txt", tote.app + "/src/link")
        try await tote.giveAway()
        return tote
    }

    /// The usual digest, from a build in usual surroundings.
    private static let usual = Task { try await digest(of: make().build()) }

    private static func digest(of build: ProgramResult) throws -> String {
        guard build.succeeded, let digest = build.out.split(whereSeparator: { "@\n".contains($0) }).last else {
            throw TestSetupError("\(build)")
        }
        return String(digest)
    }

    @Test func again() async throws {
        let tote = try await Self.make()
        let first = try Self.digest(of: try await tote.build())
        #expect(first == (try await Self.usual.value))
        #expect(try Self.digest(of: try await tote.build()) == first)
        #expect(try Self.digest(of: try await tote.build("app", "--clear-cache")) == first)
        #expect(try Self.digest(of: try await tote.build("another/name:tag")) == first)
        try #require(try await tote.tote("images", "rm", "app").succeeded)
        #expect(try Self.digest(of: try await tote.build()) == first)
        // The cache of the one, the previous image of the other.
        #expect(try Self.digest(of: try await tote.build("third", "--previous-image", "app")) == first)
    }

    @Test(arguments: [
        ["LANG": "de_DE.UTF-8", "LC_ALL": "tr_TR.UTF-8"], ["LC_ALL": "C"], ["TZ": "Pacific/Kiritimati"],
        ["TZ": "America/Anchorage", "LC_ALL": "POSIX"],
        ["SOURCE_DATE_EPOCH": "12345", "USER": "somebody", "TMPDIR": "/var/tmp"],
    ])
    func inOtherSurroundings(environment: [String: String]) async throws {
        let build = try await Self.make().build("app", environment: environment)
        #expect(try Self.digest(of: build) == (try await Self.usual.value))
    }

    @Test(arguments: ["000", "077", "027"])
    func underAnotherUmask(mask: String) async throws {
        let tote = try await Self.make()
        var command = tote.command(tote.buildArguments())
        command.arguments = ["sh", "-c", "umask \(mask); exec \"$0\" \"$@\""] + command.arguments
        #expect(try Self.digest(of: try await command.run()) == (try await Self.usual.value))
    }

    @Test(arguments: Account.ordinary)
    func asAnotherUser(account: Account) async throws {
        #expect(try Self.digest(of: try await Self.make(account).build()) == (try await Self.usual.value))
    }

    /// D-44: what the files' times are does not count, nor does the time of the build.
    @Test func atAnotherTime() async throws {
        let tote = try await Self.make()
        let touched = try await Program(
            ["sh", "-c", "find app -exec touch -h -d '2001-02-03 04:05:06' {} +; touch app/src"], directory: tote.scratch.path
        ).run()
        try #require(touched.succeeded, "\(touched)")
        #expect(try Self.digest(of: try await tote.build()) == (try await Self.usual.value))
    }

    /// where the app is does not count.
    @Test func fromAnotherFolder() async throws {
        let tote = try await Self.make()
        var command = tote.command(["build", "app", "--builder", "tiny", "--pull-policy", "never"])
        command.directory = tote.app
        #expect(try Self.digest(of: try await command.run()) == (try await Self.usual.value))
    }

    @Test func theCreationTimeIsAChoice() async throws {
        let tote = try await Self.make()
        let usual = try await Self.usual.value
        let dated = try Self.digest(of: try await tote.build("app", "--creation-time", "1700000000"))
        #expect(dated != usual)
        #expect(try Self.digest(of: try await tote.build("app", "--creation-time", "1700000000")) == dated)
        #expect(try await tote.tote("inspect", "app").out.contains("Created:   2023-11-14T22:13:20Z"))
        #expect(try Self.digest(of: try await tote.build()) == usual)
    }

    /// C-20: what a script is told of its surroundings is the same everywhere.
    @Test func theContentsDecide() async throws {
        let tote = try await Self.make()
        try tote.write("src/main.txt", "other\n")
        #expect(try Self.digest(of: try await tote.build()) != (try await Self.usual.value))
    }

    @Test func buildersToo() async throws {
        var digests: Set<String> = []
        for _ in 0..<2 {
            let tote = try await ToteCase()
            try await tote.makeBuilder(BuilderFolder("a/b", build: "echo one"), BuilderFolder("c/d"))
            digests.insert(try await tote.tote("builder", "create", "own", "--config", "builder.toml").out)
        }
        #expect(digests.count == 1)
    }
}
