import Glibc
import Synchronization

/// The index that was read last, so that a build which looks for several images reads it once.
final class IndexMemory: Sendable {
    private let last = Mutex<(version: FileVersion, index: Index)?>(nil)

    func index(of version: FileVersion) -> Index? {
        last.withLock { $0?.version == version ? $0?.index : nil }
    }

    func remember(_ index: Index, of version: FileVersion) {
        last.withLock { $0 = (version, index) }
    }
}

/// Tells one content of a file that is replaced by rename from the next.
struct FileVersion: Equatable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: [Int]

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        // A number of a removed file can be given again; the time of its change cannot.
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }
}
