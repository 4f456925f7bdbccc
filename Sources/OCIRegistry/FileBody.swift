import AsyncHTTPClient
import Diagnostics
import Glibc
import NIOCore

/// A part of a local file as the body of a request, in pieces big enough that the work per piece does not matter.
struct FileBody: AsyncSequence, Sendable {
    static let pieceSize = 512 << 10

    var path: String
    var range: Range<Int64>
    var onProgress: @Sendable (Int64) -> Void

    func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    struct Iterator: AsyncIteratorProtocol {
        let body: FileBody
        private var file: OpenFile?
        private var position: Int64

        init(body: FileBody) {
            self.body = body
            position = body.range.lowerBound
        }

        mutating func next() async throws -> ByteBuffer? {
            let file = try self.file ?? OpenFile(body.path)
            self.file = file
            body.onProgress(position)
            guard position < body.range.upperBound else { return nil }
            if position > body.range.lowerBound { await FileBody.letOthersWrite() }
            let wanted = Int(Swift.min(Int64(FileBody.pieceSize), body.range.upperBound - position))
            var buffer = ByteBufferAllocator().buffer(capacity: wanted)
            while buffer.readableBytes < wanted {
                let missing = wanted - buffer.readableBytes
                let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { space in
                    try file.read(
                        into: UnsafeMutableRawBufferPointer(rebasing: space[..<missing]), at: position + Int64(wanted - missing))
                }
                guard count > 0 else { throw Fault("'\(body.path)' became shorter while it was sent") }
            }
            position += Int64(buffer.readableBytes)
            return buffer
        }
    }

    /// Returns when the connections have looked at everything that they were given so far. One that is full says so only then, and reading,
    /// which is faster than any network, would fill the memory until it does.
    private static func letOthersWrite() async {
        let seen = HTTPClient.defaultEventLoopGroup.makeIterator().map { $0.submit {} }
        for loop in seen { _ = try? await loop.get() }
    }

    private final class OpenFile {
        let path: String
        let descriptor: Int32

        init(_ path: String) throws {
            self.path = path
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Fault(system: "opening '\(path)'") }
        }

        deinit { close(descriptor) }

        /// 0 at the end of the file.
        func read(into space: UnsafeMutableRawBufferPointer, at position: Int64) throws -> Int {
            while true {
                let count = pread(descriptor, space.baseAddress, space.count, off_t(position))
                if count >= 0 { return count }
                guard errno == EINTR else { throw Fault(system: "reading '\(path)'") }
            }
        }
    }
}
