import Diagnostics
import Glibc

/// A file of the user's, read whole.
enum SmallFile {
    /// nil when it is missing. Links are followed: the file is the user's own.
    static func read(_ path: String, limit: Int) throws(Fault) -> [UInt8]? {
        // Without waiting, in case it is a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Fault(system: "opening '\(path)'")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Fault(system: "reading '\(path)'") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Fault("'\(path)' is not a file") }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Fault(system: "reading '\(path)'") }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw Fault("'\(path)' is larger than \(limit >> 20) MiB") }
            bytes += piece[..<count]
        }
    }
}
