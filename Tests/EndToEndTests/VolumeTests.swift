import Archive
import OCIImage
import TestSupport
import Testing

/// `tote build --volume`.
struct VolumeTests {
    private static var accounts: [Account] { [.current] + Account.ordinary }

    /// An app whose scripts look at `/data`, and a folder `data` of the caller's.
    private static func made(_ script: String, as account: Account = .current) async throws -> ToteCase {
        let tote = try await ToteCase(as: account)
        try await tote.makeBuilder(BuilderFolder("acme/look", detect: "cat /data/file >&2; \(script)", build: script))
        try tote.write("file", "x")
        try tote.scratch.makeFile("data/file", "from the host\n")
        try await tote.giveAway()
        return tote
    }

    private static func build(_ tote: ToteCase, _ more: String...) async throws -> ProgramResult {
        try await tote.command(["build", "app", "-p", "app", "-B", "own"] + more).run()
    }

    @Test(arguments: accounts)
    func readOnlyUnlessAsked(account: Account) async throws {
        let tote = try await Self.made("cat /data/file; echo x > /data/made || true", as: account)
        let build = try await Self.build(tote, "--volume", "data:/data")
        try #require(build.succeeded, "\(build)")
        #expect(build.errorLines.contains("[acme/look] from the host"))
        #expect(build.error.contains("Read-only file system"))
        #expect(!Peer.exists(tote.scratch.path("data/made")))
        // J-5: nothing of it is in the image, not even the folder that it was shown at.
        if account.isCurrent {
            #expect(try !tote.contents().contains("from the host"))
            #expect(try tote.contents()["/data"] == nil)
        }
    }

    @Test(arguments: accounts)
    func writableWhenAsked(account: Account) async throws {
        let tote = try await Self.made("echo \"made by $(id -u)\" > /data/made && cat /data/made", as: account)
        let open = try await Program(["chmod", "777", tote.scratch.path("data")]).run()
        try #require(open.succeeded)
        let build = try await Self.build(tote, "--volume", "data:/data:rw")
        try #require(build.succeeded, "\(build)")
        #expect(!build.error.contains("Warning"), "\(build)")
        #expect(tote.scratch.text("data/made") == "made by 1000\n")
        // The build user outside: itself for root, a subordinate id, or the caller when there is only one.
        let owner = try await Program(["stat", "-c", "%u", tote.scratch.path("data/made")]).run().out
        if account.id == 0 {
            #expect(owner == "1000\n")
        } else if account.hasSubordinateIDs {
            #expect(owner != "1000\n" && owner != "\(account.id)\n" && owner != "0\n")
        } else {
            #expect(owner == "\(account.id)\n")
        }
    }

