import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import Testing

@Suite("Detect phase (B.6, B.7)")
struct DetectPhaseTests {
    static func order(_ groups: [[String]]) throws -> Order {
        Order(
            groups: try groups.map { group in
                OrderGroup(
                    try group.map { text in
                        let reference = try BuildpackReference(text.replacing("?", with: ""))
                        return OrderElement(id: reference.id, version: reference.version, optional: text.hasSuffix("?"))
                    })
            })
    }

    static func phase(
        _ root: TestRoot, _ host: ScriptedHost, _ groups: [[String]], alwaysPassing: Set<BuildpackReference> = [], _ events: EventRecorder
    ) throws -> DetectPhase {
        DetectPhase(
            host: host, catalog: root.catalog, order: try order(groups), inputs: root.inputs(), alwaysPassing: alwaysPassing,
            events: events.events)
    }

    static let pass: ScriptedHost.Script = { _ in .exited(0) }
    static let fail: ScriptedHost.Script = { _ in .exited(100) }

    @Test("B-41, B-45: each bin/detect runs once however many groups have it, and the first group that passes wins")
    func runsOnce() async throws {
        let root = try TestRoot(), events = EventRecorder()
        for name in ["kit/a@1", "kit/b@1", "kit/c@1", "kit/d@1"] { try root.addBuildpack(name) }
        let host = try ScriptedHost(
            root,
            ["kit/a@1 detect": Self.pass, "kit/b@1 detect": Self.fail, "kit/c@1 detect": Self.fail, "kit/d@1 detect": Self.pass])
        let groups = [["kit/a@1", "kit/b@1"], ["kit/a@1", "kit/b@1?", "kit/c@1?"], ["kit/d@1"]]
        let detected = try await Self.phase(root, host, groups, events).run()
        #expect(detected.group.buildpacks.map(\.description) == ["kit/a@1"])
        #expect(host.ran.sorted() == ["kit_a bin/detect", "kit_b bin/detect", "kit_c bin/detect"])
        #expect(host.rooms == (now: 0, total: 3))
        #expect(events.notes == ["1 of 3 buildpacks participating", "kit/a 1"])
        #expect(root.names("/tmp").isEmpty, "B-39: the plan files are gone")
    }

