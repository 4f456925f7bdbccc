import Diagnostics
import Glibc

/// Reading small files that the user names.
enum UserFile {
    /// The whole file, or nil when there is none at the path. Anything but a regular file of at most `limit` bytes is an error.
    ///
    /// `shown` is how messages name it: "the descriptor 'x/project.toml'".
    static func read(_ path: String, shown: String, limit: Int = 16 << 20) throws(Fault) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Fault(system: "reading \(shown)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Fault(system: "reading \(shown)") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Fault("\(shown) is not a regular file") }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Fault(system: "reading \(shown)") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Fault("\(shown) is larger than \(limit >> 20) MiB") }
        }
    }
}
