import CNBLaunch
import Testing

/// E-30 to E-36: the program that replaces the launcher.
@Suite struct LaunchCommandTests {
    static func command(_ process: LaunchProcess, files: MemoryFiles, path: String = "/usr/bin:/bin") throws -> LaunchCommand {
        var process = process
        process.type = "web"
        let metadata = LaunchMetadata(buildpacks: [LaunchBuildpack(id: "a", api: LaunchAPI(0, 8))], processes: [process])
        return try Launch(settings: settings(["/cnb/process/web"]), metadata: metadata, files: files)
            .command(from: Environment(["PATH=\(path)"]))
    }

    static let lookups: [(name: ByteText, path: String, expected: ByteText?)] = [
        ("tool", "/usr/bin:/bin", "/bin/tool"),
        ("tool", "/bin:/usr/bin", "/bin/tool"),
        ("other", "/usr/bin:/bin", "/usr/bin/other"),
        ("/bin/tool", "", "/bin/tool"),
        ("./run", "", "/workspace/./run"),  // E-32
        ("bin/run", "", "/workspace/bin/run"),
        ("tool", "", nil),
        ("data", "/bin", nil),
        ("/bin/data", "", nil),
        ("run", ".:", nil),
        ("missing", "/bin", nil),
    ]

    // E-31
    @Test(arguments: lookups.indices) func lookup(_ place: Int) throws {
        let row = Self.lookups[place]
        let files = MemoryFiles(
            contents: ["/bin/data": ""],
            executables: ["/bin/tool", "/usr/bin/other", "/bin/other", "/workspace/run", "/workspace/./run", "/workspace/bin/run"])
        let process = LaunchProcess(command: [row.name], arguments: ["x y"], isDirect: true)
        guard let expected = row.expected else {
            let error = #expect(throws: LaunchError.self) { try Self.command(process, files: files, path: row.path) }
            #expect(error?.description.contains("path lookup") == true)
            return
        }
        let command = try Self.command(process, files: files, path: row.path)
        #expect(command.executable == expected)
        #expect(command.arguments == [row.name, "x y"])
        #expect(command.workingDirectory == "/workspace")
    }

    // E-30
    @Test(arguments: [("/tmp", "/tmp"), ("sub", "/workspace/sub")] as [(ByteText, ByteText)])
    func workingDirectory(_ given: ByteText, _ expected: ByteText) throws {
        let files = MemoryFiles(executables: ["/bin/tool"])
        let command = try Self.command(LaunchProcess(command: ["tool"], isDirect: true, workingDirectory: given), files: files)
        #expect(command.workingDirectory == expected)
    }

    // E-33, E-34
    @Test func shellSourcesProfilesInOrder() throws {
        var files = MemoryFiles(executables: ["/bin/bash"])
        for path in [
            "/layers/a/y/profile.d/z", "/layers/a/x/profile.d/web/b", "/layers/a/x/profile.d/a'b", "/layers/a/x/profile.d/job/c",
            "/workspace/.profile",
        ] { files.contents[path] = "" }
        let command = try Self.command(LaunchProcess(command: ["echo hi"], workingDirectory: "/tmp/it's"), files: files)
        #expect(command.executable == "/bin/bash")
        #expect(command.workingDirectory == nil)
        #expect(command.arguments.count == 5)
        #expect(command.arguments.prefix(2) == ["bash", "-c"])
        #expect(
            command.arguments[2] == #"""
                source '/layers/a/x/profile.d/a'\''b'
                source '/layers/a/x/profile.d/web/b'
                source '/layers/a/y/profile.d/z'
                source '/workspace/.profile'
                cd '/tmp/it'\''s' || exit 82
                exec bash -c "$@"
                """#)
        #expect(command.arguments.suffix(2) == ["/cnb/process/web", "echo hi"])
    }

    // E-35
    @Test func everyTokenOfAShellCommandIsEvaluated() throws {
        let files = MemoryFiles(executables: ["/bin/bash"])
        let command = try Self.command(LaunchProcess(command: ["echo"], arguments: ["$A", "b"]), files: files)
        #expect(
            command.arguments[2] == #"""
                cd '/workspace' || exit 82
                exec bash -c '"$(eval echo \"${0}\")" "$(eval echo \"${1}\")" "$(eval echo \"${2}\")"' "$@"
                """#)
        #expect(command.arguments.suffix(3) == ["echo", "$A", "b"])
    }

    // E-33
    @Test func shellNeedsBash() {
        #expect(throws: LaunchError.self) { try Self.command(LaunchProcess(command: ["echo"]), files: MemoryFiles()) }
    }

    @Test func nothingIsCutOffAtANUL() {
        let files = MemoryFiles(contents: ["/layers/a/x/env/F": "a\0b"], executables: ["/bin/tool"])
        let process = LaunchProcess(command: ["tool"], isDirect: true)
        #expect(throws: LaunchError.launch("environment variable 'F' has a NUL byte in its value")) {
            try Self.command(process, files: files)
        }
        var other = process
        other.arguments = ["a\0b"]
        let plain = MemoryFiles(executables: ["/bin/tool"])
        #expect(throws: LaunchError.self) { try Self.command(other, files: plain) }
    }
}