    @Test("B-38 to B-40: arguments, folder, environment and an empty plan")
    func execution() async throws {
        let root = try TestRoot()
        try root.addBuildpack("kit/a@1")
        try root.write("/platform/env/USER_SAYS", "yes")
        try root.write("/cnb/build-config/env/OPERATOR_SAYS", "no")
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 detect": { run in
                    #expect(run.root.text(run.planPath) == "")
                    try run.write(run.planPath, "[[provides]]\nname = \"x\"\n[[requires]]\nname = \"x\"\n[requires.metadata]\nv = 1\n")
                    return .exited(0)
                }
            ])
        let detected = try await Self.phase(root, host, [["kit/a@1"]], EventRecorder()).run()
        #expect(detected.plan.entries.map(\.requires[0].name) == ["x"])
        let execution = try #require(host.executions.first)
        let plan = execution.arguments[2]
        #expect(execution.arguments == ["/cnb/buildpacks/kit_a/1/bin/detect", "/platform", plan])
        #expect(plan.hasPrefix("/tmp/plan.") && plan.hasSuffix("/plan.toml"))
        #expect(execution.workingDirectory == "/workspace")
        #expect(
            execution.environment.sorted() == [
                "CNB_BUILDPACK_DIR=/cnb/buildpacks/kit_a/1", "CNB_BUILD_PLAN_PATH=\(plan)", "CNB_EXEC_ENV=production",
                "CNB_PLATFORM_DIR=/platform",
                "CNB_TARGET_ARCH=amd64", "CNB_TARGET_DISTRO_NAME=debian", "CNB_TARGET_DISTRO_VERSION=12", "CNB_TARGET_OS=linux",
                "HOME=/home/cnb",
                "OPERATOR_SAYS=no", "PATH=/usr/bin", "USER_SAYS=yes",
            ])
    }

    @Test("A-22: a module that is known to pass is not run")
    func alwaysPassing() async throws {
        let root = try TestRoot()
        try root.addBuildpack("kit/inline@1")
        let host = try ScriptedHost(root)
        let reference = try BuildpackReference("kit/inline@1")
        let detected = try await Self.phase(root, host, [["kit/inline@1"]], alwaysPassing: [reference], EventRecorder()).run()
        #expect(detected.group.buildpacks.map(\.reference) == [reference])
        #expect(host.executions.isEmpty && host.rooms.total == 0)
    }

    @Test("B-46: when a group passes, only what errored elements print is for everyone")
    func outputOfSuccess() async throws {
        let root = try TestRoot(), events = EventRecorder()
        for name in ["kit/a@1", "kit/b@1", "kit/c@1"] { try root.addBuildpack(name) }
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 detect": { run in
                    run.output("from a")
                    return .exited(0)
                },
                "kit/b@1 detect": { run in
                    run.output("from b")
                    return .exited(100)
                },
                "kit/c@1 detect": { run in
                    run.output("from c")
                    run.output("")
                    run.output("more")
                    return .exited(7)
                },
            ])
        _ = try await Self.phase(root, host, [["kit/a@1", "kit/b@1?", "kit/c@1?"]], events).run()
        #expect(events.outputs == ["kit/c: from c", "kit/c: more"])
        #expect(events.notes == ["err:  kit/c@1 (7)", "1 of 3 buildpacks participating", "kit/a 1"])
        #expect(events.details == ["from a", "pass: kit/a@1", "from b", "skip: kit/b@1"])
    }

    @Test("B-46: when no group passes, everything is shown, each output once")
    func outputOfFailure() async throws {
        let root = try TestRoot(), events = EventRecorder()
        for name in ["kit/a@1", "kit/b@1"] { try root.addBuildpack(name) }
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 detect": { run in
                    run.output("from a")
                    return .exited(0)
                },
                "kit/b@1 detect": Self.fail,
            ])
        let fault = try await #require(throws: Fault.self) {
            try await Self.phase(root, host, [["kit/a@1", "kit/b@1"], ["kit/b@1", "kit/a@1"]], events).run()
        }
        #expect(fault.exitCode == 20)
        #expect(events.outputs == ["kit/a: from a"])
        #expect(
            events.notes == [
                "pass: kit/a@1", "fail: kit/b@1", "fail: kit/b@1", "pass: kit/a@1", "No buildpack groups passed detection.",
                "Please check that you are running against the correct path.",
            ])
    }

    struct Ending: Sendable, CustomTestStringConvertible {
        var title: String
        var script: ScriptedHost.Script
        var status: Int32
        var message: String
        var testDescription: String { title }
    }

    static let endings: [Ending] = [
        Ending(title: "100", script: fail, status: 20, message: "did not detect anything"),
        Ending(title: "another status", script: { _ in .exited(3) }, status: 21, message: "ended with status 3"),
        Ending(title: "a signal", script: { _ in .signalled(9) }, status: 21, message: "killed by signal 9"),
        Ending(title: "not started", script: { _ in .notStarted("exec format error") }, status: 21, message: "exec format error"),
        Ending(
            title: "a broken plan",
            script: { run in
                try run.write(run.planPath, "provides = [")
                return .exited(0)
            }, status: 21, message: "line 1"),
        Ending(
            title: "a FIFO as the plan",
            script: { run in
                try run.root.root.removeTree(run.planPath)
                try run.root.makeFIFO(run.planPath)
                return .exited(0)
            }, status: 21, message: "not a regular file"),
        Ending(
            title: "a link to a host file as the plan",
            script: { run in
                try run.root.root.removeTree(run.planPath)
                try run.root.link(run.planPath, to: "/etc/passwd")
                return .exited(0)
            }, status: 21, message: "does not exist"),
        Ending(
            title: "no plan any more",
            script: { run in
                try run.root.root.removeTree(run.planPath)
                return .exited(0)
            }, status: 21, message: "does not exist"),
    ]

    @Test("B-42, B-45: what an ending means", arguments: endings)
    func ending(_ ending: Ending) async throws {
        let root = try TestRoot()
        try root.addBuildpack("kit/a@1")
        let host = try ScriptedHost(root, ["kit/a@1 detect": ending.script])
        let fault = try await #require(throws: Fault.self) { try await Self.phase(root, host, [["kit/a@1"]], EventRecorder()).run() }
        #expect(fault.exitCode == ending.status)
        #expect(fault.message.contains(ending.message), "\(fault.message)")
        #expect(host.rooms.now == 0)
    }

    @Test("B-37: a buildpack that the builder lacks ends detection with 22 and tells what to do")
    func missingBuildpack() async throws {
        let root = try TestRoot()
        let host = try ScriptedHost(root)
        let fault = try await #require(throws: Fault.self) { try await Self.phase(root, host, [["kit/gone@2"]], EventRecorder()).run() }
        #expect(fault.exitCode == 22)
        #expect(
            fault.message
                == "the buildpack 'kit/gone@2' is in the order, but the builder has no '/cnb/buildpacks/kit_gone/2/buildpack.toml'")
        #expect(fault.hint == "add it to the builder, or take it out of the order")
    }

    @Test("V-6: an unsupported Buildpack API stops everything before anything runs", arguments: ["0.1", "0.99", "two"])
    func unsupportedAPI(_ api: String) async throws {
        let root = try TestRoot()
        try root.addBuildpack("kit/a@1")
        try root.write("/cnb/buildpacks/kit_b/1/buildpack.toml", "api = \"\(api)\"\n[buildpack]\nid = \"kit/b\"\nversion = \"1\"\n")
        let host = try ScriptedHost(root, ["kit/a@1 detect": Self.pass])
        let fault = try await #require(throws: Fault.self) {
            try await Self.phase(root, host, [["kit/a@1"], ["kit/b@1"]], EventRecorder()).run()
        }
        #expect(fault.exitCode == 12)
        #expect(host.executions.isEmpty)
    }

    @Test("B-45: what cannot be done without a status of its own ends with 22")
    func hostileEnvironment() async throws {
        let root = try TestRoot()
        try root.addBuildpack("kit/a@1")
        try root.link("/platform/env/X", to: "nowhere")
        let host = try ScriptedHost(root, ["kit/a@1 detect": Self.pass])
        let fault = try await #require(throws: Fault.self) { try await Self.phase(root, host, [["kit/a@1"]], EventRecorder()).run() }
        #expect(fault.exitCode == 22)
        #expect(fault.message.contains("/platform/env/X"))
    }

    @Test("A cancelled detection is a cancellation, and leaves no room open")
    func cancellation() async throws {
        let root = try TestRoot()
        try root.addBuildpack("kit/a@1")
        let host = try ScriptedHost(root, ["kit/a@1 detect": { _ in throw CancellationError() }])
        await #expect(throws: CancellationError.self) { try await Self.phase(root, host, [["kit/a@1"]], EventRecorder()).run() }
        #expect(host.rooms.now == 0)
    }

    @Test("What a bin/detect prints is kept up to a limit; the last lines win, in time proportional to their number")
    func verboseDetect() async throws {
        let root = try TestRoot(), events = EventRecorder()
        try root.addBuildpack("kit/a@1")
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 detect": { run in
                    for index in 0..<300_000 { run.output("line \(index)") }
                    return .exited(100)
                }
            ])
        await #expect(throws: Fault.self) { try await Self.phase(root, host, [["kit/a@1"]], events).run() }
        let outputs = events.outputs
        #expect(outputs.last == "kit/a: line 299999")
        #expect((50_000..<100_000).contains(outputs.count))
    }
}
