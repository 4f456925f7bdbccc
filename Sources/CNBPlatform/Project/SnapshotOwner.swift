import Archive
import Glibc

/// Which ids copied entries get, and how their modes and times are set.
struct SnapshotOwner {
    /// Nil when what this process makes has them already.
    private let ids: Ownership?

    init(_ owner: Ownership?) {
        ids = owner.flatMap { $0.user == geteuid() && $0.group == getegid() ? nil : $0 }
    }

    /// Owner first, because changing it clears set-id bits; times last.
    func apply(to descriptor: Int32, status: stat, shown: @autoclosure () -> String) throws {
        var times = [status.st_atim, status.st_mtim]
        guard ids.map({ fchown(descriptor, $0.user, $0.group) == 0 }) ?? true, fchmod(descriptor, status.st_mode & 0o7777) == 0,
            futimens(descriptor, &times) == 0
        else { throw SnapshotFault.writing(shown(), code: errno) }
    }

    /// The same for what cannot be opened: links and pipes.
    func apply(to name: UnsafePointer<CChar>, in directory: Int32, status: stat, shown: @autoclosure () -> String) throws {
        var times = [status.st_atim, status.st_mtim]
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        guard ids.map({ fchownat(directory, name, $0.user, $0.group, AT_SYMLINK_NOFOLLOW) == 0 }) ?? true,
            isLink || fchmodat(directory, name, status.st_mode & 0o7777, 0) == 0,
            utimensat(directory, name, &times, AT_SYMLINK_NOFOLLOW) == 0
        else { throw SnapshotFault.writing(shown(), code: errno) }
    }
}
