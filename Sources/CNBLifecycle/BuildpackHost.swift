package import Archive

/// Where the executables of buildpacks run.
///
/// The phases do not know whether that is a sandbox (`tote`) or right here (the drop-in binaries): they ask a host for rooms.
package protocol BuildpackHost: Sendable {
    /// A room for one `bin/detect`. Whatever the executable leaves in it is thrown away when `body` returns.
    func withDetectRoom<Result: Sendable>(_ body: @Sendable (any BuildpackRoom) async throws -> Result) async throws -> Result

    /// The room that all `bin/build` of one build share, one after the other.
    var buildRoom: any BuildpackRoom { get }
}

/// A root file system and the ability to run an executable in it as the build user.
package protocol BuildpackRoom: Sendable {
    /// The root as the executable sees it. Everything below may be hostile: it is only read through this.
    var root: ConfinedDirectory { get }

    /// Who must own the files that are written for buildpacks; nil where ids cannot be set (one mapped id).
    var owner: Ownership? { get }

    /// Runs one executable and returns when it and everything that it started is dead.
    func run(_ execution: BuildpackExecution, output: @escaping @Sendable (String) -> Void) async throws -> ExecutionEnd
}

extension BuildpackRoom {
    /// Writes a file and the folders that it is in, as the build user's own.
    func place(_ bytes: [UInt8], at path: String) throws {
        let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
        try root.makeDirectories(String(folder), mode: 0o755, owner: owner)
        try root.write(path, bytes, mode: 0o644, owner: owner)
    }
}

/// One run of a buildpack's executable: as the build user, with standard input from nowhere.
package struct BuildpackExecution: Sendable {
    /// The executable's path inside the room, and its arguments.
    package var arguments: [String]
    /// `NAME=value`, complete: nothing else reaches the executable.
    package var environment: [String]
    package var workingDirectory: String
}

/// How an executable ended.
package enum ExecutionEnd: Equatable, Sendable {
    case exited(Int32)
    case signalled(Int32)
    /// It could not be started at all: missing, not executable, no interpreter.
    case notStarted(String)

    package var succeeded: Bool { self == .exited(0) }
}

extension ExecutionEnd: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signalled(let signal): "killed by signal \(signal)"
        case .notStarted(let reason): "could not be started: \(reason)"
        }
    }
}
