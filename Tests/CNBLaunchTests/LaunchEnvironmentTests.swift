import CNBLaunch
import Testing

/// N.3: what a launched process sees.
@Suite struct LaunchEnvironmentTests {
    static let buildpacks = [LaunchBuildpack(id: "a", api: LaunchAPI(0, 12)), LaunchBuildpack(id: "b", api: LaunchAPI(0, 12))]

    static func launch(
        _ files: MemoryFiles, container: [String] = [], type: String = "web"
    ) throws -> LaunchCommand {
        let metadata = LaunchMetadata(
            buildpacks: buildpacks, processes: [LaunchProcess(type: "web", command: ["/bin/true"], isDirect: true, buildpackID: "a")])
        var files = files
        files.executables.insert("/bin/true")
        let arguments = type == "web" ? ["web"] : ["launcher", "--", "/bin/true"]
        return try Launch(settings: settings(arguments), metadata: metadata, files: files).command(from: Environment(container))
    }

    struct Row: Sendable {
        var container: [String] = []
        var files: [String: String] = [:]
        var type = "web"
        var name = "F"
        var expected: String?
    }

    static let rows: [Row] = [
        Row(
            container: ["PATH=/cnb/process:/cnb/lifecycle:/usr/bin"],
            files: ["/layers/a/x/bin/f": "", "/layers/a/y/bin/f": "", "/layers/b/m/bin/f": ""], name: "PATH",
            expected: "/layers/b/m/bin:/layers/a/y/bin:/layers/a/x/bin:/usr/bin"),
        Row(container: ["PATH=/bin:/cnb/process:/usr/bin:/cnb/lifecycle"], name: "PATH", expected: "/bin:/usr/bin"),  // E-12
        Row(container: ["F=c"], files: ["/layers/a/x/env.launch/F": "1"], expected: "1"),
        Row(container: ["F=c"], files: ["/layers/a/x/env.launch/F.default": "1"], expected: "c"),
        Row(container: ["F=c"], files: ["/layers/a/x/env.launch/F.append": "1", "/layers/a/x/env.launch/F.delim": "**"], expected: "c**1"),
        Row(files: ["/layers/a/x/env/F": "g", "/layers/a/x/env.launch/web/F": "w"], expected: "w"),
        Row(files: ["/layers/a/x/env/F": "g", "/layers/a/x/env.launch/web/F": "w"], type: "", expected: "g"),
        Row(files: ["/layers/a/x/env.launch/web/F": "w", "/layers/a/y/env/F": "g2"], expected: "g2"),
        Row(files: ["/layers/a/x/include/f": ""], name: "CPATH"),
        Row(files: ["/layers/a/x/pkgconfig/f": ""], name: "PKG_CONFIG_PATH"),
        Row(files: ["/layers/a/x/lib/f": ""], name: "LD_LIBRARY_PATH", expected: "/layers/a/x/lib"),
        Row(files: ["/layers/a/x/lib/f": ""], name: "LIBRARY_PATH"),
        Row(files: ["/layers/a/x/env.build/F": "1"]),
        Row(files: ["/layers/other/x/env/F": "1"]),
        // E-14: all root directories come before any file.
        Row(files: ["/layers/a/x/env/PATH.prepend": "/p:", "/layers/a/y/bin/f": ""], name: "PATH", expected: "/p:/layers/a/y/bin"),
        Row(container: ["CNB_APP_DIR=/workspace"], name: "CNB_APP_DIR"),  // E-11
        Row(container: ["CNB_EXEC_ENV=test"], name: "CNB_EXEC_ENV", expected: "test"),
    ]

    @Test(arguments: rows.indices) func variables(_ place: Int) throws {
        let row = Self.rows[place]
        let command = try Self.launch(MemoryFiles(contents: row.files), container: row.container, type: row.type)
        #expect(command.environment[row.name] == row.expected)
    }

    // A file in place of a directory, measured.
    @Test func environmentMustBeADirectory() {
        #expect(throws: LaunchError.self) { try Self.launch(MemoryFiles(contents: ["/layers/a/x/env": ""])) }
    }

    // E-20, E-21: per layer, type-specific ones right after the layer's others; each sees what those before it set.
    @Test func execD() throws {
        var files = MemoryFiles(contents: ["/layers/a/x/env.launch/web/F": "w"])
        files.executables = [
            "/layers/a/x/exec.d/2", "/layers/a/x/exec.d/1", "/layers/a/x/exec.d/web/1", "/layers/a/y/exec.d/0", "/layers/a/y/exec.d/job/0",
        ]
        files.execD = { path, environment in "F = \"e\"\nTRACE = '\(environment["TRACE"] ?? "") \(path.dropFirst(10))'\n" }
        let command = try Self.launch(files)
        #expect(command.environment["F"] == "e")
        #expect(command.environment["TRACE"] == " x/exec.d/1 x/exec.d/2 x/exec.d/web/1 y/exec.d/0")
    }

    // E-22
    @Test(arguments: [nil, "x", "A = 1", "A = ['a']", "[A]\nb = 'c'", "'A=B' = 'c'", "A = \"\\u0000\"", "'' = 'x'"])
    func execDFailures(_ output: String?) {
        var files = MemoryFiles(executables: ["/layers/a/x/exec.d/1"])
        files.execD = { _, _ in output }
        let error = #expect(throws: LaunchError.self) { try Self.launch(files) }
        #expect(error?.exitCode == 82)
        #expect(error?.description.hasPrefix("failed to launch: exec.d: ") == true)
    }
}
