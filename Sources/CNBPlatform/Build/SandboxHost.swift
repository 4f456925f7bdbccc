import Archive
import CNBLifecycle
import Diagnostics
import Sandbox

/// Gives the phases rooms in a sandbox: the builder's root file system with the build's own folders in it.
struct SandboxHost: BuildpackHost {
    let layout: SandboxLayout
    let runtime: any SandboxRuntime
    private let room: SandboxRoom
    var buildRoom: any BuildpackRoom { room }
    /// The root of that room.
    var buildRoot: SandboxRoot { room.mounted }
    private let detecting: ConcurrencyLimit

    /// Mounts the room of the build phase. The folders must exist.
    init(_ layout: SandboxLayout, runtime: any SandboxRuntime) throws {
        self.layout = layout
        self.runtime = runtime
        room = SandboxRoom(root: try layout.mount(), layout: layout, runtime: runtime)
        // Scripts mostly wait, so more than the cores can be under way; what a group has beyond this waits its turn.
        detecting = ConcurrencyLimit(32)
    }

    /// Unmounts the room of the build phase.
    func close() { room.mounted.close() }

    func withDetectRoom<Result: Sendable>(_ body: @Sendable (any BuildpackRoom) async throws -> Result) async throws -> Result {
        try await detecting.run {
            let room = SandboxRoom(root: try layout.mount(), layout: layout, runtime: runtime)
            defer { room.mounted.close() }
            return try await body(room)
        }
    }
}

/// What is mounted where in every room of one build.
struct SandboxLayout: Sendable {
    struct Bind: Sendable {
        var source: String
        var target: String
        var readOnly: Bool
    }

    /// Unpacked layers of the builder, top first.
    var lowers: [String]
    /// The build's scratch folder.
    var scratch: String
    var mode: NamespaceMode
    /// In order: a later one may lie inside an earlier one.
    var binds: [Bind]
    var user: UInt32
    var group: UInt32
    var network: BuildNetwork
    var certificates: ExtraCertificates?

    func mount() throws -> SandboxRoot {
        let root = try SandboxRoot(lowers: lowers, scratch: scratch, mode: mode)
        for bind in binds { try root.bind(bind.source, at: bind.target, readOnly: bind.readOnly) }
        try certificates?.add(to: root)
        return root
    }
}

/// One mounted root and the runtime that runs executables in it.
struct SandboxRoom: BuildpackRoom {
    let mounted: SandboxRoot
    let layout: SandboxLayout
    let runtime: any SandboxRuntime

    init(root: SandboxRoot, layout: SandboxLayout, runtime: any SandboxRuntime) {
        mounted = root
        self.layout = layout
        self.runtime = runtime
    }

    var root: ConfinedDirectory { mounted.directory }
    var owner: Ownership? { layout.mode.owner(user: layout.user, group: layout.group) }

    func run(_ execution: BuildpackExecution, output: @escaping @Sendable (String) -> Void) async throws -> ExecutionEnd {
        var command = SandboxCommand(
            arguments: execution.arguments, environment: execution.environment + (layout.certificates?.environment ?? []),
            workingDirectory: execution.workingDirectory, user: layout.user, group: layout.group)
        command.network = layout.network == .host ? .host : .none
        command.readOnlyPaths = ["/cnb"]
        let exit = try await runtime.run(command, in: mounted, output: .merged(output))
        return switch exit.status {
        case .exited(let status): .exited(status)
        case .signalled(let signal): .signalled(signal)
        case .notStarted(let reason): .notStarted(reason)
        }
    }
}
