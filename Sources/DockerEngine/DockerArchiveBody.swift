import Archive
import Diagnostics
import NIOCore

/// An archive as the body of a request, in pieces big enough that the work per piece does not matter. Nothing is read before it is
/// needed, and nothing but the current piece is kept.
struct DockerArchiveBody: AsyncSequence, Sendable {
    static let pieceSize = 512 << 10

    let archive: DockerArchive
    let onProgress: @Sendable (Int64) -> Void

    func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    struct Iterator: AsyncIteratorProtocol {
        private let body: DockerArchiveBody
        private var rest: ArraySlice<DockerArchive.Entry>
        private var current: OpenEntry?
        private var hasEnded = false
        private var sent: Int64 = 0

        init(body: DockerArchiveBody) {
            self.body = body
            rest = body.archive.entries[...]
        }

        mutating func next() async throws -> ByteBuffer? {
            body.onProgress(sent)
            guard let buffer = try piece() else { return nil }
            sent += Int64(buffer.readableBytes)
            return buffer
        }

        private mutating func piece() throws -> ByteBuffer? {
            guard !hasEnded else { return nil }
            var buffer = ByteBufferAllocator().buffer(capacity: DockerArchiveBody.pieceSize)
            // Small entries share a piece.
            while buffer.readableBytes < DockerArchiveBody.pieceSize {
                if let entry = current {
                    if try entry.append(to: &buffer, atMost: DockerArchiveBody.pieceSize) { current = nil }
                } else if let entry = rest.popFirst() {
                    buffer.writeBytes(entry.header)
                    current = try OpenEntry(entry)
                } else {
                    buffer.writeRepeatingByte(0, count: 1024)
                    hasEnded = true
                    break
                }
            }
            return buffer
        }
    }

    /// An entry whose contents are on their way.
    private final class OpenEntry {
        private enum Source {
            case bytes(ArraySlice<UInt8>)
            case file(ReadableFile)
            case stream(LayerStream, ReadableFile)
        }

        private let entry: DockerArchive.Entry
        private var source: Source
        private var left: Int64

        init(_ entry: DockerArchive.Entry) throws {
            self.entry = entry
            left = entry.size
            switch entry.contents {
            case .bytes(let bytes): source = .bytes(bytes[...])
            case .file(let path): source = .file(try ReadableFile(path))
            case .inflated(let path):
                let file = try ReadableFile(path)
                source = .stream(try LayerStream(descriptor: file.descriptor), file)
            }
        }

        /// Fills the buffer up to `limit`; true when the entry is complete, padding included.
        func append(to buffer: inout ByteBuffer, atMost limit: Int) throws -> Bool {
            while left > 0, buffer.readableBytes < limit {
                let wanted = Int(Swift.min(left, Int64(limit - buffer.readableBytes)))
                let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { space in
                    try read(into: UnsafeMutableRawBufferPointer(rebasing: space[..<wanted]))
                }
                guard count > 0 else { throw Fault("'\(path)' became shorter while it was sent") }
                left -= Int64(count)
            }
            guard left == 0 else { return false }
            buffer.writeRepeatingByte(0, count: entry.padding)
            return true
        }

        private var path: String {
            switch entry.contents {
            case .bytes: "a document"
            case .file(let path), .inflated(let path): path
            }
        }

        private func read(into space: UnsafeMutableRawBufferPointer) throws -> Int {
            switch source {
            case .bytes(let bytes):
                let piece = bytes.prefix(space.count)
                space.copyBytes(from: piece)
                source = .bytes(bytes.dropFirst(piece.count))
                return piece.count
            case .file(let file): return try file.read(into: space)
            case .stream(let stream, let file): return try withExtendedLifetime(file) { try stream.read(into: space) }
            }
        }
    }
}
