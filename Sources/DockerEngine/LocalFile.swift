import Diagnostics
import Glibc

/// Small files and sockets of the host.
enum LocalFile {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Seconds since 1970.
    static var now: Int64 { Int64(time(nil)) }

    static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Nil when there is no such file; an error when it is longer than `limit`, no regular file, or not ours to read.
    static func read(_ path: String, limit: Int = 1 << 20) throws(Fault) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Fault(system: "opening '\(path)'")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw Fault("'\(path)' is not a regular file") }
        var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Fault(system: "reading '\(path)'") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw Fault("'\(path)' is too large: the limit is \(limit) bytes") }
        }
    }
}
