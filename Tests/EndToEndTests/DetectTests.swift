import FoundationEssentials
import TestSupport
import Testing

/// `tote detect`: the decision of a build, without the build.
struct DetectTests {
    private func tote() async throws -> ToteCase {
        let tote = try await ToteCase()
        try await tote.makeBuilder(
            BuilderFolder("kit/no", detect: "exit 100"),
            BuilderFolder("kit/node", detect: #"printf '[[provides]]\nname = "node"\n' > "$2""#, build: "exit 1"),
            BuilderFolder(
                "kit/app", detect: #"printf '[[requires]]\nname = "node"\n[requires.metadata]\nversion = "18"\n' > "$2""#, build: "exit 1"),
            groups: [["kit/no"], ["kit/node", "kit/app"]])
        return tote
    }

    private struct Answer: Decodable {
        struct Module: Decodable {
            var id: String
            var version: String
            var provides: [String]
        }
        struct Entry: Decodable {
            var name: String
            var providers: [String]
            var requires: [[String: String]]
        }
        struct Layer: Decodable {
            var buildpack: String
            var layer: String
            var restored: String
        }
        var builder: String
        var group: [Module]
        var plan: [Entry]
        var layers: [Layer]
        var rejected: [String]
    }

    @Test func saysWhatABuildWouldRun() async throws {
        let tote = try await tote()
        let before = tote.state()
        let detect = try await tote.tote("detect", "--path", "app", "--builder", "own", "--pull-policy", "never", "--output", "json")
        try #require(detect.succeeded, "\(detect)")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(detect.out.utf8))
        #expect(answer.builder == "own")
        #expect(answer.group.map(\.id) == ["kit/node", "kit/app"])
        #expect(answer.group.map(\.provides) == [["node"], []])
        #expect(answer.plan.first?.providers == ["kit/node@1.0.0"])
        #expect(answer.plan.first?.requires == [["version": "18"]])
        #expect(answer.rejected.count == 1)
        #expect(tote.state() == before && tote.leftInTmp().isEmpty)

        let text = try await tote.tote("plan", "--path", "app", "--builder", "own", "--pull-policy", "never")
        #expect(text.outLines.contains { $0.contains("kit/node") && $0.contains("1.0.0") }, "\(text)")
        #expect(text.outLines.contains { $0.contains(#"{"version":"18"}"#) }, "\(text)")
    }

    /// What would come back of the last build of that name.
    @Test func layersOfTheLastBuild() async throws {
        let tote = try await tote()
        try tote.project(
            #"mkdir -p "$1/one" "$1/two"; printf '[types]\nlaunch = true\ncache = true\n' > "$1/one.toml"; printf '[types]\nlaunch = true\n' > "$1/two.toml""#
        )
        let build = try await tote.build()
        try #require(build.succeeded, "\(build)")
        let arguments = ["detect", "app", "--path", "app", "--builder", "tiny", "--pull-policy", "never", "--output", "json"]
        let detect = try await tote.command(arguments).run()
        let answer = try JSONDecoder().decode(Answer.self, from: Data(detect.out.utf8))
        #expect(answer.layers.map { "\($0.buildpack):\($0.layer) \($0.restored)" } == ["test/script:one data", "test/script:two metadata"])
        let cleared = try await tote.command(arguments + ["--clear-cache"]).run()
        #expect(try JSONDecoder().decode(Answer.self, from: Data(cleared.out.utf8)).layers.isEmpty)
    }

    /// The statuses of a build.
    @Test(arguments: [("exit 100", Int32(20)), ("exit 7", 21)]) func whenNothingPasses(detect: String, status: Int32) async throws {
        let tote = try await ToteCase()
        try await tote.makeBuilder(BuilderFolder("kit/no", detect: detect))
        let result = try await tote.tote("detect", "--path", "app", "--builder", "own", "--pull-policy", "never")
        #expect(result.status == status && result.out.isEmpty, "\(result)")
    }
}
