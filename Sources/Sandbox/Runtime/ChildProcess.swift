import CLinux
import Diagnostics
import Dispatch
import Glibc
import Synchronization

/// A program that was started: its output, its end, and ways to influence it.
///
/// One thread waits for everything at once: both streams, the end of the process, and what is asked for from outside. So lines keep their order as
/// far as two pipes can tell it, and all output is delivered before the end.
final class ChildProcess: Sendable {
    private let process: pid_t
    private let descriptor: Int32
    private let output: SandboxOutput
    private let standardOutput: Pipe?
    private let standardError: Pipe?
    /// Bytes: the number of a signal to send, or 0 to kill the whole tree.
    private let requests: Pipe
    private let outcome = Mutex<Outcome>(.running(nil))

    private enum Outcome {
        case running(CheckedContinuation<SandboxExit, Never>?)
        case ended(SandboxExit)
    }

    init(arguments: [String], newSession: Bool = true, nullInput: Bool = true, output: SandboxOutput) throws {
        self.output = output
        requests = try Pipe(nonBlocking: true)
        let isPiped = if case .inherit = output { false } else { true }
        standardOutput = isPiped ? try Pipe() : nil
        let isMerged = if case .merged = output { true } else { false }
        standardError = isPiped && !isMerged ? try Pipe() : nil
        let targets = [(standardOutput, STDOUT_FILENO), (isMerged ? standardOutput : standardError, STDERR_FILENO)]
        let redirections = targets.compactMap { pipe, number in pipe.map { (from: $0.writing, to: number) } }
        process = try Spawn.start(arguments, newSession: newSession, nullInput: nullInput, redirections: redirections)
        descriptor = clinux_pidfd_open(process)
        for pipe in [standardOutput, standardError].compactMap(\.self) {
            pipe.closeWriting()
            _ = fcntl(pipe.reading, F_SETFL, O_NONBLOCK)
        }
        guard descriptor >= 0 else {
            let fault = Fault(system: "watching the process of '\(arguments[0])'")
            _ = ProcessTree.kill(process)
            Self.reap(process)
            throw fault
        }
        DispatchQueue(label: "process \(process)").async { self.watch() }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        requests.closeReading()
        requests.closeWriting()
        standardOutput?.closeReading()
        standardError?.closeReading()
    }

    /// Sends a signal to the program. After its end that does nothing.
    func send(_ signal: Int32) { request(UInt8(truncatingIfNeeded: signal)) }

    /// Kills the program and all below it.
    func killTree() { request(0) }

    private func request(_ byte: UInt8) {
        var byte = byte
        _ = write(requests.writing, &byte, 1)
    }

    /// Waits for the end; for one caller.
    func end() async -> SandboxExit {
        await withCheckedContinuation { continuation in
            let ended: SandboxExit? = outcome.withLock { outcome in
                if case .ended(let exit) = outcome { return exit }
                outcome = .running(continuation)
                return nil
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }

    private func watch() {
        var streams = OutputStreams(output)
        var obedience = Obedience()
        var entries = [descriptor, requests.reading, standardOutput?.reading ?? -1, standardError?.reading ?? -1].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while entries[0].revents == 0 {
            guard poll(&entries, nfds_t(entries.count), -1) > 0 else { continue }
            if entries[1].revents != 0 { obey(&obedience) }
            for index in 2...3
            where entries[index].revents != 0 && !streams.drain(entries[index].fd, index == 2 ? .standardOutput : .standardError) {
                entries[index].fd = -1
            }
        }
        var status = Self.reap(process)
        for orphan in obedience.orphans { Self.reap(orphan) }
        if let signal = obedience.ending, status == .signalled(SIGKILL) { status = .signalled(signal) }
        for index in 2...3 where entries[index].fd >= 0 {
            _ = streams.drain(entries[index].fd, index == 2 ? .standardOutput : .standardError, fully: true)
        }
        finish(streams.exit(with: status))
    }

    private func finish(_ exit: SandboxExit) {
        let waiting: CheckedContinuation<SandboxExit, Never>? = outcome.withLock { outcome in
            defer { outcome = .ended(exit) }
            if case .running(let continuation) = outcome { return continuation }
            return nil
        }
        waiting?.resume(returning: exit)
    }

    /// What came of the requests so far.
    private struct Obedience {
        /// Killed descendants that are to be reaped here.
        var orphans: [pid_t] = []
        /// The signal that ended the command.
        var ending: Int32?
    }

    /// The process cannot have been reaped before the only place that does it, so its number is still its own.
    private func obey(_ obedience: inout Obedience) {
        var byte: UInt8 = 0
        while read(requests.reading, &byte, 1) == 1 {
            let signal = Int32(byte)
            if signal == 0 {
                obedience.orphans += ProcessTree.kill(process)
            } else if let command = ProcessTree.children(of: process).first, SignalDisposition.ends(command, signal) {
                obedience.ending = signal
                kill(command, SIGKILL)
            } else {
                kill(process, signal)
            }
        }
    }

    @discardableResult
    private static func reap(_ process: pid_t) -> SandboxExit.Status {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        guard signal == 0 else { return .signalled(signal) }
        let code = (status >> 8) & 0xff
        // Runtimes report the death of a command by a signal in this form.
        return (129...159).contains(code) ? .signalled(code - 128) : .exited(code)
    }
}
