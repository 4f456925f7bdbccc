/// The uncompressed bytes of a layer blob: none, gzip (all members) or zstd, whatever its first bytes say. A thread of its own
/// decompresses ahead of the reader; memory is bounded.
package final class LayerStream {
    package let compression: LayerCompression
    private let monitor: Monitor<State>
    private let thread: WorkerThread
    private var chunk: MemberBuffer?
    private var offset = 0

    /// Reads from where the descriptor stands to its end. The caller keeps it open as long as the stream is used, and closes it.
    ///
    /// - Parameter blobHash: gets the bytes of the blob. It is another thread's until the stream has ended, and then knows all of them: no
    ///   compression ends before the file does.
    package init(descriptor: Int32, blobHash: SHA256? = nil) throws {
        let input = BlobInput(descriptor: descriptor, hash: blobHash)
        try input.fill(4)
        let compression = LayerCompression.detect(input.bytes)
        self.compression = compression
        let monitor = Monitor(State(source: compression.decompressor(of: input)))
        self.monitor = monitor
        thread = try WorkerThread { Self.produce(for: monitor) }
    }

    deinit {
        monitor.withLock { $0.cancelled = true }
        thread.join()
    }

    /// The next bytes, at most as many as there is room for; 0 only at the end.
    package func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        let piece = try next(atMost: output.count)
        output.copyMemory(from: piece)
        return piece.count
    }

    /// The next bytes in place, at most `limit`, empty only at the end. Valid until the next call.
    func next(atMost limit: Int) throws -> UnsafeRawBufferPointer {
        while limit > 0 {
            if let chunk, offset < chunk.count {
                let piece = chunk.bytes[offset...].prefix(limit)
                offset += piece.count
                return UnsafeRawBufferPointer(rebasing: piece)
            }
            offset = 0
            if let used = chunk {
                chunk = nil
                monitor.withLock { $0.spare.append(used) }
            }
            chunk = try monitor.wait { state -> MemberBuffer?? in
                if !state.ready.isEmpty { return .some(state.ready.removeFirst()) }
                if let failure = state.failure { throw failure }
                return state.ended ? .some(nil) : nil
            }
            if chunk == nil { break }
        }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private struct State {
        let source: any Decompressor
        var ready: [MemberBuffer] = []
        var spare = (0..<4).map { _ in MemberBuffer(capacity: LayerStream.chunkSize) }
        var ended = false
        var cancelled = false
        var failure: (any Error)?
    }

    private static let chunkSize = 256 << 10

    private static func produce(for monitor: Monitor<State>) {
        let source = monitor.withLock { $0.source }
        while true {
            let free = monitor.wait { state -> MemberBuffer?? in
                if state.cancelled { return .some(nil) }
                return state.spare.popLast().map { .some($0) }
            }
            guard let free else { return }
            do {
                try free.replace(capacity: chunkSize) { try source.read(into: $0) }
            } catch {
                monitor.withLock { $0.failure = error }
                return
            }
            let ended = free.count == 0
            monitor.withLock { state in
                if ended { state.ended = true } else { state.ready.append(free) }
            }
            if ended { return }
        }
    }
}