    @Test(.enabled(if: Account.mapped != nil, "not root"))
    func whoMayNotWriteIsTold() async throws {
        let account = try #require(Account.mapped)
        let tote = try await Self.made("echo x > /data/made || true", as: account)
        let build = try await Self.build(tote, "--volume", "data:/data:rw")
        try #require(build.succeeded, "\(build)")
        let told = build.error.firstMatch(
            of: #/Warning: the build user \(id (\d+) of this machine\) may not write '[^']*/data'\nhint: 'setfacl -m u:(\d+):rwx /#)
        #expect(told.map { $0.1 == $0.2 && $0.1 != "1000" } == true, "\(build)")
    }

    @Test func oneFile() async throws {
        let tote = try await Self.made("cat /etc/extra/file.conf")
        let build = try await Self.build(
            tote, "--volume", "data:/data", "--volume", "\(tote.scratch.path("data/file")):/etc/extra/file.conf")
        #expect(build.errorLines.contains("[acme/look] from the host"), "\(build)")
    }

    // J-3, J-6
    @Test(arguments: accounts)
    func serviceBindings(account: Account) async throws {
        let tote = try await Self.made(
            "cd /platform/bindings/db && cat type password; echo x > /platform/bindings/db/more || true", as: account)
        try tote.scratch.makeFile("db/type", "postgresql\n")
        try tote.scratch.makeFile("db/password", "a secret\n", mode: 0o600)
        try await tote.giveAway()
        let build = try await Self.build(tote, "--volume", "data:/data", "--volume", "db:/platform/bindings/db")
        try #require(build.succeeded, "\(build)")
        #expect(build.errorLines.contains("[acme/look] postgresql") && build.errorLines.contains("[acme/look] a secret"))
        #expect(build.error.contains("Read-only file system"))
        #expect(!Peer.exists(tote.scratch.path("db/more")))
        if account.isCurrent { #expect(try !tote.contents().contains("a secret")) }
        #expect(tote.leftInTmp().isEmpty)
    }

    /// A link of the builder's that leads into what is exported brings nothing of this machine there.
    @Test(arguments: ["/workspace", "/workspace/sub", "/layers", "/layers/acme_look/kept", "/"])
    func linksOfTheBuilder(target: String) async throws {
        let tote = try await ToteCase()
        let store = try tote.store()
        let ingest = try store.ingest()
        let writer = LayerWriter(.gzip(to: ingest.descriptor))
        try writer.append(TarHeader(path: "data", kind: .symbolicLink, mode: 0o777, linkTarget: RawPath(target)))
        let facts = try writer.finish()
        try ingest.commit(facts)
        let base = try tote.image("tiny-build").appending([NewLayer(facts, history: History(createdBy: "test"))])
        try store.tag(base, [Reference(parsing: "tiny-build")])
        try await tote.makeBuilder(
            BuilderFolder(
                "acme/look",
                build: "mkdir -p $CNB_LAYERS_DIR/kept && printf '[types]\\nlaunch = true\\n' > $CNB_LAYERS_DIR/kept.toml"))
        try tote.write("file", "x")
        try tote.scratch.makeFile("host/file", "from the host\n")
        let build = try await Self.build(tote, "--volume", "host:/data")
        // Over the root nothing can be shown, and where a link leads nothing can be made.
        #expect(build.succeeded == ["/workspace", "/layers"].contains(target), "\(build)")
        if build.succeeded { #expect(try !tote.contents().contains("from the host")) }
        #expect(tote.leftInTmp().isEmpty)
        let files = try await Program(["find", tote.scratch.path("host")]).run()
        #expect(files.outLines.count == 2, "\(files)")
    }

    @Test(arguments: [
        ("data:/cnb/x", "--volume: '/cnb/x' is no place for a volume: '/cnb' belongs to the build"),
        ("data:/layers", "--volume: '/layers' is no place for a volume: '/layers' belongs to the build"),
        ("data:/workspace/x", "--volume: '/workspace/x' is no place for a volume: '/workspace' belongs to the build"),
        ("data:/proc/self/cwd/x", "--volume: '/proc/self/cwd/x' is no place for a volume: '/proc' belongs to the build"),
        ("missing:/data", "--volume: reading '$DIR/missing': No such file or directory"),
        ("data:/data:rx", "--volume: 'rx' of 'data:/data:rx' is not a way to show a volume"),
        ("data:/platform/bindings/x:rw", "--volume: the service binding '/platform/bindings/x' cannot be writable"),
    ])
    func refusedBeforeAnythingRuns(volume: String, message: String) async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        try tote.scratch.makeFolder("data")
        let before = tote.state()
        let build = try await tote.build("app", "--volume", volume)
        #expect(build.status == (volume.hasSuffix(":rx") ? 64 : 1))
        #expect(tote.filtered(build.errorLines.first ?? "") == "ERROR: " + message)
        #expect(build.errorLines.count == 2 && build.errorLines[1].hasPrefix("hint: "))
        #expect(tote.state() == before)
    }

    @Test func twoWithOneTarget() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build("app", "--volume", "app:/data", "--volume", "user:/data/")
        #expect(build.errorLines.first == "ERROR: --volume: two volumes have the target '/data'")
    }
}
