import CNBLaunch
import Testing

@Suite struct ProcessSelectionTests {
    struct Row: Sendable {
        var api: LaunchAPI
        var platform = "0.15"
        var command: [ByteText]
        var arguments: [ByteText] = []
        var user: [String] = []
        var expected: [ByteText]
    }

    /// N.4 and E-8, E-9.
    static let rows: [Row] = [
        Row(api: LaunchAPI(0, 8), command: ["echo"], arguments: ["a"], expected: ["echo", "a"]),
        Row(api: LaunchAPI(0, 8), command: ["echo"], arguments: ["a"], user: ["b"], expected: ["echo", "a", "b"]),
        Row(api: LaunchAPI(0, 9), command: ["echo"], arguments: ["a"], expected: ["echo", "a"]),
        Row(api: LaunchAPI(0, 9), command: ["echo"], arguments: ["a"], user: ["b"], expected: ["echo", "b"]),
        Row(api: LaunchAPI(0, 9), command: ["echo", "x"], arguments: ["a"], expected: ["echo", "x", "a"]),
        Row(api: LaunchAPI(0, 9), command: ["echo", "x"], arguments: ["a"], user: ["b"], expected: ["echo", "x", "b"]),
        Row(api: LaunchAPI(0, 12), command: ["echo"], user: ["b", "c"], expected: ["echo", "b", "c"]),
        Row(api: LaunchAPI(0, 12), platform: "0.9", command: ["echo"], arguments: ["a"], user: ["b"], expected: ["echo", "a", "b"]),
        Row(api: LaunchAPI(0, 12), platform: "0.10", command: ["echo"], arguments: ["a"], user: ["b"], expected: ["echo", "b"]),
    ]

    @Test(arguments: rows.indices) func argumentsOfAProcess(_ place: Int) throws {
        let row = Self.rows[place]
        let process = LaunchProcess(type: "web", command: row.command, arguments: row.arguments, isDirect: true, buildpackID: "a")
        let metadata = LaunchMetadata(buildpacks: [LaunchBuildpack(id: "a", api: row.api)], processes: [process])
        let selected = try metadata.process(for: try settings(["/cnb/process/web"] + row.user, api: row.platform))
        #expect(selected.command + selected.arguments == row.expected)
    }

    static let processes = [
        LaunchProcess(type: "web", command: ["w"], buildpackID: "a"),
        LaunchProcess(type: "dots.in.it", command: ["d"]),
        LaunchProcess(type: "empty", command: []),
        LaunchProcess(type: "lost", command: ["l"], buildpackID: "unknown"),
        LaunchProcess(type: "check", command: ["t"], executionEnvironments: ["test"]),
        LaunchProcess(type: "check", command: ["p"], executionEnvironments: ["staging", "production"]),
        LaunchProcess(type: "test", command: ["t"], executionEnvironments: ["test"]),
        LaunchProcess(type: "any", command: ["a"], executionEnvironments: ["*"]),
    ]
    static let metadata = LaunchMetadata(buildpacks: [LaunchBuildpack(id: "a", api: LaunchAPI(0, 12))], processes: processes)

    static let selections: [(arguments: [String], api: String, expected: [ByteText], isDirect: Bool)] = [
        (["/cnb/process/web"], "0.15", ["w"], false),  // E-3
        (["web"], "0.15", ["w"], false),
        (["/cnb/process/dots.in.it"], "0.15", ["d"], false),
        (["/cnb/process/check"], "0.15", ["p"], false),  // E-4: the first eligible one
        (["/cnb/process/check"], "0.14", ["t"], false),
        (["/cnb/process/any"], "0.15", ["a"], false),
        (["/cnb/lifecycle/launcher", "--", "c", "d"], "0.15", ["c", "d"], true),  // E-6
        (["/cnb/lifecycle/launcher", "c", "--", "d"], "0.15", ["c", "--", "d"], false),
        (["/cnb/lifecycle/launcher", "--"], "0.15", ["--"], false),  // E-7
        (["/cnb/lifecycle/launcher", ""], "0.15", [""], false),
    ]

    @Test(arguments: selections.indices) func selection(_ place: Int) throws {
        let row = Self.selections[place]
        let process = try Self.metadata.process(for: try settings(row.arguments, api: row.api))
        #expect(process.command + process.arguments == row.expected)
        #expect(process.isDirect == row.isDirect)
    }

    @Test(arguments: [
        (["/cnb/lifecycle/launcher"], "when there is no default process a command is required"),  // E-5
        (["/cnb/process/test"], "process type test was not found"),  // E-4
        (["/cnb/process/empty"], "no command provided for process type empty"),  // N.4
        (["/cnb/process/lost"], "process type lost belongs to unknown buildpack 'unknown'"),  // E-10
    ])
    func failures(_ arguments: [String], _ message: String) throws {
        let settings = try settings(arguments)
        #expect(throws: LaunchError.launch(message)) { try Self.metadata.process(for: settings) }
        #expect(LaunchError.launch(message).exitCode == 82)
    }
}
