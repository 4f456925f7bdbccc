import CNBLifecycle
import CNBSpec
import Diagnostics
import TOML
import Testing

@Suite("Build phase (C)")
struct BuildPhaseTests {
    static func phase(
        _ root: TestRoot, _ host: ScriptedHost, _ group: [GroupElement], plan: BuildPlan = BuildPlan(),
        _ events: EventRecorder = EventRecorder(),
        environment: [String] = ["PATH=/usr/bin", "HOME=/home/cnb", "SECRET=1"]
    ) -> BuildPhase {
        BuildPhase(
            room: host.room, catalog: root.catalog, group: Group(buildpacks: group), plan: plan,
            inputs: root.inputs(environment: environment), events: events.events)
    }

    static let quiet: ScriptedHost.Script = { _ in .exited(0) }

    @Test("C-3, C-4, C-20, C-30: arguments, folder, environment; old SBOMs are gone")
    func execution() async throws {
        let root = try TestRoot(), events = EventRecorder()
        let element = try root.addBuildpack("kit/a@1")
        try root.write("/layers/sbom/launch/kit_a/sbom.cdx.json", "old")
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    #expect(!run.root.exists("/layers/sbom"))
                    #expect(run.root.exists(run.layers))
                    #expect(run.root.text(run.planPath) == "")
                    run.output("hello")
                    return .exited(0)
                }
            ])
        let metadata = try await Self.phase(root, host, [element], events).run()
        #expect(metadata.buildpacks == [element])
        let execution = try #require(host.executions.first)
        let plan = execution.arguments[3]
        #expect(execution.arguments == ["/cnb/buildpacks/kit_a/1/bin/build", "/layers/kit_a", "/platform", plan])
        #expect(execution.workingDirectory == "/workspace")
        #expect(
            execution.environment.sorted() == [
                "CNB_BP_PLAN_PATH=\(plan)", "CNB_BUILDPACK_DIR=/cnb/buildpacks/kit_a/1", "CNB_EXEC_ENV=production",
                "CNB_LAYERS_DIR=/layers/kit_a",
                "CNB_PLATFORM_DIR=/platform", "CNB_TARGET_ARCH=amd64", "CNB_TARGET_DISTRO_NAME=debian", "CNB_TARGET_DISTRO_VERSION=12",
                "CNB_TARGET_OS=linux", "HOME=/home/cnb", "PATH=/usr/bin",
            ])
        #expect(events.outputs == ["kit/a: hello"])
        #expect(root.names("/tmp").isEmpty)
        // C-6, C-74
        #expect(root.text("/layers/config/metadata.toml")?.contains("id = \"kit/a\"") == true)
        #expect(root.text("/layers/sbom/launch/sbom.legacy.json") == "null\n")
        #expect(root.text("/layers/sbom/build/sbom.legacy.json") == "null\n")
    }

    @Test("C-21 to C-25: a later buildpack sees the build layers of the ones before, never its own")
    func layerEnvironment() async throws {
        let root = try TestRoot()
        let group = [try root.addBuildpack("kit/a@1"), try root.addBuildpack("kit/b@1"), try root.addBuildpack("kit/c@1")]
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    #expect(run.variable("FOO") == nil)
                    try run.layer(
                        "z", "build",
                        files: [
                            "bin/x": "", "lib/x": "", "include/x": "", "pkgconfig/x": "", "env/FOO": "plain", "env.build/LIST.append": "1",
                        ])
                    try run.layer(
                        "a", "build", files: ["bin/x": "", "env.build/LIST.append": "2", "env.build/LIST.delim": ",", "env/sub/NOT": "1"])
                    try run.layer("l", "launch", files: ["bin/x": "", "env/NOT": "1"])
                    try run.layer("launch-env", "build", files: ["env.launch/NOT": "1"])
                    return .exited(0)
                },
                "kit/b@1 build": { run in
                    try run.layer("b", "build", files: ["bin/x": "", "env/FOO.prepend": "b-"])
                    return .exited(0)
                },
                "kit/c@1 build": Self.quiet,
            ])
        _ = try await Self.phase(root, host, group).run()
        let seen = host.executions.map { execution in
            execution.environment.filter { entry in
                ["PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "PKG_CONFIG_PATH", "FOO", "LIST", "NOT", "SECRET"].contains {
                    entry.hasPrefix($0 + "=")
                }
            }.sorted()
        }
        #expect(seen[0] == ["PATH=/usr/bin"])
        #expect(
            seen[1] == [
                "CPATH=/layers/kit_a/z/include", "FOO=plain", "LD_LIBRARY_PATH=/layers/kit_a/z/lib", "LIBRARY_PATH=/layers/kit_a/z/lib",
                "LIST=21",
                "PATH=/layers/kit_a/z/bin:/layers/kit_a/a/bin:/usr/bin", "PKG_CONFIG_PATH=/layers/kit_a/z/pkgconfig",
            ])
        #expect(seen[2].contains("PATH=/layers/kit_b/b/bin:/layers/kit_a/z/bin:/layers/kit_a/a/bin:/usr/bin"))
        #expect(seen[2].contains("FOO=b-plain"))
    }

    @Test("C-26 to C-29: the user's and the operator's files, each run anew; clear-env leaves out the user's")
    func userEnvironment() async throws {
        let root = try TestRoot()
        try root.write("/platform/env/PATH", "/user/bin")
        try root.write("/platform/env/FOO.override", "user\n")
        try root.write("/cnb/build-config/env/FOO", "operator")
        try root.write("/cnb/build-config/env/BAR.override", "operator")
        let group = [try root.addBuildpack("kit/a@1"), try root.addBuildpack("kit/b@1", "clear-env = true")]
        let host = try ScriptedHost(root, ["kit/a@1 build": Self.quiet, "kit/b@1 build": Self.quiet])
        _ = try await Self.phase(root, host, group).run()
        let variables = host.executions.map { Set($0.environment) }
        #expect(variables[0].isSuperset(of: ["PATH=/user/bin:/usr/bin", "FOO.override=user\n", "FOO=operator", "BAR=operator"]))
        #expect(variables[1].isSuperset(of: ["PATH=/usr/bin", "FOO=operator", "BAR=operator"]))
        #expect(!variables[1].contains("FOO.override=user\n"))
    }

    @Test("C-7 to C-9: the plan goes on to the next provider until it is met")
    func plan() async throws {
        let root = try TestRoot()
        let group = [try root.addBuildpack("kit/a@1"), try root.addBuildpack("kit/b@1"), try root.addBuildpack("kit/c@1")]
        let providers = group.map { Provider($0.reference) }
        let plan = BuildPlan(entries: [
            BuildPlan.Entry(
                providers: Array(providers[0...1]), requires: [Requirement("node", metadata: try TOMLTable.parse("version = \"20\""))]),
            BuildPlan.Entry(providers: [providers[0]], requires: [Requirement("npm")]),
            BuildPlan.Entry(providers: [providers[1], providers[2]], requires: [Requirement("yarn")]),
        ])
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    #expect(
                        run.root.text(run.planPath)
                            == "[[entries]]\n  name = \"node\"\n  [entries.metadata]\n    version = \"20\"\n\n[[entries]]\n  name = \"npm\"\n"
                    )
                    try run.write("\(run.layers)/build.toml", "[[unmet]]\nname = \"node\"\n")
                    return .exited(0)
                },
                "kit/b@1 build": { run in
                    let text = run.root.text(run.planPath) ?? ""
                    #expect(text.contains("node") && text.contains("yarn") && !text.contains("npm"))
                    return .exited(0)
                },
                "kit/c@1 build": { run in
                    #expect(run.root.text(run.planPath) == "")
                    return .exited(0)
                },
            ])
        _ = try await Self.phase(root, host, group, plan: plan).run()
        #expect(host.executions.count == 3)
    }

    @Test("C-42, C-43: layers of no use are renamed, folders without a document left alone")
    func ignoredLayers() async throws {
        let root = try TestRoot()
        let element = try root.addBuildpack("kit/a@1")
        try root.write("/layers/kit_a/none.ignore/old", "of the last build")
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    try run.layer("none", "", files: ["f": ""])
                    try run.layer("absent", "")
                    try run.layer("wish", "launch")
                    try run.layer("kept", "cache", files: ["f": ""])
                    try run.write("\(run.layers)/loose/f", "")
                    return .exited(0)
                }
            ])
        _ = try await Self.phase(root, host, [element]).run()
        #expect(
            root.names("/layers/kit_a") == [
                "absent.toml", "kept", "kept.toml", "loose", "none.ignore", "none.toml", "wish.toml",
            ])
        #expect(root.names("/layers/kit_a/none.ignore") == ["f"])
    }

    @Test("C-53, C-56, C-57: what buildpacks say about launching is merged, with a warning where a default is lost")
    func launch() async throws {
        let root = try TestRoot(), events = EventRecorder()
        let group = [try root.addBuildpack("kit/a@1"), try root.addBuildpack("kit/b@1")]
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    try run.write(
                        "\(run.layers)/launch.toml",
                        "[[processes]]\ntype = \"web\"\ncommand = [\"a\"]\ndefault = true\n[[slices]]\npaths = [\"*.css\"]\n[[labels]]\nkey = \"k\"\nvalue = \"a\"\n"
                    )
                    return .exited(0)
                },
                "kit/b@1 build": { run in
                    try run.write(
                        "\(run.layers)/launch.toml",
                        "[[processes]]\ntype = \"web\"\ncommand = [\"b\"]\n[[processes]]\ntype = \"api\"\ncommand = [\"c\"]\n[[labels]]\nkey = \"k\"\nvalue = \"b\"\n"
                    )
                    return .exited(0)
                },
            ])
        let metadata = try await Self.phase(root, host, group, events).run()
        #expect(metadata.processes.map(\.type) == ["api", "web"])
        #expect(metadata.processes.map(\.buildpackID) == ["kit/b", "kit/b"])
        #expect(metadata.defaultProcessType == nil)
        #expect(metadata.imageLabels == ["k": "b"])
        #expect(metadata.slices == [["*.css"]])
        #expect(events.warnings == ["redefining the following default process type with a process not marked as default: web"])
    }

    @Test("C-70 to C-73: SBOM files go where the exporter and the next build look for them")
    func sboms() async throws {
        let root = try TestRoot()
        let element = try root.addBuildpack(
            "kit/a@1", "sbom-formats = [\"application/vnd.cyclonedx+json;version=1.4\", \"application/spdx+json\"]")
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    try run.layer("l", "launch cache", files: ["f": ""])
                    try run.layer("b", "build", files: ["f": ""])
                    for name in [
                        "launch.sbom.cdx.json", "build.sbom.spdx.json", "l.sbom.cdx.json", "b.sbom.cdx.json", "unknown.sbom.cdx.json",
                    ] {
                        try run.write("\(run.layers)/\(name)", name)
                    }
                    return .exited(0)
                }
            ])
        _ = try await Self.phase(root, host, [element]).run()
        let expected = [
            "launch/kit_a/sbom.cdx.json": "launch.sbom.cdx.json", "build/kit_a/sbom.spdx.json": "build.sbom.spdx.json",
            "launch/kit_a/l/sbom.cdx.json": "l.sbom.cdx.json", "cache/kit_a/l/sbom.cdx.json": "l.sbom.cdx.json",
            "build/kit_a/b/sbom.cdx.json": "b.sbom.cdx.json",
        ]
        for (path, text) in expected { #expect(root.text("/layers/sbom/\(path)") == text, "\(path)") }
        #expect(root.names("/layers/sbom") == ["build", "cache", "launch"])
        #expect(root.names("/layers/sbom/launch/kit_a") == ["l", "sbom.cdx.json"])
    }

    @Test("C-5: a failing script ends the build with 51, says which one and how, and shows its last lines")
    func scriptFails() async throws {
        let root = try TestRoot()
        let group = [try root.addBuildpack("kit/a@1"), try root.addBuildpack("kit/b@1")]
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    for index in 1...12 { run.output("line \(index)") }
                    return .exited(4)
                }
            ])
        let fault = try await #require(throws: BuildpackFailure.self) { try await Self.phase(root, host, group).run() }
        #expect(fault.exitCode == 51 && fault.buildpack.raw == "kit/a")
        let lines = (3...12).map { "\n  line \($0)" }.joined()
        #expect(fault.message == "the build script of buildpack 'kit/a@1' failed: exit status 4; its last lines were" + lines)
        #expect(host.ran == ["kit_a bin/build"])
        #expect(root.names("/tmp").isEmpty)
        #expect(!root.exists("/layers/config"))
    }

    @Test(
        "C-5: whatever way a script fails",
        arguments: [
            (ExecutionEnd.signalled(15), "killed by signal 15"),
            (.notStarted("permission denied"), "could not be started: permission denied"),
        ])
    func ending(_ end: ExecutionEnd, _ text: String) async throws {
        let root = try TestRoot()
        let element = try root.addBuildpack("kit/a@1")
        let host = try ScriptedHost(root, ["kit/a@1 build": { _ in end }])
        let fault = try await #require(throws: BuildpackFailure.self) { try await Self.phase(root, host, [element]).run() }
        #expect(fault.exitCode == 51)
        #expect(fault.message == "the build script of buildpack 'kit/a@1' failed: \(text)")
    }

    @Test("A cancelled script is a cancellation, and its plan file is gone")
    func cancellation() async throws {
        let root = try TestRoot()
        let element = try root.addBuildpack("kit/a@1")
        let host = try ScriptedHost(root, ["kit/a@1 build": { _ in throw CancellationError() }])
        await #expect(throws: CancellationError.self) { try await Self.phase(root, host, [element]).run() }
        #expect(root.names("/tmp").isEmpty)
    }

    struct Invalid: Sendable, CustomTestStringConvertible {
        var title: String
        var file: String
        var text: String
        var message: String
        var line: Int?
        var testDescription: String { title }
    }

    static let invalid: [Invalid] = [
        Invalid(title: "C-40", file: "l.toml", text: "launch = true\n", message: "[types]", line: 1),
        Invalid(title: "C-41: in launch.toml too", file: "launch.toml", text: "\ncache = true\n", message: "[types]", line: 2),
        Invalid(title: "C-41: in store.toml too", file: "store.toml", text: "build = true\n", message: "[types]", line: 1),
        Invalid(title: "no TOML", file: "l.toml", text: "[types\n", message: "l.toml", line: 1),
        Invalid(title: "C-50", file: "launch.toml", text: "[[processes]]\ntype = \"web\"\ncommand = \"x\"\n", message: "command", line: 3),
        Invalid(
            title: "C-51", file: "launch.toml", text: "[[processes]]\ntype = \"web\"\ncommand = [\"x\"]\ndirect = true\n",
            message: "process.direct is not supported", line: 4),
        Invalid(
            title: "C-52", file: "launch.toml",
            text: "[[processes]]\ntype = \"a\"\ndefault = true\n[[processes]]\ntype = \"b\"\ndefault = true\n",
            message: "multiple default process types aren't allowed", line: 6),
        Invalid(
            title: "C-58", file: "launch.toml", text: "[[bom]]\nname = \"x\"\nversion = \"1\"\n", message: "top level version", line: 3),
        Invalid(
            title: "C-9", file: "build.toml", text: "[[unmet]]\nname = \"other\"\n",
            message: "unmet.name 'other' must match a requested dependency",
            line: 2),
        Invalid(title: "C-9: no name", file: "build.toml", text: "[[unmet]]\n", message: "unmet.name is required", line: 1),
        Invalid(title: "C-71", file: "l.sbom.xml.json", text: "", message: "unsupported SBOM file format", line: nil),
        Invalid(title: "C-72", file: "launch.sbom.cdx.json", text: "{}", message: "undeclared SBOM media type", line: nil),
        Invalid(title: "no name", file: ".toml", text: "", message: "names no layer", line: nil),
        Invalid(title: "a name with a newline", file: "a\nb.toml", text: "", message: "names no layer", line: nil),
    ]

    @Test("C-5: invalid output ends the build with 52 and names the buildpack and the place", arguments: invalid)
    func invalidOutput(_ invalid: Invalid) async throws {
        let root = try TestRoot()
        let element = try root.addBuildpack("kit/a@1")
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    try run.write("\(run.layers)/\(invalid.file)", invalid.text)
                    return .exited(0)
                }
            ])
        let fault = try await #require(throws: Fault.self) { try await Self.phase(root, host, [element]).run() }
        #expect(fault.exitCode == 52)
        #expect(fault.message.contains("buildpack 'kit/a@1'") && fault.message.contains(invalid.message), "\(fault.message)")
        #expect(fault.location?.line == invalid.line)
        #expect(fault.location.map(\.file) == invalid.line.map { _ in "/layers/kit_a/\(invalid.file)" })
    }
}
