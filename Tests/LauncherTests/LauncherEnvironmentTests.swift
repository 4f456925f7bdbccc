import FoundationEssentials
import Glibc
import Testing

/// The real executable: environment directories and exec.d. Expected outputs were measured on the reference.
@Suite struct LauncherEnvironmentTests {
    static let metadata = """
        [[buildpacks]]
          id = "kit/l"
          api = "0.12"
        [[processes]]
          type = "other.type"
          command = ["show"]
          direct = true
          buildpack-id = "kit/l"
          working-dir = "/tmp"
        [[processes]]
          type = "web"
          command = ["show"]
          direct = true
          buildpack-id = "kit/l"
        """

    static func tree() throws -> LaunchTree {
        let tree = try LaunchTree(metadata: metadata)
        for layer in ["x", "y"] {
            for folder in ["bin", "lib", "include", "env", "env.launch/web", "env.build"] {
                try FileManager.default.createDirectory(
                    atPath: "\(tree.layers)/kit_l/\(layer)/\(folder)", withIntermediateDirectories: true)
            }
        }
        for (path, text) in [
            "x/env.launch/OVERRIDDEN": "1", "x/env.launch/KEPT.default": "1", "x/env.launch/APPENDED.append": "1",
            "x/env.launch/APPENDED.delim": "**", "x/env/PROC": "g", "x/env.launch/web/PROC": "w", "x/env.launch/web/LATER": "w",
            "y/env/LATER": "g2", "x/env.build/BUILD_ONLY": "1", "x/env/BY_EXEC": "e",
            "x/exec.d/10-first": """
            #!/bin/sh
            echo "BY_EXEC = \\"exec $BY_EXEC\\"" >&3
            echo "CWD = \\"$(pwd)\\"" >&3
            echo "x/10-first"

            """,
            "x/exec.d/web/only-web": "#!/bin/sh\nprintf 'WEBBED = \"\"\"%s\"\"\"\\n' \"$BY_EXEC!\" >&3\n",
            "y/exec.d/last": "#!/bin/sh\necho \"SEEN = '$BY_EXEC/$WEBBED'\" >&3\n",
            "y/bin/show": """
            #!/bin/sh
            for v in OVERRIDDEN KEPT APPENDED PROC LATER BUILD_ONLY BY_EXEC CWD WEBBED SEEN PATH LD_LIBRARY_PATH CPATH \
            CNB_APP_DIR CNB_LAYERS_DIR CNB_PLATFORM_API CNB_EXEC_ENV; do
              eval "printf '%s=[%s] ' $v \\"\\${$v-unset}\\""
            done
            echo "in $(pwd) with $# arguments"

            """,
        ] { try tree.write("layers/kit_l/\(path)", text) }
        return tree
    }

    static let unset = "CPATH=[unset] CNB_APP_DIR=[unset] CNB_LAYERS_DIR=[unset] CNB_PLATFORM_API=[unset] CNB_EXEC_ENV=[unset]"

