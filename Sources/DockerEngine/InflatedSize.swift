import Archive
import Diagnostics
import Glibc
import NIOPosix
import Synchronization

/// How long a layer is without its compression: a tar says so before the content comes, and a blob says it nowhere.
enum InflatedSize {
    /// Nil for a file that is not compressed. Reads all of it, away from Swift's own threads.
    static func measure(_ path: String) async throws -> Int64? {
        let stopped = Stop()
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let result: Result<Int64?, any Error>
        do {
            result = .success(
                try await withTaskCancellationHandler {
                    try await pool.runIfActive { try count(path, stopped) }
                } onCancel: {
                    stopped.isSet.store(true, ordering: .relaxed)
                })
        } catch {
            result = .failure(error)
        }
        try? await pool.shutdownGracefully()
        return try result.get()
    }

    private final class Stop: Sendable { let isSet = Atomic(false) }

    private static func count(_ path: String, _ stopped: Stop) throws -> Int64? {
        let file = try ReadableFile(path)
        let stream = try LayerStream(descriptor: file.descriptor)
        guard stream.compression != .none else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        var size: Int64 = 0
        while true {
            if stopped.isSet.load(ordering: .relaxed) { throw CancellationError() }
            let count = try stream.read(into: buffer)
            if count == 0 { return size }
            size += Int64(count)
        }
    }
}

/// A regular file that is open for reading as long as this object lives.
final class ReadableFile {
    let path: String
    let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw Fault(system: "opening '\(path)'") }
    }

    deinit { close(descriptor) }

    /// 0 at the end of the file.
    func read(into space: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Glibc.read(descriptor, space.baseAddress, space.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw Fault(system: "reading '\(path)'") }
        }
    }
}
