import Diagnostics
import Glibc
import NIOCore
import Synchronization

/// A stream of bytes to somebody who reads from a descriptor. The kernel holds what has not been read, at most some hundred KiB.
final class ByteChannel: Sendable {
    let reader: End
    let writer: End

    init() throws {
        var ends: [Int32] = [0, 0]
        // Not a pipe: writing into one that nobody reads any more ends the process.
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw Fault(system: "making a socket pair") }
        reader = End(ends[0])
        writer = End(ends[1])
    }

    /// Closed once, by whoever comes first; at the latest with its last owner.
    final class End: Sendable {
        let descriptor: Int32
        private let isOpen = Mutex(true)

        init(_ descriptor: Int32) { self.descriptor = descriptor }
        deinit { close() }

        func close() {
            isOpen.withLock { isOpen in
                if isOpen { Glibc.close(descriptor) }
                isOpen = false
            }
        }
    }

    /// Waits for room. False when the other end is closed.
    func write(_ buffer: ByteBuffer) throws -> Bool {
        try buffer.withUnsafeReadableBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = send(writer.descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, Int32(MSG_NOSIGNAL))
                if count < 0 {
                    if errno == EINTR { continue }
                    if errno == EPIPE || errno == ECONNRESET { return false }
                    throw Fault(system: "passing on what the daemon sends")
                }
                done += count
            }
            return true
        }
    }
}
