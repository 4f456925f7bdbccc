import Glibc

/// A program to run: nothing of the test's own surroundings reaches it but what is said here.
package struct Program: Sendable {
    package var arguments: [String]
    /// Complete: `NAME=value`.
    package var environment: [String]
    package var directory: String
    /// How long it may take before it is killed.
    package var limit: Duration = .seconds(120)

    package init(_ arguments: [String], environment: [String] = Program.plainEnvironment, directory: String = "/") {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }

    package static let plainEnvironment = [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent", "LC_ALL=C",
    ]

    /// Runs it to its end. Programs wait for each other, so that a limit in seconds means the same on a small machine.
    package func run() async throws -> ProgramResult {
        try await Self.turn.take { try await start().wait(limit: limit) }
    }

    /// Starts it and returns at once.
    package func start() throws -> RunningProgram { try RunningProgram(self) }

    private static let turn = Turn(max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}

/// How a program ended and what it said.
package struct ProgramResult: Sendable, CustomStringConvertible {
    /// The exit status; 128 and the signal's number for one that a signal ended.
    package var status: Int32
    /// Whether it was killed because its time was over.
    package var timedOut: Bool
    package var out: String
    package var error: String
    /// The most that the program or one of the processes below it held in memory, in bytes; 0 when it was too quick to be seen.
    package var peakMemory: Int
    /// From its start until its end was seen, without the time that it waited for its turn.
    package var duration: Duration

    package var succeeded: Bool { status == 0 && !timedOut }
    package var outLines: [String] { Self.lines(out) }
    package var errorLines: [String] { Self.lines(error) }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") || text.isEmpty ? 1 : 0).map(
            String.init)
    }

    package var description: String { "status \(status)\(timedOut ? ", killed when its time was over" : "")\n\(out)\(error)" }
}

/// Lets a bounded number of tasks go on at once.
private actor Turn {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    nonisolated func take<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        await begin()
        do {
            let value = try await body()
            await end()
            return value
        } catch {
            await end()
            throw error
        }
    }

    private func begin() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
