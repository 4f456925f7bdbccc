import Diagnostics
import Glibc

/// Compresses members on several threads and writes them in the order in which they came.
///
/// At most `workers + 4` members are on their way at once; whoever hands over more waits.
final class MemberPipeline {
    /// One per core; more than 12 cannot be fed by one reader.
    static var defaultWorkers: Int { min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 12) }

    private let monitor: Monitor<State>
    private let threads: [WorkerThread]

    init(writingTo descriptor: Int32, level: Int, workers: Int) {
        let monitor = Monitor(State(descriptor: descriptor, limit: workers + 4))
        var threads: [WorkerThread] = []
        for _ in 0..<max(workers, 1) {
            do {
                threads.append(try WorkerThread { Self.work(on: monitor, level: level) })
            } catch {
                if threads.isEmpty { monitor.withLock { $0.failure = error } }
                break
            }
        }
        self.monitor = monitor
        self.threads = threads
    }

    deinit {
        monitor.withLock {
            $0.closed = true; $0.waiting.removeAll()
        }
        for thread in threads { thread.join() }
    }

    /// Hands a full buffer over and gives an empty one back. Throws what has gone wrong in writing.
    func exchange(_ member: MemberBuffer) throws -> MemberBuffer {
        try monitor.wait { state in
            if let failure = state.failure { throw failure }
            guard state.accepted - state.written < state.limit else { return nil }
            state.waiting.append((state.accepted, member))
            state.accepted += 1
            return state.takeSpare()
        }
    }

    /// Waits for everything to be written.
    func finish() throws -> (digest: Digest, size: Int64) {
        try monitor.wait { state in
            if let failure = state.failure { throw failure }
            guard state.accepted == state.written else { return nil }
            return (state.hash.finish(), state.size)
        }
    }

    private struct State {
        let descriptor: Int32
        let limit: Int
        let hash = SHA256()
        var waiting: [(number: Int, member: MemberBuffer)] = []
        var compressed: [Int: MemberBuffer] = [:]
        var spare: [MemberBuffer] = []
        var accepted = 0
        var written = 0
        var size: Int64 = 0
        /// Someone is writing the member `written` right now.
        var writing = false
        var closed = false
        var failure: (any Error)?

        mutating func takeSpare() -> MemberBuffer {
            guard let buffer = spare.popLast() else { return MemberBuffer() }
            buffer.removeAll()
            return buffer
        }
    }

    private enum Task {
        case compress(number: Int, member: MemberBuffer, into: MemberBuffer)
        case write(MemberBuffer, to: Int32, hash: SHA256)
        case stop
    }

    private static func work(on monitor: Monitor<State>, level: Int) {
        let compressor = MemberCompressor(level: level)
        while true {
            switch monitor.wait(nextTask) {
            case .stop:
                return
            case .compress(let number, let member, let output):
                compressor.compress(member.bytes, into: output)
                monitor.withLock { state in
                    state.compressed[number] = output
                    state.spare.append(member)
                }
            case .write(let member, let descriptor, let hash):
                hash.update(member.bytes)
                let failure = Descriptor.writeAll(descriptor, member.bytes) ? nil : Fault(system: "writing a layer")
                monitor.withLock { state in
                    state.writing = false
                    state.written += 1
                    state.size += Int64(member.count)
                    state.spare.append(member)
                    if let failure { state.failure = failure }
                }
            }
        }
    }

    /// Writing comes first: it is what frees room.
    private static func nextTask(_ state: inout State) -> Task? {
        if state.closed || state.failure != nil { return .stop }
        if !state.writing, let member = state.compressed.removeValue(forKey: state.written) {
            state.writing = true
            return .write(member, to: state.descriptor, hash: state.hash)
        }
        guard !state.waiting.isEmpty else { return nil }
        let (number, member) = state.waiting.removeFirst()
        return .compress(number: number, member: member, into: state.takeSpare())
    }
}
