import CLinux
import Diagnostics
import Glibc

/// Two ends of a pipe, not inherited by programs that are started.
struct Pipe: Sendable {
    let reading: Int32
    let writing: Int32

    init(nonBlocking: Bool = false) throws {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe(&ends, nonBlocking ? O_NONBLOCK : 0) == 0 else { throw Fault(system: "creating a pipe") }
        reading = ends[0]
        writing = ends[1]
    }

    func closeReading() { close(reading) }
    func closeWriting() { close(writing) }

    /// Whether nobody holds the writing end any more and nothing is left to read.
    var isHungUp: Bool {
        var entry = pollfd(fd: reading, events: 0, revents: 0)
        return poll(&entry, 1, 0) == 1 && Int32(entry.revents) & POLLHUP != 0
    }

    /// Reads until the other end is closed, at most `limit` bytes.
    func readAll(limit: Int = 65536) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            let count = read(reading, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return bytes
    }
}
