import Glibc
import Synchronization

/// A started program. It is killed with its last reference, by its process id.
package final class RunningProgram: Sendable {
    package let id: Int32
    private let out: OutputFile
    private let error: OutputFile
    private let started = ContinuousClock.now
    private let end = Mutex<Int32?>(nil)
    private let peak = Mutex(0)

    init(_ program: Program) throws {
        out = try OutputFile()
        error = try OutputFile()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, out.descriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, error.descriptor, 2)
        // The threads of a Swift program block most signals.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t(), all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let name = program.arguments.first ?? ""
        guard let path = Peer.path(of: name) else { throw TestSetupError("'\(name)' is not installed") }
        // A spawn that changes the folder is not in every C library's headers; `env` does it and then becomes the program.
        let words = ["env", "--chdir=" + program.directory, path] + program.arguments.dropFirst()
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = program.environment.map { strdup($0) } + [nil]
        defer { for word in argv + envp { free(word) } }
        var id: pid_t = 0
        let status = posix_spawn(&id, "/usr/bin/env", &actions, &attributes, &argv, &envp)
        guard status == 0 else { throw TestSetupError("'\(path)' does not start: \(String(cString: strerror(status)))") }
        self.id = id
    }

    deinit {
        kill()
        _ = reap(waiting: true)
    }

    /// What it has written so far.
    package var errorSoFar: String { error.text }
    package var outSoFar: String { out.text }
    package var isRunning: Bool {
        !reap(waiting: false)
    }

    package func signal(_ number: Int32) {
        end.withLock { end in
            // An id that has been waited for may belong to somebody else.
            if end == nil { _ = Glibc.kill(id, number) }
        }
    }

    package func kill() { signal(SIGKILL) }

    /// Waits until what it wrote to standard error contains `text`; false when it ended or took too long.
    package func waits(for text: String, limit: Duration = .seconds(120)) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let isRunning = isRunning
            if errorSoFar.contains(text) { return true }
            if !isRunning { return false }
            try await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    /// Waits for its end, and kills it when that takes too long.
    package func wait(limit: Duration = .seconds(120)) async throws -> ProgramResult {
        let deadline = ContinuousClock.now + limit
        var timedOut = false
        while isRunning {
            observePeak()
            if !timedOut, ContinuousClock.now >= deadline {
                timedOut = true
                kill()
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        return result(timedOut: timedOut)
    }

    /// The same where nothing can be awaited, without a limit.
    package func waitBlocking() -> ProgramResult {
        _ = reap(waiting: true)
        return result(timedOut: false)
    }

    private func result(timedOut: Bool) -> ProgramResult {
        let status = end.withLock { $0 } ?? 0
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        return ProgramResult(
            status: code, timedOut: timedOut, out: out.text, error: error.text, peakMemory: peak.withLock { $0 },
            duration: ContinuousClock.now - started)
    }

    /// True when the program has ended.
    private func reap(waiting: Bool) -> Bool {
        end.withLock { end in
            if end != nil { return true }
            var status: Int32 = 0
            var found: pid_t
            repeat { found = waitpid(id, &status, waiting ? 0 : WNOHANG) } while found < 0 && errno == EINTR
            guard found == id else { return found < 0 }
            end = status
            return true
        }
    }

    /// The kernel's account of a child that was waited for would also count what the tests themselves held when they started it, so the
    /// high-water marks of the running processes are looked at instead.
    private func observePeak() {
        var processes = [id]
        var highest = 0
        while let process = processes.popLast() {
            highest = max(highest, Self.highWaterMark(of: process))
            let children = Self.text("/proc/\(process)/task/\(process)/children")
            processes += children.split(separator: " ").compactMap { pid_t($0) }
        }
        peak.withLock { $0 = max($0, highest) }
    }

    /// In bytes.
    private static func highWaterMark(of process: pid_t) -> Int {
        for line in text("/proc/\(process)/status").split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
        }
        return 0
    }

    private static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        let count = read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}

/// A file without a name that takes a program's output: unlike a pipe it never fills up, and nobody waits for the end of what the
/// program left running.
private final class OutputFile: Sendable {
    let descriptor: Int32

    init() throws {
        let path = "/tmp/tote-test-output-\(getpid())-" + String(UInt64.random(in: 0 ... .max), radix: 36)
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TestSetupError("no file for output: \(String(cString: strerror(errno)))") }
        unlink(path)
    }

    deinit { close(descriptor) }

    var text: String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(bytes.count))
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
