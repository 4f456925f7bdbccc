import FoundationEssentials
import TestSupport
import Testing

/// `--progress json`: what a build does, for programs.
struct JSONProgressTests {
    private struct Line: Decodable {
        struct Layer: Decodable { var name: String, change: String, read: Bool, size: Int64, files: Int? }
        var type: String, time: String
        var phase: String?, buildpack: String?, text: String?, line: Int?, message: String?, hint: String?, status: Int?, file: String?
        var digest: String?, layers: [Layer]?
    }

    private func lines(_ result: ProgramResult) throws -> [Line] {
        try result.errorLines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    private static let script = #"""
        mkdir -p "$1/kept"; [ -e "$1/kept/a" ] || { echo a > "$1/kept/a"; echo b > "$1/kept/b"; }
        [ -z "$EDIT" ] || { echo "$EDIT" > "$1/kept/a"; echo "$EDIT" > "$1/kept/c"; rm -f "$1/kept/b"; }
        printf '[types]\nlaunch = true\ncache = true\n' > "$1/kept.toml"
        echo "it's \"quoted\""
        """#

    @Test func ofABuild() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        let build = try await tote.build("app", "--progress", "json")
        try #require(build.succeeded, "\(build)")
        let told = try lines(build)
        #expect(told.filter { $0.type == "phase" }.compactMap(\.phase) == ["analyzing", "detecting", "restoring", "building", "exporting"])
        #expect(told.first { $0.type == "output" }?.text == #"it's "quoted""#)
        #expect(told.first { $0.type == "output" }?.buildpack == "test/script")
        #expect(told.allSatisfy { $0.time.hasSuffix("Z") && $0.time.count == 24 })
        let end = try #require(told.last)
        #expect(end.type == "result" && build.out == "app@\(end.digest ?? "")\n", "\(build)")
        #expect(end.layers?.first?.name == "test/script:kept" && end.layers?.first?.change == "new")
    }

    /// What was reused, what was not, and why: for programs and for people.
    @Test func layersOfARebuild() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        try #require(try await tote.build().succeeded)
        try await Task.sleep(for: .milliseconds(50))
        try #require(try await tote.build("app", "--restore", "copy").succeeded)
        func layers(_ more: String...) async throws -> [Line.Layer] {
            let build = try await tote.command(tote.buildArguments("app", ["--progress", "json"] + more)).run()
            return try #require(try lines(build).last?.layers, "\(build)")
        }
        _ = try await layers()
        #expect(try await layers().allSatisfy { $0.change == "reused" })
        let again = try await layers()
        #expect(again.prefix(1).map(\.read) == [false] && again.first { $0.name == "app" }?.read == false, "\(again)")
        let changed = try #require(try await layers("--env", "EDIT=1").first)
        #expect(changed.change == "changed" && changed.files == 3, "\(changed)")
        let people = try await tote.build("app", "--env", "EDIT=2")
        #expect(people.error.contains("  layers:  test/script:kept  changed: 2 files  "), "\(people)")
        #expect(people.error.contains("           app               reused           "), "\(people)")
    }

    /// How many files of the app changed, where its kept copy tells.
    @Test func changesOfTheApp() async throws {
        let tote = try await ToteCase()
        try tote.project(#"printf "$SLICES" > "$1/launch.toml"; [ -z "$EDIT" ] || echo "$EDIT" > made"#)
        for name in ["a", "b", "static/c"] { try tote.write(name, name) }
        try #require(try await tote.build().succeeded)
        func app(_ more: String...) async throws -> [String] {
            try await Task.sleep(for: .milliseconds(50))
            let build = try await tote.command(tote.buildArguments("app", ["--progress", "json"] + more)).run()
            return try #require(try lines(build).last?.layers, "\(build)").filter { !$0.name.contains(":") }
                .compactMap { ["app", "slice 1", "rest of the app"].contains($0.name) ? "\($0.change) \($0.files ?? -1)" : nil }
        }
        try tote.write("a", "another")
        #expect(try await app() == ["changed 1"])
        try tote.write("a", "a third")
        try FileManager.default.removeItem(atPath: tote.app + "/b")
        let people = try await tote.build()
        #expect(people.error.contains("  layers:  app  changed: 2 files  "), "\(people)")
        // Not of what a buildpack made of the app, nor of other layers.
        try tote.write("a", "a fourth")
        #expect(try await app("--env", "EDIT=1") == ["changed -1"])
        try tote.write("a", "a fifth")
        #expect(try await app() == ["changed -1"])
        let slices = ["--env", #"SLICES=[[slices]]\npaths = ["static/*"]\n"#]
        _ = try await app(slices[0], slices[1])
        try tote.write("static/c", "another c")
        #expect(try await app(slices[0], slices[1]) == ["changed 1", "reused -1"])
    }

    @Test func ofAnError() async throws {
        let tote = try await ToteCase()
        try tote.write("project.toml", "[_]\nschema-version = \"9\"\n")
        let build = try await tote.build("app", "--progress", "json")
        let end = try #require(try lines(build).last)
        #expect(end.type == "error" && end.status == Int(build.status) && end.message != nil && end.line == 2, "\(build)")
        #expect(build.out.isEmpty)
        let wrong = try await tote.build("app", "--progress", "xml")
        #expect(wrong.status == 64 && wrong.error.contains("xml"), "\(wrong)")
    }

    /// Only what a quiet run says.
    @Test func quietly() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        let build = try await tote.build("app", "--progress", "json", "--quiet")
        #expect(try lines(build).map(\.type) == ["result"], "\(build)")
    }
}
