import Diagnostics
import Glibc

/// Takes what a walk over an app's folder meets, in an order that only the names decide.
protocol SnapshotVisitor: AnyObject {
    /// The folder is kept, or something beneath it: the parents of what is kept are kept. Comes before anything in it.
    func begin(_ folder: SnapshotFolder) throws
    /// A file, link or pipe that is kept. `status` is what it was a moment ago; `name` ends with a zero.
    func visit(_ name: [CChar], _ path: [UInt8], _ status: stat, in folder: SnapshotFolder) throws
    /// Comes after everything in the folder, if it began.
    func end(_ folder: SnapshotFolder) throws
}

/// A walk over what the filter keeps of an app's folder. Links are never followed; sockets are left out, devices refused.
struct SnapshotWalk<Visitor: SnapshotVisitor> {
    let filter: AppFilter
    let visitor: Visitor

    func run(_ root: SnapshotFolder) throws {
        try begin(root)
        try visitContents(of: root)
        try visitor.end(root)
    }

    private func visitContents(of folder: SnapshotFolder) throws {
        try Task.checkCancellation()
        for name in try folder.names() {
            let path = folder.path(of: name)
            let isKept = filter.keeps(path)
            var status = stat()
            guard fstatat(folder.descriptor.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                if !isKept { continue }
                throw SnapshotFault.reading(String(decoding: path, as: UTF8.self), code: errno)
            }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try visitFolder(name, path, in: folder, isKept: isKept)
            case S_IFSOCK: continue
            case _ where !isKept: continue
            case S_IFREG, S_IFLNK, S_IFIFO:
                try begin(folder)
                try visitor.visit(name, path, status, in: folder)
            default:
                throw Fault(
                    "'\(String(decoding: path, as: UTF8.self))' in the app's folder is a device",
                    hint: "an image holds no devices: leave it out with 'exclude' in project.toml")
            }
        }
    }

    private func visitFolder(_ name: [CChar], _ path: [UInt8], in parent: SnapshotFolder, isKept: Bool) throws {
        let isEmptied = filter.dropsEverythingBeneath(path)
        if isEmptied, !isKept { return }
        let folder = try SnapshotFolder(name, path: path, in: parent)
        if isKept { try begin(folder) }
        if !isEmptied { try visitContents(of: folder) }
        if folder.hasBegun { try visitor.end(folder) }
    }

    private func begin(_ folder: SnapshotFolder) throws {
        guard !folder.hasBegun else { return }
        if let parent = folder.parent { try begin(parent) }
        folder.hasBegun = true
        try visitor.begin(folder)
    }
}
