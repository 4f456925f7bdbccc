import Diagnostics
import Glibc

/// Hashes members in order, compresses them on several threads, and writes them in the order in which they came.
///
/// At most `workers + 4` members are on their way at once; whoever hands over more waits.
final class MemberPipeline {
    /// One per core; more than 12 cannot be fed by one reader.
    static var defaultWorkers: Int { min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 12) }

    private let monitor: Monitor<State>
    private let threads: [WorkerThread]

    /// `known`: where members that need not be compressed are taken from.
    init(writingTo descriptor: Int32, _ encoding: LayerEncoding, workers: Int, known: KnownMembers?) {
        let monitor = Monitor(State(descriptor: descriptor, limit: workers + 4))
        var threads: [WorkerThread] = []
        for _ in 0..<max(workers, 1) {
            do {
                threads.append(try WorkerThread { Self.work(on: monitor, encoding, known) })
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
            $0.closed = true
            $0.unhashed.removeAll()
            $0.waiting.removeAll()
        }
        for thread in threads { thread.join() }
    }

    /// Hands a full buffer over and gives an empty one back. Throws what has gone wrong in writing.
    ///
    /// `place`: where the compressed member is already, if it is.
    func exchange(_ member: MemberBuffer, at place: KnownMembers.Place?) throws -> MemberBuffer {
        try monitor.wait { state in
            if let failure = state.failure { throw failure }
            guard state.accepted - state.written < state.limit else { return nil }
            state.unhashed.append(Job(number: state.accepted, member: member, size: member.count, place: place))
            state.accepted += 1
            return state.takeSpare()
        }
    }

    /// Takes a member as it is in the earlier blob, with what is known of the diffID: nobody has its part of the tar at hand. Comes before all others.
    func take(_ member: MemberIndex.Member, at place: KnownMembers.Place) throws {
        try monitor.wait { state -> Void? in
            if let failure = state.failure { throw failure }
            guard state.accepted - state.written < state.limit else { return nil }
            state.waiting.append(Job(number: state.accepted, member: nil, size: member.size, place: place))
            state.states.append(member.state)
            state.accepted += 1
            return ()
        }
    }

    /// Goes on with the diffID of a tar whose first `count` bytes left `hash`.
    func resume(after count: Int64, _ hash: SHA256.State) {
        monitor.withLock { $0.tarHash = SHA256(after: count, hash) }
    }

    /// Waits for everything to be written. Of each member: its length, and the diffID in the making before it.
    func finish() throws -> (diffID: DiffID, digest: Digest, size: Int64, lengths: [Int], states: [SHA256.State]) {
        try monitor.wait { state in
            if let failure = state.failure { throw failure }
            guard state.accepted == state.written else { return nil }
            return (DiffID(state.tarHash.finish()), state.hash.finish(), state.size, state.lengths, state.states)
        }
    }

    private struct Job {
        let number: Int
        /// Nil for one that can only be taken over.
        let member: MemberBuffer?
        /// Of its part of the tar.
        let size: Int
        let place: KnownMembers.Place?
    }

    private struct State {
        let descriptor: Int32
        let limit: Int
        /// Of the members as they came.
        var tarHash = SHA256()
        var states: [SHA256.State] = []
        /// Of the members as they are written.
        let hash = SHA256()
        var unhashed: [Job] = []
        /// Hashed, to be compressed.
        var waiting: [Job] = []
        var compressed: [Int: MemberBuffer] = [:]
        var spare: [MemberBuffer] = []
        var accepted = 0
        var written = 0
        var size: Int64 = 0
        var lengths: [Int] = []
        /// Someone is hashing the first of `unhashed` right now.
        var hashing = false
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
        case hash(Job, with: SHA256)
        case compress(Job, into: MemberBuffer)
        case write(MemberBuffer, to: Int32, hash: SHA256)
        case stop
    }

    private static func work(on monitor: Monitor<State>, _ encoding: LayerEncoding, _ known: KnownMembers?) {
        let compressor = encoding.compressor()
        while true {
            switch monitor.wait(nextTask) {
            case .stop:
                return
            case .hash(let job, let hash):
                // Members end with whole blocks of the tar.
                let before = hash.state
                if let member = job.member { hash.update(member.bytes) }
                monitor.withLock { state in
                    state.hashing = false
                    if let before { state.states.append(before) }
                    state.waiting.append(job)
                }
            case .compress(let job, let output):
                let isTaken = job.place.map { known?.read($0, uncompressed: job.size, into: output) ?? false } ?? false
                if !isTaken, let member = job.member { compressor.compress(member.bytes, into: output) }
                monitor.withLock { state in
                    state.compressed[job.number] = output
                    if let member = job.member {
                        state.spare.append(member)
                    } else if !isTaken {
                        state.failure = DamagedMembers()
                    }
                }
            case .write(let member, let descriptor, let hash):
                hash.update(member.bytes)
                let failure = Descriptor.writeAll(descriptor, member.bytes) ? nil : Fault(system: "writing a layer")
                monitor.withLock { state in
                    state.writing = false
                    state.written += 1
                    state.size += Int64(member.count)
                    state.lengths.append(member.count)
                    state.spare.append(member)
                    if let failure { state.failure = failure }
                }
            }
        }
    }

    /// Writing comes first: it is what frees room. Hashing comes next: only one thread at a time can do it.
    private static func nextTask(_ state: inout State) -> Task? {
        if state.closed || state.failure != nil { return .stop }
        if !state.writing, let member = state.compressed.removeValue(forKey: state.written) {
            state.writing = true
            return .write(member, to: state.descriptor, hash: state.hash)
        }
        if !state.hashing, !state.unhashed.isEmpty {
            state.hashing = true
            return .hash(state.unhashed.removeFirst(), with: state.tarHash)
        }
        guard !state.waiting.isEmpty else { return nil }
        return .compress(state.waiting.removeFirst(), into: state.takeSpare())
    }
}
