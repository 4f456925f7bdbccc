/// Where the output of a command goes.
package enum SandboxOutput: Sendable {
    /// Straight to tote's own.
    case inherit
    /// Line by line, as soon as each is complete, called by one thread in the order of arrival. The command waits while the callback runs.
    case lines(@Sendable (OutputLine) -> Void)
    /// Both streams as one, so that lines come in the order in which they were written; otherwise as `lines`.
    case merged(@Sendable (String) -> Void)
    /// Kept for ``SandboxExit``, at most 16 MiB of each stream; more is read and dropped.
    case capture
}

/// One line that a command wrote.
package struct OutputLine: Equatable, Sendable {
    package enum Stream: Equatable, Sendable {
        case standardOutput, standardError
    }

    package var stream: Stream
    /// Without its line end. What is not UTF-8 shows as U+FFFD. A line of more than 64 KiB comes in pieces.
    package var text: String

    package init(_ stream: Stream, _ text: String) {
        self.stream = stream
        self.text = text
    }
}

/// How a command ended, and what it wrote when that was captured.
package struct SandboxExit: Equatable, Sendable {
    package enum Status: Equatable, Sendable {
        case exited(Int32)
        /// Runtimes report 128 and the number of the signal, as shells do, and so may a program that ends by itself.
        case signalled(Int32)
        /// The command never ran, for this reason: no such program, no interpreter, no such directory.
        case notStarted(String)
    }

    package var status: Status
    package var standardOutput: [UInt8] = []
    package var standardError: [UInt8] = []

    package init(status: Status, standardOutput: [UInt8] = [], standardError: [UInt8] = []) {
        self.status = status
        self.standardOutput = standardOutput
        self.standardError = standardError
    }

    package var succeeded: Bool { status == .exited(0) }

    /// As a shell reports it: 127 for a command that could not be started.
    package var code: Int32 {
        switch status {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        case .notStarted: 127
        }
    }
}
