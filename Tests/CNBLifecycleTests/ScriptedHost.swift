import Archive
import CNBLifecycle
import CNBSpec
import Synchronization
import TestSupport

/// What a script sees of its run.
struct ScriptRun: Sendable {
    let root: TestRoot
    let execution: BuildpackExecution
    let output: @Sendable (String) -> Void

    func variable(_ name: String) -> String? {
        execution.environment.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// The last argument: the plan.
    var planPath: String { execution.arguments.last ?? "" }

    /// `bin/build` only: the buildpack's own folder.
    var layers: String { execution.arguments.count > 3 ? execution.arguments[1] : "" }

    func write(_ path: String, _ text: String) throws { try root.write(path, text) }

    /// Makes a layer: its `<layer>.toml`, and files below its folder.
    func layer(_ name: String, _ types: String, metadata: String = "", files: [String: String] = [:]) throws {
        let flags = types.split(separator: " ").map { "\($0) = true\n" }.joined()
        try write("\(layers)/\(name).toml", "[types]\n\(flags)" + (metadata.isEmpty ? "" : "[metadata]\n\(metadata)\n"))
        for (path, text) in files { try write("\(layers)/\(name)/\(path)", text) }
    }
}

/// Runs closures where a host would run executables. All rooms are the one root of the test.
final class ScriptedHost: BuildpackHost {
    typealias Script = @Sendable (ScriptRun) async throws -> ExecutionEnd

    let room: ScriptedRoom
    private let openRooms = Mutex((now: 0, total: 0))

    /// - Parameter scripts: by `<id>@<version> <detect or build>`. A missing one could not be started.
    init(_ root: TestRoot, _ scripts: [String: Script] = [:]) throws {
        var byPath: [String: Script] = [:]
        for (name, script) in scripts {
            let parts = name.split(separator: " ").map(String.init)
            byPath["\(TestRoot.folder(of: try BuildpackReference(parts[0])))/bin/\(parts[1])"] = script
        }
        room = ScriptedRoom(root, byPath)
    }

    var buildRoom: any BuildpackRoom { room }
    var executions: [BuildpackExecution] { room.executions.withLock { $0 } }
    /// How many rooms were given out, and how many are still open.
    var rooms: (now: Int, total: Int) { openRooms.withLock { $0 } }

    /// The executables that ran, such as `kit/a bin/detect`.
    var ran: [String] {
        executions.map { execution in
            let parts = execution.arguments[0].split(separator: "/")
            return "\(parts[2]) \(parts.suffix(2).joined(separator: "/"))"
        }
    }

    func withDetectRoom<Result: Sendable>(_ body: @Sendable (any BuildpackRoom) async throws -> Result) async throws -> Result {
        openRooms.withLock { $0 = ($0.now + 1, $0.total + 1) }
        defer { openRooms.withLock { $0.now -= 1 } }
        return try await body(room)
    }
}

final class ScriptedRoom: BuildpackRoom {
    let root: ConfinedDirectory
    let owner: Ownership?
    let executions = Mutex<[BuildpackExecution]>([])
    private let testRoot: TestRoot
    private let scripts: [String: ScriptedHost.Script]

    /// - Parameter owner: of files written for buildpacks; only root can give files away.
    init(_ root: TestRoot, _ scripts: [String: ScriptedHost.Script] = [:], owner: Ownership? = nil) {
        self.root = root.root
        self.owner = owner
        testRoot = root
        self.scripts = scripts
    }

    func run(_ execution: BuildpackExecution, output: @escaping @Sendable (String) -> Void) async throws -> ExecutionEnd {
        executions.withLock { $0.append(execution) }
        guard let script = scripts[execution.arguments[0]] else { return .notStarted("no such file") }
        return try await script(ScriptRun(root: testRoot, execution: execution, output: output))
    }
}

/// Remembers the events of a phase.
final class EventRecorder: Sendable {
    private let recorded = Mutex<[PhaseEvent]>([])

    var events: PhaseEvents { { event in self.recorded.withLock { $0.append(event) } } }

    var notes: [String] { recorded.withLock { $0.compactMap { if case .note(let line) = $0 { line } else { nil } } } }
    var details: [String] { recorded.withLock { $0.compactMap { if case .detail(let line) = $0 { line } else { nil } } } }
    var warnings: [String] { recorded.withLock { $0.compactMap { if case .warning(let warning) = $0 { warning.message } else { nil } } } }
    var outputs: [String] {
        recorded.withLock { $0.compactMap { if case .output(let buildpack, let line) = $0 { "\(buildpack): \(line)" } else { nil } } }
    }
}
