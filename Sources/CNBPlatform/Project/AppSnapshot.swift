package import Archive
import Diagnostics
import Glibc

/// A private, filtered copy of the app's folder, for buildpacks to work in.
///
/// Links are copied as links and never followed, hard links stay hard links to each other, named pipes are made anew, sockets are
/// left out. Modes and modification times are kept, those of the folder itself too.
package struct AppSnapshot {
    private let filter: AppFilter
    private let owner: Ownership?

    /// `owner` nil leaves what is made with the ids of this process.
    package init(filter: AppFilter, owner: Ownership?) {
        self.filter = filter
        self.owner = owner
    }

    /// Copies the folder at `source` to `destination`, a folder that is made here or is empty. On an error, what was copied so far stays.
    ///
    /// - Parameter earlier: an earlier copy that nobody changes, on the same file system, and its index.
    /// - Returns: what the app's folder was like.
    @discardableResult
    func copy(from source: String, to destination: String, over earlier: (path: String, index: AppIndex)? = nil) throws -> AppIndex {
        let from = try folder(source)
        try refuseNesting(source, from.status, destination)
        if mkdir(destination, 0o700) != 0, errno != EEXIST {
            throw Fault(system: "making '\(destination)'")
        }
        let to = try openFolder(destination, as: "opening '\(destination)'", flags: O_NOFOLLOW)
        // No set-group-id bit, so that new entries get the group of this process.
        guard fchmod(to.number, 0o700) == 0 else { throw Fault(system: "changing the mode of '\(destination)'") }
        let copier = SnapshotCopier(
            root: to, owner: SnapshotOwner(owner),
            earlier: try earlier.map { (try openFolder($0.path, as: "opening '\($0.path)'", flags: O_NOFOLLOW), $0.index) })
        try SnapshotWalk(filter: filter, visitor: copier).run(from)
        return copier.index.finished()
    }

    /// Looks at the folder at `source` as copying does, but reads no file.
    func index(of source: String) throws -> AppIndex {
        let scan = AppScan()
        try SnapshotWalk(filter: filter, visitor: scan).run(folder(source))
        return scan.index.finished()
    }

    private func folder(_ source: String) throws -> SnapshotFolder {
        let opened = try openFolder(source, as: "reading the app's folder '\(source)'", hint: "check the path given with --path")
        return try SnapshotFolder(root: opened, shown: source)
    }

    /// A copy inside what is copied would never end.
    private func refuseNesting(_ source: String, _ status: stat, _ destination: String) throws {
        var above = destination
        while above.count > 1, above.hasSuffix("/") { above.removeLast() }
        above = above.lastIndex(of: "/").map { String(above[..<$0]) + "/" } ?? "."
        // The folder itself may be there already, and be the app's.
        var known = stat()
        if stat(destination, &known) == 0, known.st_dev == status.st_dev, known.st_ino == status.st_ino {
            throw nesting(source, destination)
        }
        var directory = try openFolder(above, as: "opening '\(above)'")
        var current = try directory.status(shown: above)
        while true {
            if current.st_dev == status.st_dev, current.st_ino == status.st_ino { throw nesting(source, destination) }
            // A folder above that this user may not open cannot be told from others; it is not the app's, which was opened.
            let number = openat(directory.number, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard number >= 0 else { return }
            directory = SnapshotDescriptor(owning: number)
            let parent = try directory.status(shown: above)
            if parent.st_dev == current.st_dev, parent.st_ino == current.st_ino { return }
            current = parent
        }
    }

    private func openFolder(_ path: String, as action: String, flags: Int32 = 0, hint: String? = nil) throws -> SnapshotDescriptor {
        let number = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags)
        guard number >= 0 else { throw Fault(system: action, hint: hint) }
        return SnapshotDescriptor(owning: number)
    }

    private func nesting(_ source: String, _ destination: String) -> Fault {
        Fault(
            "the app's folder '\(source)' holds '\(destination)', where tote would copy it to",
            hint: "build a folder that does not hold tote's own, or set TOTE_HOME to a folder outside of the app")
    }
}
