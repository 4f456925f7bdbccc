import Archive
import Diagnostics
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

/// A folder on the way down, and its copy once it is known to be needed.
final class SnapshotDirectory {
    let descriptor: SnapshotDescriptor
    /// Relative to the app's folder; empty for the folder itself.
    let path: [UInt8]
    private let parent: SnapshotDirectory?
    private let name: [CChar]
    private(set) var copy: SnapshotDescriptor?

    init(descriptor: SnapshotDescriptor, path: [UInt8], copy: SnapshotDescriptor) {
        (self.descriptor, self.path, self.copy) = (descriptor, path, copy)
        (parent, name) = (nil, [0])
    }

    init(descriptor: SnapshotDescriptor, path: [UInt8], name: [CChar], parent: SnapshotDirectory) {
        (self.descriptor, self.path, self.name, self.parent) = (descriptor, path, name, parent)
    }

    /// Makes the folder and those above it, unless they are there: the parents of what is kept are kept.
    func ensureCopy() throws -> SnapshotDescriptor {
        if let copy { return copy }
        guard let above = try parent?.ensureCopy() else { throw SnapshotFault.vanished(shown) }
        guard mkdirat(above.number, name, 0o700) == 0 else { throw SnapshotFault.writing(shown, code: errno) }
        let made = try SnapshotDescriptor(opening: name, in: above.number, flags: O_DIRECTORY | O_NOFOLLOW, shown: shown)
        copy = made
        return made
    }

    func path(of name: [CChar]) -> [UInt8] {
        let bytes = name.dropLast().map { UInt8(bitPattern: $0) }
        return path.isEmpty ? bytes : path + [UInt8(ascii: "/")] + bytes
    }

    var shown: String { String(decoding: path, as: UTF8.self) }

    /// The names in the folder, read at once so that the number of open folders is the depth alone.
    func names() throws -> [[CChar]] {
        // fdopendir takes the descriptor over, so it gets one of its own.
        let duplicate = openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard duplicate >= 0, let stream = fdopendir(duplicate) else {
            let code = errno
            if duplicate >= 0 { close(duplicate) }
            throw SnapshotFault.reading(shown.isEmpty ? "." : shown, code: code)
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw SnapshotFault.reading(shown, code: errno) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { start in
                start.withMemoryRebound(to: CChar.self, capacity: 256) { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
            }
            if name != [0x2e, 0], name != [0x2e, 0x2e, 0] { names.append(name) }
        }
    }
}

/// The walk that makes the copy.
final class SnapshotCopier {
    private struct FileIdentity: Hashable {
        var device: dev_t
        var inode: ino_t
    }

    private let root: SnapshotDescriptor
    private let filter: AppFilter
    let owner: SnapshotOwner
    private var isCloneable = true
    /// Where the first name of a file with several was copied to.
    private var firstNames: [FileIdentity: [UInt8]] = [:]

    init(root: SnapshotDescriptor, filter: AppFilter, owner: SnapshotOwner) {
        self.root = root
        self.filter = filter
        self.owner = owner
    }

    func copyContents(of directory: SnapshotDirectory) throws {
        try Task.checkCancellation()
        for name in try directory.names() {
            let path = directory.path(of: name)
            let isKept = filter.keeps(path)
            var status = stat()
            guard fstatat(directory.descriptor.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                if !isKept { continue }
                throw SnapshotFault.reading(String(decoding: path, as: UTF8.self), code: errno)
            }
            if status.st_mode & S_IFMT == S_IFDIR {
                try copyDirectory(name, path, in: directory, isKept: isKept)
            } else if isKept {
                try copyEntry(name, path, status, in: directory)
            }
        }
    }

    private func copyDirectory(_ name: [CChar], _ path: [UInt8], in parent: SnapshotDirectory, isKept: Bool) throws {
        let isEmptied = filter.dropsEverythingBeneath(path)
        if isEmptied, !isKept { return }
        let shown = String(decoding: path, as: UTF8.self)
        let source = try SnapshotDescriptor(opening: name, in: parent.descriptor.number, flags: O_DIRECTORY | O_NOFOLLOW, shown: shown)
        let status = try source.status(shown: shown)
        let directory = SnapshotDirectory(descriptor: source, path: path, name: name, parent: parent)
        if isKept { _ = try directory.ensureCopy() }
        if !isEmptied { try copyContents(of: directory) }
        // Last, because a folder without write permission takes no entries and each entry changes its time.
        if let copy = directory.copy { try owner.apply(to: copy.number, status: status, shown: shown) }
    }

    private func copyEntry(_ name: [CChar], _ path: [UInt8], _ status: stat, in directory: SnapshotDirectory) throws {
        let shown = String(decoding: path, as: UTF8.self)
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            try copyFile(name, path, shown, in: directory)
        case S_IFLNK:
            let target = try linkTarget(name, shown, in: directory)
            let copy = try directory.ensureCopy().number
            guard symlinkat(target, copy, name) == 0 else { throw SnapshotFault.writing(shown, code: errno) }
            try owner.apply(to: name, in: copy, status: status, shown: shown)
        case S_IFIFO:
            let copy = try directory.ensureCopy().number
            guard mkfifoat(copy, name, 0o600) == 0 else { throw SnapshotFault.writing(shown, code: errno) }
            try owner.apply(to: name, in: copy, status: status, shown: shown)
        case S_IFSOCK:
            return
        default:
            throw Fault(
                "'\(shown)' in the app's folder is a device", hint: "an image holds no devices: leave it out with 'exclude' in project.toml"
            )
        }
    }

    private func linkTarget(_ name: [CChar], _ shown: String, in directory: SnapshotDirectory) throws -> [CChar] {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlinkat(directory.descriptor.number, name, &target, target.count - 1)
        guard length >= 0 else { throw errno == EINVAL ? SnapshotFault.changed(shown) : SnapshotFault.reading(shown, code: errno) }
        return Array(target[..<length]) + [0]
    }

    private func copyFile(_ name: [CChar], _ path: [UInt8], _ shown: String, in directory: SnapshotDirectory) throws {
        let source = try SnapshotDescriptor(opening: name, in: directory.descriptor.number, flags: O_NOFOLLOW, shown: shown)
        let status = try source.status(shown: shown)
        guard status.st_mode & S_IFMT == S_IFREG else { throw SnapshotFault.changed(shown) }
        let copy = try directory.ensureCopy().number
        let identity = FileIdentity(device: status.st_dev, inode: status.st_ino)
        if status.st_nlink > 1, let first = firstNames[identity], link(first, to: name, in: copy) { return }
        let number = openat(copy, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { throw SnapshotFault.writing(shown, code: errno) }
        let target = SnapshotDescriptor(owning: number)
        try SnapshotContents(source: source, target: target, path: shown).copy(status, isCloneable: &isCloneable)
        try owner.apply(to: number, status: status, shown: shown)
        if status.st_nlink > 1 { firstNames[identity] = path }
    }

    /// Names the file that was copied before. A path too long for one call leaves the caller to copy the file again.
    private func link(_ first: [UInt8], to name: [CChar], in copy: Int32) -> Bool {
        linkat(root.number, first.map { CChar(bitPattern: $0) } + [0], copy, name, 0) == 0
    }
}