    // E-11 to E-15, E-20, E-21, E-30
    @Test func web() throws {
        let tree = try Self.tree()
        let outcome = try tree.run("/cnb/process/web", environment: ["OVERRIDDEN": "c", "KEPT": "c", "APPENDED": "c"])
        let layers = "\(tree.layers)/kit_l"
        #expect(
            outcome.output == """
                x/10-first
                OVERRIDDEN=[1] KEPT=[c] APPENDED=[c**1] PROC=[w] LATER=[g2] BUILD_ONLY=[unset] BY_EXEC=[exec e] CWD=[\(tree.app)] \
                WEBBED=[exec e!] SEEN=[exec e/exec e!] PATH=[\(layers)/y/bin:\(layers)/x/bin:/usr/bin:/bin] \
                LD_LIBRARY_PATH=[\(layers)/y/lib:\(layers)/x/lib] \(Self.unset) in \(tree.app) with 0 arguments

                """)
        #expect(outcome.errors.isEmpty)
    }

    @Test(
        arguments: [("/cnb/process/other.type", [], "/tmp", 0), ("launcher", ["--", "show", "x"], nil, 1)]
            as [(String, [String], String?, Int)])
    func otherTypesAndCommands(_ called: String, _ arguments: [String], _ directory: String?, _ count: Int) throws {
        let tree = try Self.tree()
        let outcome = try tree.run(called, arguments, environment: ["PATH": "/cnb/lifecycle:/bin:/cnb/process:/usr/bin"])
        let layers = "\(tree.layers)/kit_l"
        #expect(
            outcome.output == """
                x/10-first
                OVERRIDDEN=[1] KEPT=[1] APPENDED=[1] PROC=[g] LATER=[g2] BUILD_ONLY=[unset] BY_EXEC=[exec e] CWD=[\(tree.app)] \
                WEBBED=[unset] SEEN=[exec e/] PATH=[\(layers)/y/bin:\(layers)/x/bin:/bin:/usr/bin] \
                LD_LIBRARY_PATH=[\(layers)/y/lib:\(layers)/x/lib] \(Self.unset) in \(directory ?? tree.app) with \(count) arguments

                """)
    }

    // E-21, E-23: a megabyte does not block, other descriptors are closed, standard input is empty.
    @Test func execDSurroundings() throws {
        let tree = try Self.tree()
        try tree.write(
            "layers/kit_l/x/exec.d/20-big",
            """
            #!/bin/sh
            printf '# ' >&3; head -c 1000000 /dev/zero | tr '\\0' x >&3; echo >&3
            test -e /proc/$$/fd/9 && echo 'LEAK = "yes"' >&3
            echo "AROUND = '$# $(cat)'" >&3

            """)
        let outcome = try tree.run("launcher", ["--", "/bin/sh", "-c", "echo \"$AROUND,$LEAK\"; test -e /proc/$$/fd/9 && echo kept"])
        #expect(outcome.output == "x/10-first\n0 ,\nkept\n", "\(outcome.errors)")
    }

    // E-22
    @Test(arguments: [
        "#!/bin/sh\nexit 3\n", "#!/bin/sh\nkill -9 $$\n", "#!/bin/sh\necho x >&3\n", "#!/bin/sh\necho 'A = 1' >&3\n", "not executable",
    ])
    func execDFailures(_ script: String) throws {
        let tree = try Self.tree()
        try tree.write("layers/kit_l/y/exec.d/last", script)
        if !script.hasPrefix("#!") { chmod("\(tree.layers)/kit_l/y/exec.d/last", 0o644) }
        let outcome = try tree.run("/cnb/process/web")
        #expect(outcome.status == 82)
        #expect(outcome.output == "x/10-first\n")
        #expect(outcome.errors.hasPrefix("ERROR: failed to launch: exec.d: "))
        #expect(outcome.errors.contains("/kit_l/y/exec.d/last'"))
    }

    // C-24
    @Test func linksInEnvironmentDirectories() throws {
        let tree = try Self.tree()
        try tree.write("app/value", "linked")
        try tree.link("layers/kit_l/x/env/LINKED", to: "\(tree.app)/value")
        try tree.link("layers/kit_l/x/env/FOLDER", to: tree.app)
        try tree.link("layers/kit_l/linked-layer", to: "x")
        let outcome = try tree.run("launcher", ["--", "/bin/sh", "-c", "echo ${LINKED-unset} ${FOLDER-unset} $PATH"])
        #expect(outcome.output == "x/10-first\nlinked unset \(tree.layers)/kit_l/y/bin:\(tree.layers)/kit_l/x/bin:/usr/bin:/bin\n")
        try tree.link("layers/kit_l/x/env/DANGLING", to: "nowhere")
        #expect(try tree.run("launcher", ["--", "/bin/true"]).status == 82)
    }

    // Measured: a file in place of an environment directory.
    @Test func fileInPlaceOfADirectory() throws {
        let tree = try Self.tree()
        try tree.write("layers/kit_l/z/env", "")
        let outcome = try tree.run("launcher", ["--", "/bin/true"])
        #expect(outcome.status == 82)
        #expect(outcome.errors == "ERROR: failed to launch: cannot list '\(tree.layers)/kit_l/z/env': Not a directory\n")
    }
}
