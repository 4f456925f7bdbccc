import Archive
import CLinux
import Diagnostics
import Sandbox

/// Filtered copies of apps' folders that outlive a build: `$TOTE_HOME/apps/<boot>/<name>/`, with the copy in `app` and what the folder was like
/// in `index`. They are only ever shown below an overlay, so nothing changes them, and two of them may share files.
struct KeptApps: Sendable {
    private let trees: BootTrees
    private let owner: Ownership?

    /// `path`: created when missing. `owner`: whose the copies are; nil where only one id exists.
    init(at path: String, owner: Ownership?) throws {
        trees = try BootTrees(at: path)
        self.owner = owner
    }

    /// The copy of the folder as it is now: the last one if nothing changed, else a new one that shares what did not change.
    ///
    /// - Parameter last: the name of the last copy, whatever it is of. Nobody may remove it meanwhile.
    func copy(of folder: String, filter: AppFilter, last: String?) throws -> KeptApp {
        let snapshot = AppSnapshot(filter: filter, owner: owner)
        let heading = self.heading(folder, filter)
        let earlier = last.flatMap { self.earlier($0, heading) }
        if let last, let earlier {
            let now = try snapshot.index(of: folder)
            if earlier.index.isConfirmed(by: now) {
                return KeptApp(name: last, folder: earlier.path, index: now)
            }
        }
        let tree = try trees.unfinishedTree()
        do {
            let index = try snapshot.copy(from: folder, to: tree.path + "/app", over: earlier)
            try ConfinedDirectory(tree.path).write("index", heading + index.encoded(), mode: 0o600)
            return KeptApp(name: name(of: tree), folder: tree.path + "/app", index: index, earlier: earlier?.index, unfinished: tree)
        } catch {
            // The first error is the one to tell; what cannot be removed now is swept by a later run.
            try? tree.discard()
            throw error
        }
    }

    /// Whether what is in the folder can be told by looks: a file server may have a clock of its own, or say nothing of changes.
    static func canKeep(_ folder: String) -> Bool { !remoteFileSystems.contains(clinux_file_system_type(folder)) }

    /// NFS, SMB, CIFS, SMB2, FUSE, 9P, Ceph, AFS, Lustre, VirtualBox, Parallels.
    private static let remoteFileSystems: Set<Int64> = [
        0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x0102_1997, 0x00C3_6400, 0x5346_414F, 0x0BD0_0BD0, 0x786F_4256,
        0x7C7C_6673,
    ]

    /// Random as the folder in the making, so no two copies ever have the same name.
    private func name(of tree: UnfinishedTree) -> String { "app-" + (tree.path.split(separator: "-").last ?? "") }

    private func earlier(_ name: String, _ heading: [UInt8]) -> (path: String, index: AppIndex)? {
        guard RawPath(name).isOneName, trees.contains(name) else { return nil }
        let path = trees.path(of: name)
        guard let bytes = try? ConfinedDirectory(path).readIfPresent("index", limit: Self.indexLimit), bytes.starts(with: heading),
            let index = AppIndex(decoding: Array(bytes.dropFirst(heading.count)))
        else { return nil }
        return (path + "/app", index)
    }

    private static let indexLimit = 1 << 30

    /// What an index is of: copies of another folder, with another filter or of another owner are of no use.
    private func heading(_ folder: String, _ filter: AppFilter) -> [UInt8] {
        let ids = owner.map { "\($0.user):\($0.group)" } ?? "single"
        let parts = [folder, ids] + filter.patterns
        return Array(Digest.of(Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8)).hex.utf8) + [UInt8(ascii: "\n")]
    }
}

/// A kept copy, which may still be in the making.
struct KeptApp: Sendable {
    /// Its name once it is kept.
    let name: String
    /// Where the app's files are.
    let folder: String
    /// Whether a file has two names in it.
    var hasHardLinks: Bool { index.hasHardLinks }
    /// Whether there is a folder in it.
    var hasFolders: Bool { index.hasFolders }
    /// Nil for one that an earlier build made.
    let unfinished: UnfinishedTree?
    private let index: AppIndex
    private let earlier: AppIndex?

    init(name: String, folder: String, index: AppIndex, earlier: AppIndex? = nil, unfinished: UnfinishedTree? = nil) {
        self.name = name
        self.folder = folder
        self.index = index
        self.earlier = earlier
        self.unfinished = unfinished
    }

    /// The files that are not as the last copy has them; nil when there is none, or it is of something else.
    var changes: (written: Set<RawPath>, gone: Set<RawPath>)? { earlier.map { index.changes(since: $0) } }

    /// Makes it one that the next build finds.
    func keep() throws { try unfinished?.publish(as: name) }

    /// For a build that came to nothing.
    func discard() throws { try unfinished?.discard() }
}
