import Diagnostics
import Glibc

/// Hashes members in order, compresses them on several threads, and writes them in the order in which they came.
///
/// At most ``reserve`` members more than there are workers are on their way at once; whoever hands over more waits.
final class MemberPipeline {
    /// One per core; more than 12 cannot be fed by one reader.
    static var defaultWorkers: Int { min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 12) }

    /// Enough that neither the reader nor a worker waits because the other one is just doing something long.
    private static let reserve = 12

    private let monitor: Monitor<State>
    private let known: KnownMembers?
    private let threads: [WorkerThread]

    /// `known`: where members that need not be compressed are taken from.
    init(writingTo descriptor: Int32, _ encoding: LayerEncoding, workers: Int, known: KnownMembers?) {
        let monitor = Monitor(State(descriptor: descriptor, limit: workers + Self.reserve))
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
        self.known = known
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

    /// Takes the earlier blob's next member as it is, with what is known of the hashes: nobody has its part of the tar at hand. Comes before all
    /// others.
    func take(_ member: MemberIndex.Member, at place: KnownMembers.Place) throws {
        try monitor.wait { state -> Void? in
            if let failure = state.failure { throw failure }
            guard state.accepted - state.written < state.limit else { return nil }
            state.waiting.append(Job(number: state.accepted, member: nil, size: member.size, place: place))
            state.tarStates.append(member.states.tar)
            state.blobStates.append(member.states.blob)
            state.taken.members += 1
            state.taken.bytes += Int64(member.length)
            state.accepted += 1
            return ()
        }
    }

    /// Goes on with the hashes after the members that were taken, whose part of the tar has `count` bytes.
    func resume(after count: Int64, _ states: MemberIndex.States) throws {
        try monitor.withLock { state in
            state.tarHash = SHA256(after: count, states.tar)
            let rest = state.taken.bytes % Int64(SHA256.State.blockSize)
            let whole = state.taken.bytes - rest
            state.hash = SHA256(after: whole, states.blob)
            guard let known, let bytes = known.bytes(from: whole, count: Int(rest)) else { throw DamagedMembers() }
            state.hash.update(bytes)
        }
    }

    /// Waits for everything to be written. Of each member: its length, and the hashes in the making before it.
    func finish() throws -> (diffID: DiffID, digest: Digest, size: Int64, lengths: [Int], states: [MemberIndex.States]) {
        try monitor.wait { state in
            if let failure = state.failure { throw failure }
            guard state.accepted == state.written else { return nil }
            let states = zip(state.tarStates, state.blobStates).map { MemberIndex.States(tar: $0, blob: $1) }
            return (DiffID(state.tarHash.finish()), state.hash.finish(), state.size, state.lengths, states)
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
        var tarStates: [SHA256.State] = []
        /// Of the members as they are written; of those that were taken it is known.
        var hash = SHA256()
        var blobStates: [SHA256.State] = []
        /// Before all others.
        var taken: (members: Int, bytes: Int64) = (0, 0)
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

        mutating func end(hashing job: Job) {
            hashing = false
            waiting.append(job)
        }

        /// `output` is nil when the member was to be taken over and cannot be.
        mutating func end(compressing job: Job, _ output: MemberBuffer?) {
            if let member = job.member { spare.append(member) }
            guard let output else { return failure = DamagedMembers() }
            compressed[job.number] = output
        }

        mutating func end(writing member: MemberBuffer, _ failure: Fault?) {
            writing = false
            written += 1
            size += Int64(member.count)
            lengths.append(member.count)
            spare.append(member)
            if let failure { self.failure = failure }
        }

        mutating func takeSpare() -> MemberBuffer {
            guard let buffer = spare.popLast() else { return MemberBuffer() }
            buffer.removeAll()
            return buffer
        }
    }

    private enum Task {
        case hash(Job, with: SHA256)
        case compress(Job, into: MemberBuffer)
        case write(MemberBuffer, to: Int32, hash: SHA256?)
        case stop
    }

    private static func work(on monitor: Monitor<State>, _ encoding: LayerEncoding, _ known: KnownMembers?) {
        let compressor = encoding.compressor()
        var task = monitor.wait(nextTask)
        while true {
            switch task {
            case .stop:
                return
            case .hash(let job, let hash):
                if let member = job.member { hash.update(member.bytes) }
                task = monitor.withLock({ $0.end(hashing: job) }, thenTake: nextTask)
            case .compress(let job, let output):
                let isTaken = job.place.map { known?.read($0, uncompressed: job.size, into: output) ?? false } ?? false
                if !isTaken, let member = job.member { compressor.compress(member.bytes, into: output) }
                let isThere = isTaken || job.member != nil
                task = monitor.withLock({ $0.end(compressing: job, isThere ? output : nil) }, thenTake: nextTask)
            case .write(let member, let descriptor, let hash):
                hash?.update(member.bytes)
                let failure = Descriptor.writeAll(descriptor, member.bytes) ? nil : Fault(system: "writing a layer")
                task = monitor.withLock({ $0.end(writing: member, failure) }, thenTake: nextTask)
            }
        }
    }

    /// Writing comes first: it is what frees room. Hashing comes next: only one thread at a time can do it.
    private static func nextTask(_ state: inout State) -> Task? {
        if state.closed || state.failure != nil { return .stop }
        if !state.writing, let member = state.compressed.removeValue(forKey: state.written) {
            state.writing = true
            guard state.written >= state.taken.members else { return .write(member, to: state.descriptor, hash: nil) }
            state.blobStates.append(state.hash.state)
            return .write(member, to: state.descriptor, hash: state.hash)
        }
        if !state.hashing, !state.unhashed.isEmpty {
            state.hashing = true
            state.tarStates.append(state.tarHash.state)
            return .hash(state.unhashed.removeFirst(), with: state.tarHash)
        }
        guard !state.waiting.isEmpty else { return nil }
        return .compress(state.waiting.removeFirst(), into: state.takeSpare())
    }
}
