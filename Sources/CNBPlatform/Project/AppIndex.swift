import Archive
import Glibc

/// What an app's folder was like when it was looked at: enough to tell later, without reading a file, which files cannot have changed.
///
/// For folders that is their mode and time, which a copy has too; for all else the identity of the file as well, its size, and when it last
/// changed, which nobody can set.
struct AppIndex: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        /// Relative to the app's folder; empty for the folder itself.
        var path: [UInt8]
        /// With the file's kind.
        var mode: UInt32
        var modified: Moment
        /// Nothing for folders, nor for what could change without leaving a trace.
        var identity: Identity?
    }

    struct Identity: Equatable, Sendable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var changed: Moment
    }

    /// Nanoseconds since 1970 would not hold all that a file system can say.
    struct Moment: Equatable, Sendable {
        var seconds: Int64
        var nanoseconds: Int32
    }

    /// In the order of the walk.
    private(set) var entries: [Entry]
    /// Whether a file of the folder has two names in it. Known of one that was looked at, not of one that was read back.
    private(set) var hasHardLinks = false

    init(_ entries: [Entry]) {
        self.entries = entries
    }

    /// Whether all that is known of the folder now says that its copy is good. What left no trace speaks against it.
    func isConfirmed(by now: AppIndex) -> Bool {
        entries == now.entries && entries.allSatisfy { $0.identity != nil || $0.isFolder }
    }

    /// Whether there is one below the app's own.
    var hasFolders: Bool { entries.contains { $0.isFolder && !$0.path.isEmpty } }

    /// The files that are new or not what they were, and those that are gone. To count, not to rely on: of a file that could not be trusted then,
    /// only kind, mode and time are compared.
    func changes(since earlier: AppIndex) -> (written: Set<RawPath>, gone: Set<RawPath>) {
        var old = earlier.byPath
        var written: Set<RawPath> = []
        for entry in entries {
            let before = old.removeValue(forKey: entry.path)
            if entry.isFolder || before.map({ entry.isLike($0) }) == true { continue }
            written.insert(RawPath(bytes: entry.path))
        }
        return (written, Set(old.values.filter { !$0.isFolder }.map { RawPath(bytes: $0.path) }))
    }

    /// The entries by their paths, for files that are as they were.
    var byPath: [[UInt8]: Entry] { Dictionary(entries.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first }) }

    /// Collects entries during a walk.
    struct Recorder {
        private let clock: timespec
        private var root: dev_t?
        private var entries: [Entry] = []
        /// Files with several names that have been met.
        private var met: Set<FileIdentity> = []
        private var hasHardLinks = false

        init() {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            clock = now
        }

        mutating func add(_ path: [UInt8], _ status: stat) {
            root = root ?? status.st_dev
            var entry = Entry(path, status)
            if !isTrusted(status) { entry.identity = nil }
            if status.st_nlink > 1, status.st_mode & S_IFMT != S_IFDIR,
                !met.insert(FileIdentity(device: status.st_dev, inode: status.st_ino)).inserted
            {
                hasHardLinks = true
            }
            entries.append(entry)
        }

        func finished() -> AppIndex {
            var index = AppIndex(entries)
            index.hasHardLinks = hasHardLinks
            return index
        }

        /// A file that changed a moment ago could change once more at what its file system takes for the same time. One of another file
        /// system in the folder may have a clock of its own.
        private func isTrusted(_ status: stat) -> Bool {
            guard status.st_dev == root else { return false }
            let changed = status.st_ctim
            // Whole seconds are those of a file system that has nothing finer.
            let granule = changed.tv_nsec == 0 ? 2.0 : 0.02
            return seconds(clock) - seconds(changed) > granule
        }

        /// Exact to less than a microsecond in this century; a file system may say any time at all.
        private func seconds(_ time: timespec) -> Double { Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 }

        private struct FileIdentity: Hashable {
            var device: dev_t
            var inode: ino_t
        }
    }
}

extension AppIndex.Entry {
    var isFolder: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }

    fileprivate func isLike(_ earlier: Self) -> Bool {
        mode == earlier.mode && modified == earlier.modified && (earlier.identity == nil || identity == nil || identity == earlier.identity)
    }

    init(_ path: [UInt8], _ status: stat) {
        self.path = path
        mode = UInt32(status.st_mode)
        modified = AppIndex.Moment(status.st_mtim)
        if status.st_mode & S_IFMT != S_IFDIR {
            identity = AppIndex.Identity(
                device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
                changed: AppIndex.Moment(status.st_ctim))
        }
    }
}

extension AppIndex.Moment {
    init(_ time: timespec) { self.init(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec)) }
}
