import TestSupport
import Testing

/// Where a buildpack cannot rename a folder of what is mounted, the build starts again with copies, and the next ones begin with them.
struct CopyRetryTests {
    private static let retry = "the build starts again with copies"
    /// Ends the script, with these words, while that folder is mounted: a rename of a folder in it would have failed.
    private static func refuses(_ folder: String, _ words: String) -> String {
        "if grep -q ' \(folder) overlay ' /proc/mounts; then \(words); exit 1; fi\n"
    }

    private static let layer = #"""
        mkdir -p "$1/data"
        printf '[types]\nlaunch = true\ncache = true\n' > "$1/data.toml"

        """#

    private func makeCase(_ script: String, as account: Account = .current) async throws -> ToteCase {
        let tote = try await ToteCase(as: account)
        try tote.project(script)
        try tote.write("src/file", "text\n")
        try await tote.giveAway()
        return tote
    }

    private func remembered(_ tote: ToteCase) -> String {
        tote.state().filter { $0.key.hasPrefix("cache/") }.values.joined()
    }

    @Test func aFolderOfTheApp() async throws {
        let tote = try await makeCase(Self.refuses("/workspace", "echo 'Error: EXDEV: cross-device link not permitted'"))
        let first = try await tote.build()
        #expect(
            first.succeeded && first.error.contains("'test/script' could not rename a folder of the app; \(Self.retry)"), "\(first)")
        let second = try await tote.build()
        #expect(second.succeeded && second.out == first.out && !second.error.contains("could not rename"), "\(second)")
    }

    /// The app is not copied for a layer's sake.
    @Test func aFolderOfALayer() async throws {
        let tote = try await makeCase(Self.layer + Self.refuses("/layers", #"echo "os.rename: Invalid cross-device link" >&2"#))
        let first = try await tote.build()
        try #require(first.succeeded, "\(first)")
        let second = try await tote.build()
        #expect(second.succeeded && second.out == first.out, "\(second)")
        #expect(
            second.error.contains("the buildpack 'test/script' could not rename a folder of its cached layers; \(Self.retry)"), "\(second)")
        #expect(remembered(tote).contains("\"copying\":[\"test/script\"]") && !remembered(tote).contains("copiesApp"))
        for _ in 0..<2 {
            let third = try await tote.build()
            #expect(third.succeeded && !third.error.contains("could not rename"), "\(third)")
            #expect(third.errorLines.contains("Restoring data for \"test/script:data\" from cache"), "\(third)")
        }
        // Forgetting the layers forgets nothing of buildpacks.
        let cleared = try await tote.build("app", "--clear-cache")
        #expect(cleared.succeeded && remembered(tote).contains("copying"), "\(cleared)")
        // Who asks for mounts gets them, and what was known is found out anew.
        let mounted = try await tote.build("app", "--restore", "mount")
        #expect(mounted.succeeded && mounted.error.contains(Self.retry) && remembered(tote).contains("copying"), "\(mounted)")
        try tote.project(Self.layer)
        let forgotten = try await tote.build("app", "--restore", "mount")
        #expect(forgotten.succeeded && !forgotten.error.contains(Self.retry) && !remembered(tote).contains("copying"), "\(forgotten)")
    }

    /// A line that names neither may be of both: the layers first, which stay copied. One that names the app is of the app.
    @Test(arguments: [
        (#"echo "[Errno 18]""#, true), (#"echo "rename /workspace/src /workspace/other: invalid cross-device link""#, false),
    ])
    func aFolderOfTheAppWithLayersMounted(words: String, triesLayers: Bool) async throws {
        let tote = try await makeCase(
            Self.layer + "[ -e \"$1/data/x\" ] || { touch \"$1/data/x\"; exit 0; }\n" + Self.refuses("/workspace", words))
        try #require(try await tote.build().succeeded)
        let build = try await tote.build()
        #expect(build.succeeded, "\(build)")
        #expect(build.error.contains("rename a folder of its cached layers") == triesLayers, "\(build)")
        #expect(build.error.contains("rename a folder of the app"), "\(build)")
        #expect(remembered(tote).contains("copying") == triesLayers && remembered(tote).contains("copiesApp"))
    }

    /// Renames a folder of the layer, and wants it renamed and not copied. Says nothing that tells why it fails.
    private static let silent = #"""
        mkdir -p "$1/data/a"
        printf '[types]\ncache = true\n' > "$1/data.toml"
        cd "$1/data"
        before=$(stat -c %i a)
        mv a b
        [ "$(stat -c %i b)" = "$before" ] || { echo "could not move"; exit 1; }
        mv b a

        """#

    @Test(arguments: Account.ordinary) func withoutAWord(account: Account) async throws {
        let tote = try await makeCase(Self.silent, as: account)
        let first = try await tote.build()
        try #require(first.succeeded, "\(first)")
        let second = try await tote.build()
        #expect(second.succeeded && second.out == first.out, "\(second)")
        #expect(
            second.error.contains("'test/script' failed, and an ordinary user's build cannot rename folders of its cached layers"),
            "\(second)"
        )
        #expect(second.error.contains(Self.retry), "\(second)")
        let third = try await tote.build()
        #expect(third.succeeded && !third.error.contains(Self.retry), "\(third)")
    }

    /// A buildpack that fails for a reason of its own fails twice, and nothing is remembered. The hint is for the app, which was mounted.
    @Test(arguments: Account.ordinary) func inVain(account: Account) async throws {
        let tote = try await makeCase(Self.layer + "exit $STATUS", as: account)
        try #require(try await tote.build("app", "--env", "STATUS=0").succeeded)
        let before = remembered(tote)
        let failed = try await tote.build("app", "--env", "STATUS=3")
        #expect(failed.status == 51 && failed.error.ranges(of: "===> BUILDING").count == 2, "\(failed)")
        #expect(
            failed.error.contains("hint: if it tried to rename a folder of the app") && failed.error.contains("--restore copy"), "\(failed)"
        )
        #expect(remembered(tote) == before)
        let copied = try await tote.build("app", "--env", "STATUS=3", "--restore", "copy")
        #expect(copied.status == 51 && copied.error.ranges(of: "===> BUILDING").count == 1 && !copied.error.contains("hint:"), "\(copied)")
    }
}
