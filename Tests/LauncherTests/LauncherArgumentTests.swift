import FoundationEssentials
import Glibc
import Testing

/// The real executable: which program it becomes, with which arguments. Expected outputs were measured on the reference.
@Suite struct LauncherArgumentTests {
    static let metadata = """
        [[buildpacks]]
          id = "kit/new"
          api = "0.12"
        [[buildpacks]]
          id = "kit/old"
          api = "0.8"
        [[processes]]
          type = "args"
          command = ["/bin/echo"]
          args = ["a"]
          direct = true
          buildpack-id = "kit/new"
        [[processes]]
          type = "always"
          command = ["/bin/echo", "x y"]
          args = ["a"]
          direct = true
          buildpack-id = "kit/new"
        [[processes]]
          type = "missing"
          command = ["no-such-program"]
          direct = true
          buildpack-id = "kit/new"
        [[processes]]
          type = "none"
          command = ["/bin/echo"]
          direct = true
          buildpack-id = "kit/new"
        [[processes]]
          type = "old-direct"
          command = ["/bin/echo"]
          args = ["a"]
          direct = true
          buildpack-id = "kit/old"
        [[processes]]
          type = "relative.path"
          command = ["./bin/tool"]
          direct = true
          buildpack-id = "kit/new"
          working-dir = "/"
        [[processes]]
          type = "status"
          command = ["/bin/sh", "-c"]
          args = ["echo bye; exit 37"]
          direct = true
          buildpack-id = "kit/new"
        [[processes]]
          type = "check"
          command = ["/bin/sh", "-c", "echo check in $CNB_EXEC_ENV"]
          direct = true
          buildpack-id = "kit/new"
          exec-env = ["test"]
        """

    struct Row: Sendable {
        var called = "/cnb/lifecycle/launcher"
        var arguments: [String] = []
        var environment: [String: String] = [:]
        var status: Int32 = 0
        var output: String
    }

    static let rows: [Row] = [
        Row(called: "/cnb/process/args", output: "a\n"),  // E-3, E-8
        Row(called: "args", arguments: ["b", "c"], output: "b c\n"),
        Row(called: "/cnb/process/always", output: "x y a\n"),
        Row(called: "/cnb/process/always", arguments: ["b"], output: "x y b\n"),
        Row(called: "/cnb/process/none", arguments: ["$HOME", "*"], output: "$HOME *\n"),
        Row(called: "/cnb/process/status", status: 37, output: "bye\n"),  // E-38
        Row(called: "/cnb/process/missing", status: 82, output: ""),  // E-31
        Row(called: "/cnb/process/relative.path", output: "tool in /\n"),  // E-32
        Row(called: "/cnb/process/old-direct", arguments: ["b"], output: "a b\n"),
        Row(status: 82, output: ""),  // E-5
        Row(arguments: ["--", "/bin/echo", "$PATH", "a b"], output: "$PATH a b\n"),  // E-6
        Row(arguments: ["--", "nope"], status: 82, output: ""),
        Row(arguments: ["--", "/bin/cat", "hello.txt"], output: "hello\n"),
        Row(called: "/cnb/process/check", status: 82, output: ""),  // E-4
        Row(called: "/cnb/process/check", environment: ["CNB_EXEC_ENV": "test"], output: "check in test\n"),
    ]

    @Test func processesAndArguments() throws {
        let tree = try LaunchTree(metadata: Self.metadata)
        try tree.write("app/bin/tool", "#!/bin/sh\necho tool in $(pwd)\n")
        for row in Self.rows {
            let outcome = try tree.run(row.called, row.arguments, environment: row.environment)
            #expect(outcome.status == row.status, "\(row)")
            #expect(outcome.output == row.output, "\(row)")
            #expect(outcome.errors.hasPrefix("ERROR: failed to launch: ") == (row.status == 82), "\(row): \(outcome.errors)")
        }
    }

    // E-38: the launcher is replaced, so signals reach the process.
    @Test func launcherIsReplaced() throws {
        let outcome = try LaunchTree().run(arguments("/bin/sh", "-c", "echo $$"))
        #expect(outcome.output == "\(outcome.process)\n")
        #expect(try LaunchTree().run(arguments("/bin/sh", "-c", "kill -KILL $$")).status == 128 + SIGKILL)
    }

    @Test func argumentsAndVariablesMayBeAnyBytes() throws {
        let tree = try LaunchTree()
        try tree.write("layers/a/x/env/F", "")
        try Data([0xFF, 0xFE]).write(to: URL(filePath: "\(tree.layers)/a/x/env/F"))
        try tree.write("layers/config/metadata.toml", "[[buildpacks]]\nid = 'a'\napi = '0.12'\n")
        let script = "printf '%s' \"$1$F\" | od -An -tx1"
        let outcome = try tree.run("launcher", ["--", "/bin/sh", "-c", script, "sh"], raw: [[0xE9, 0x80]])
        #expect(outcome.output == " e9 80 ff fe\n")
    }

    // E-1
    @Test func exitStatusOfErrors() throws {
        let tree = try LaunchTree()
        let command = ["--", "/bin/true"]
        #expect(try tree.run("launcher", command).status == 0)
        let missing = try tree.run("launcher", command, api: nil)
        #expect(missing == .init(status: 11, output: "", errors: missing.errors, process: missing.process))
        #expect(missing.errors.contains("CNB_PLATFORM_API"))
        #expect(try tree.run("launcher", command, api: "0.16").status == 11)
        #expect(try tree.run("launcher", command, environment: ["CNB_APP_DIR": "\(tree.root)/none"]).status == 82)
        let unreadable = try tree.run("launcher", command, environment: ["CNB_LAYERS_DIR": "\(tree.root)/none"])
        #expect(unreadable.status == 1)
        #expect(
            unreadable.errors
                == "ERROR: failed to read metadata: '\(tree.root)/none/config/metadata.toml': No such file or directory\n")
        try tree.write("layers/config/metadata.toml", "processes = [\n")
        #expect(try tree.run("launcher", command).errors == "ERROR: failed to read metadata: 1:13: unterminated array\n")
        try tree.write("layers/config/metadata.toml", "[[buildpacks]]\nid = 'a'\napi = '0.2'\n")
        #expect(try tree.run("launcher", command).status == 12)
    }

    // E-2
    @Test func processTypeVariableOnlyWarns() throws {
        let outcome = try LaunchTree(metadata: Self.metadata).run(
            "launcher", ["--", "/bin/echo", "x"], environment: ["CNB_PROCESS_TYPE": "args"])
        #expect(outcome.output == "x\n")
        #expect(outcome.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("Warning: ") })
    }

    /// It must run in any root file system: no interpreter, no shared library.
    @Test func executableIsStatic() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: LaunchTree.launcher)))
        #expect(bytes.prefix(4) == [0x7F, 0x45, 0x4C, 0x46])
        let headers = bytes[32..<40].reversed().reduce(0) { $0 << 8 | Int($1) }
        let size = Int(bytes[54]) | Int(bytes[55]) << 8
        let count = Int(bytes[56]) | Int(bytes[57]) << 8
        let types = (0..<count).map { bytes[headers + $0 * size] }
        #expect(!types.contains(3), "PT_INTERP")
        #expect(!types.contains(2), "PT_DYNAMIC")
    }

    private func arguments(_ command: String...) -> [String] { ["--"] + command }
}

extension LaunchTree {
    fileprivate func run(_ arguments: [String]) throws -> Outcome { try run("launcher", arguments) }
}
