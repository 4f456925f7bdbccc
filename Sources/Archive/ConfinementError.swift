import Diagnostics
import Glibc

/// Why something inside a ``ConfinedDirectory`` could not be reached. Paths are shown as the directory knows them.
package enum ConfinementError: Diagnosable, Equatable {
    case missing(path: String)
    /// A link, FIFO, device, socket or directory where a file is wanted.
    case notRegular(path: String)
    case notDirectory(path: String)
    case tooLarge(path: String, limit: Int)
    /// Not a path that can name an entry: empty, ends in "..", or holds a NUL.
    case badPath(path: String)
    /// The tree was altered under the reader.
    case changed(path: String)
    /// Any other failed system call; `code` is its errno.
    case system(action: String, path: String, code: Int32)

    package var message: String {
        switch self {
        case .missing(let path): "'\(path)' does not exist"
        case .notRegular(let path): "'\(path)' is not a regular file"
        case .notDirectory(let path): "'\(path)' is not a directory"
        case .tooLarge(let path, let limit): "'\(path)' is larger than \(limit) bytes, the most that is read here"
        case .badPath(let path): "'\(path)' cannot name a file here"
        case .changed(let path): "'\(path)' changed while it was being read"
        case .system(let action, let path, let code): "\(action) '\(path)': \(String(cString: strerror(code)))"
        }
    }

    package var hint: String? {
        guard case .system(_, _, let code) = self else { return nil }
        return switch code {
        case ENOSYS: "tote needs Linux 5.6 or newer"
        case ELOOP: "a symbolic link leads in a circle"
        case ENOSPC, EDQUOT: "free some space, then run the same command again (nothing half-written is kept)"
        default: nil
        }
    }
}

extension ConfinementError: CustomStringConvertible {
    package var description: String { message }
}
