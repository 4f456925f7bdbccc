import Diagnostics
import Glibc

/// Makes the copy of an app's folder while a walk goes over it.
final class SnapshotCopier: SnapshotVisitor {
    private struct FileIdentity: Hashable {
        var device: dev_t
        var inode: ino_t
    }

    /// The copies of the folders from the app's own down to the one that the walk is in.
    private var copies: [SnapshotDescriptor] = []
    private let root: SnapshotDescriptor
    private let owner: SnapshotOwner
    /// An earlier copy, and what the app's folder was like then: files that are as they were become more names of its files.
    private let earlier: (copy: SnapshotDescriptor, entries: [[UInt8]: AppIndex.Entry])?
    private var isCloneable = true
    /// Where the first name of a file with several was copied to.
    private var firstNames: [FileIdentity: [UInt8]] = [:]
    /// What was copied.
    private(set) var index = AppIndex.Recorder()

    /// - Parameter root: the folder that becomes the copy.
    init(root: SnapshotDescriptor, owner: SnapshotOwner, earlier: (copy: SnapshotDescriptor, index: AppIndex)? = nil) {
        self.root = root
        self.owner = owner
        self.earlier = earlier.map { ($0.copy, $0.index.byPath) }
    }

    func begin(_ folder: SnapshotFolder) throws {
        index.add(folder.path, folder.status)
        guard let above = copies.last else { return copies.append(root) }
        guard mkdirat(above.number, folder.name, 0o700) == 0 else { throw SnapshotFault.writing(folder.shown, code: errno) }
        copies.append(
            try SnapshotDescriptor(opening: folder.name, in: above.number, flags: O_DIRECTORY | O_NOFOLLOW, shown: folder.shown))
    }

    /// Only now, because a folder without write permission takes no entries and each entry changes its time.
    func end(_ folder: SnapshotFolder) throws {
        guard let copy = copies.popLast() else { return }
        try owner.apply(to: copy.number, status: folder.status, shown: folder.shown)
    }

    func visit(_ name: [CChar], _ path: [UInt8], _ status: stat, in folder: SnapshotFolder) throws {
        guard let copy = copies.last?.number else { return }
        let shown = String(decoding: path, as: UTF8.self)
        if status.st_mode & S_IFMT == S_IFREG {
            if try !takeOver(name, path, status, in: copy) { try copyFile(name, path, shown, in: folder, to: copy) }
            return
        }
        if status.st_mode & S_IFMT == S_IFLNK {
            let target = try linkTarget(name, shown, in: folder)
            guard symlinkat(target, copy, name) == 0 else { throw SnapshotFault.writing(shown, code: errno) }
        } else {
            guard mkfifoat(copy, name, 0o600) == 0 else { throw SnapshotFault.writing(shown, code: errno) }
        }
        try owner.apply(to: name, in: copy, status: status, shown: shown)
        index.add(path, status)
    }

    private func linkTarget(_ name: [CChar], _ shown: String, in folder: SnapshotFolder) throws -> [CChar] {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlinkat(folder.descriptor.number, name, &target, target.count - 1)
        guard length >= 0 else { throw errno == EINVAL ? SnapshotFault.changed(shown) : SnapshotFault.reading(shown, code: errno) }
        return Array(target[..<length]) + [0]
    }

    /// False when the file is not what it was, or cannot get another name.
    private func takeOver(_ name: [CChar], _ path: [UInt8], _ status: stat, in copy: Int32) throws -> Bool {
        guard let earlier, let entry = earlier.entries[path], entry.identity != nil, entry == AppIndex.Entry(path, status) else {
            return false
        }
        let old = path.map { CChar(bitPattern: $0) } + [0]
        guard linkat(earlier.copy.number, old, copy, name, 0) == 0 else { return false }
        index.add(path, status)
        return true
    }

    private func copyFile(_ name: [CChar], _ path: [UInt8], _ shown: String, in folder: SnapshotFolder, to copy: Int32) throws {
        let source = try SnapshotDescriptor(opening: name, in: folder.descriptor.number, flags: O_NOFOLLOW, shown: shown)
        let status = try source.status(shown: shown)
        guard status.st_mode & S_IFMT == S_IFREG else { throw SnapshotFault.changed(shown) }
        index.add(path, status)
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
