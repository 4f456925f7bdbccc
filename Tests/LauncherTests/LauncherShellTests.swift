import Glibc
import Testing

/// The real executable with bash: expected outputs were measured on the reference.
@Suite(.enabled(if: access("/bin/bash", X_OK) == 0, "/bin/bash is missing"))
struct LauncherShellTests {
    static let metadata = #"""
        [[buildpacks]]
          id = "kit/shell"
          api = "0.8"
        [[processes]]
          type = "direct"
          command = ["echo"]
          args = ["$TRACE"]
          direct = true
          buildpack-id = "kit/shell"
        [[processes]]
          type = "script"
          command = ["echo $TRACE \u0026\u0026 echo two | tr o 0"]
          direct = false
          buildpack-id = "kit/shell"
        [[processes]]
          type = "web"
          command = ["echo"]
          args = ["$TRACE", "a  b", "$TWO_WORDS", "&& echo no"]
          direct = false
          buildpack-id = "kit/shell"
        [[processes]]
          type = "printf"
          command = ["printf"]
          args = ["<%s>", "$TWO_WORDS", "$NONE", "'$TWO_WORDS'", "a\\b", "$(echo run)"]
          buildpack-id = "kit/shell"
        [[processes]]
          type = "folder"
          command = ["pwd; exit 5"]
          buildpack-id = "kit/shell"
          working-dir = "/usr"
        [[processes]]
          type = "spaces"
          command = ["echo a b"]
          buildpack-id = "kit/shell"
        """#

    static func tree() throws -> LaunchTree {
        let tree = try LaunchTree(metadata: metadata)
        try tree.write("layers/kit_shell/x/profile.d/a.sh", "export TRACE=\"$TRACE x\"; echo \"profile x in $(pwd)\"\n")
        try tree.write("layers/kit_shell/x/profile.d/web/b.sh", "export TRACE=\"$TRACE x-web\"\n")
        try tree.write("layers/kit_shell/y/profile.d/z.sh", "export TRACE=\"$TRACE y\"; false\n")  // E-37
        try tree.write("app/.profile", "export TRACE=\"$TRACE app\"\n")
        return tree
    }

    struct Row: Sendable {
        var called = "/cnb/lifecycle/launcher"
        var arguments: [String] = []
        var environment: [String: String] = [:]
        var status: Int32 = 0
        /// After the line of the profile.
        var output: String
        var isDirect = false
    }

    static let rows: [Row] = [
        Row(called: "/cnb/process/web", environment: ["TWO_WORDS": "p  q"], output: " x x-web y app a b p  q && echo no\n"),
        Row(
            called: "/cnb/process/web", arguments: ["$TRACE", "more"],
            output: " x x-web y app a b  && echo no  x x-web y app more\n"),
        Row(called: "/cnb/process/script", output: "x y app\ntw0\n"),
        Row(called: "/cnb/process/direct", output: "$TRACE\n", isDirect: true),
        Row(arguments: ["echo", "$TRACE"], output: " x y app\n"),
        Row(arguments: ["echo $TRACE | wc -w"], output: "3\n"),
        Row(arguments: ["--", "/bin/echo", "$TRACE"], output: "$TRACE\n", isDirect: true),
        Row(arguments: ["echo", "|", "x"], output: "| x\n"),
        Row(
            called: "/cnb/process/printf", environment: ["TWO_WORDS": "p  q"],
            output: "<p  q><><'p  q'><a\\b><run>"),
        Row(called: "/cnb/process/folder", status: 5, output: "/usr\n"),
        Row(called: "/cnb/process/spaces", output: "a b\n"),
        Row(called: "/cnb/process/spaces", arguments: ["c"], status: 127, output: ""),  // E-35
    ]

    // E-33 to E-39
    @Test func profilesAndTokens() throws {
        let tree = try Self.tree()
        for row in Self.rows {
            let outcome = try tree.run(row.called, row.arguments, environment: row.environment)
            #expect(outcome.output == (row.isDirect ? "" : "profile x in \(tree.app)\n") + row.output, "\(row): \(outcome.errors)")
            #expect(outcome.status == row.status, "\(row)")
        }
    }

    @Test func scriptSeesTheNameOfTheLauncher() throws {
        let tree = try Self.tree()
        try tree.write("layers/kit_shell/x/profile.d/a.sh", "echo $0 $1 $#\n")
        #expect(try tree.run("/cnb/lifecycle/launcher", ["true", "x"]).output == "/cnb/lifecycle/launcher true 2\n")
    }
}
