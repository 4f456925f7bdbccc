import Diagnostics
import Glibc
import Synchronization

/// One end of the socket between tote and its broker. Closed with its last owner.
final class HelperConnection: Sendable {
    let descriptor: Int32
    /// A message goes out whole, whoever sends at the same time.
    private let sending = Mutex(())

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// The descriptors of both ends, which no program that is started inherits.
    static func pair() throws(Fault) -> (tote: Int32, broker: Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Fault(system: "making a socket pair")
        }
        return (ends[0], ends[1])
    }

    /// Ends the conversation: both sides see its end.
    func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// False when nobody is at the other end any more.
    @discardableResult
    func send(_ message: HelperMessage) -> Bool {
        let encoded = message.encoded
        let bytes = HelperMessage.bytes(UInt32(encoded.count)) + encoded
        return sending.withLock { _ in
            var done = 0
            while done < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, Int32(MSG_NOSIGNAL))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }

    /// Waits for the next message; nil at the end, and for what makes no sense. For one reader.
    func receive() -> HelperMessage? {
        guard let head = read(4) else { return nil }
        let length = Int(HelperMessage.number(head))
        guard length <= HelperMessage.sizeLimit, let bytes = read(length) else { return nil }
        return HelperMessage(decoding: bytes)
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress.map { $0 + done }, count - done, 0) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            done += got
        }
        return bytes
    }
}
