import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// An app's folder is read when it changed; the image is always the one that a build which copies and reads everything makes.
struct AppKeepingTests {
    /// Shows the whole app to whoever reads the log, and makes a slice of it.
    private static let script = #"""
        set -e
        find . -exec stat -c '%n %a %F %Y' {} + | sort
        find . -type f -exec cat {} +
        printf '[[slices]]\npaths = ["static/*"]\n' > "$1/launch.toml"
        eval "${EDIT:-true}"
        """#

    private func makeCase(as account: Account = .current) async throws -> ToteCase {
        let tote = try await ToteCase(as: account)
        try tote.project(Self.script)
        for number in 1...4 {
            try tote.write("src/f\(number)", "file \(number)\n")
            try tote.write("static/s\(number)", "static \(number)\n")
        }
        try tote.write("run", "#!/bin/sh\n", mode: 0o755)
        try await tote.giveAway()
        return tote
    }

    private func kept(_ tote: ToteCase) throws -> [String] {
        let boots = (try? FileManager.default.contentsOfDirectory(atPath: tote.home + "/apps")) ?? []
        return try boots.flatMap { boot in
            try FileManager.default.contentsOfDirectory(atPath: "\(tote.home)/apps/\(boot)").map { "\(tote.home)/apps/\(boot)/\($0)" }
        }
    }

    private func change(_ tote: ToteCase, _ edit: String) async throws {
        let result = try await Program(tote.account.prefix + ["sh", "-c", edit], directory: tote.app).run()
        try #require(result.succeeded, "\(edit): \(result)")
    }

    private static let edits = [
        "true", "echo more >> src/f1", "touch src/f2", "chmod 600 src/f3", "rm static/s1; echo new > static/s5", "mv src source",
        "ln -s ../run source/link", "ln source/f4 source/hard", "mkdir -p a/b/c; echo x > a/b/c/d", "rm -r a; echo a > a",
        "chmod 700 static",
        "printf 'file 9\\n' > source/f2; touch -r source/f3 source/f2", "rm run; mkdir run; mkfifo run/pipe",
    ]

    /// After every edit of the app: what a build that copies the app sees and makes.
    @Test(arguments: [Account.current] + Account.ordinary) func everyEdit(account: Account) async throws {
        let tote = try await makeCase(as: account)
        for edit in Self.edits {
            try await change(tote, edit)
            let kept = try await tote.build("kept"), copied = try await tote.build("copied", "--restore", "copy")
            try #require(kept.succeeded && copied.succeeded, "\(edit): \(kept)\(copied)")
            #expect(kept.out.split(separator: "@").last == copied.out.split(separator: "@").last, "\(edit): \(kept)\(copied)")
            let seen = [kept, copied].map { $0.errorLines.filter { $0.hasPrefix("[test/script]") } }
            #expect(seen[0] == seen[1], "\(edit)")
        }
        if account.isCurrent { #expect(try self.kept(tote).count == 1) }
        #expect(tote.leftInTmp().isEmpty)
    }

    /// That the kept copy is wrong does not come out: nobody opens the app's files.
    @Test func whatIsUnchangedIsNotRead() async throws {
        let tote = try await makeCase()
        try await Task.sleep(for: .milliseconds(50))
        let first = try await tote.build()
        let kept = try #require(try self.kept(tote).first)
        try Data("FILE 1\n".utf8).write(to: URL(filePath: kept + "/app/src/f1"))
        let again = try await tote.build()
        #expect(again.out == first.out && again.errorLines.contains("[test/script] FILE 1"), "\(first)\(again)")
        #expect(again.errorLines.contains("Reused 2/2 app layer(s)"))
        #expect(try self.kept(tote) == [kept])
        // A build that wants it copied does not look at it.
        let copied = try await tote.build("app", "--restore", "copy")
        #expect(copied.out == first.out && copied.errorLines.contains("[test/script] file 1"), "\(copied)")
    }

    /// What buildpacks write is in the image, and gone with the build.
    @Test(arguments: [Account.current] + Account.ordinary) func buildpacksWriteToTheApp(account: Account) async throws {
        let tote = try await makeCase(as: account)
        // Writing to one name of a file is writing to the other.
        try await change(tote, "ln src/f1 src/name")
        for edit in [
            "echo built > made", "true", "echo more >> src/f1; rm static/s2; chmod 700 .", "true", "chmod 700 .; chmod 755 .",
            "rm -rf src; mkdir src",
        ] {
            let kept = try await tote.build("kept", "--env", "EDIT=\(edit)")
            let copied = try await tote.build("copied", "--env", "EDIT=\(edit)", "--restore", "copy")
            try #require(kept.succeeded && copied.succeeded, "\(edit): \(kept)\(copied)")
            #expect(kept.out.split(separator: "@").last == copied.out.split(separator: "@").last, "\(edit): \(kept)\(copied)")
        }
        #expect(tote.scratch.text("app/src/f1") == "file 1\n")
    }

    /// A build that fails leaves nothing; one for another folder or with another filter starts anew.
    @Test func otherFoldersAndFailures() async throws {
        let tote = try await makeCase()
        let failed = try await tote.build("app", "--env", "EDIT=exit 1")
        #expect(failed.status == 51)
        #expect(try self.kept(tote).isEmpty)
        let first = try await tote.build()
        try #require(first.succeeded, "\(first)")
        let kept = try self.kept(tote)
        try tote.project(InlineScript(Self.script), more: "[io.buildpacks]\nexclude = [\"src\"]\n")
        let filtered = try await tote.build()
        #expect(filtered.succeeded && !filtered.errorLines.contains("[test/script] file 1"), "\(filtered)")
        #expect(try self.kept(tote) != kept && self.kept(tote).count == 1)
        // Forgetting the cache forgets the copy.
        let before = try self.kept(tote)
        let cleared = try await tote.build("app", "--clear-cache")
        #expect(cleared.out == filtered.out)
        #expect(try self.kept(tote) != before && self.kept(tote).count == 1)
        let pruned = try await tote.tote("cache", "prune", "app")
        #expect(pruned.succeeded, "\(pruned)")
        #expect(try self.kept(tote).isEmpty)
    }
}
