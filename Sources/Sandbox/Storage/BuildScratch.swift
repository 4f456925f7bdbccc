/// The private folder of one running build, `$TOTE_HOME/tmp/<random>/`.
///
/// What is in it may belong to subordinate ids, so it is made, used and removed inside ``Namespace/enter()``.
package final class BuildScratch: Sendable {
    private static let prefix = "b-"
    private let folder: LockedFolder

    /// The folder's absolute path. It has mode 0700.
    package var path: String { folder.path }

    /// Creates a new scratch folder in `parent`, which is created too when it is missing.
    package init(in parent: String) throws {
        try UniqueFolder.createAll(parent)
        folder = try LockedFolder(in: parent, prefix: Self.prefix)
    }

    /// Removes the folder with all in it. Mounts below are taken off first.
    package func remove() throws { try folder.remove() }

    /// Removes what dead processes left in `parent`, told by their locks.
    package static func sweep(_ parent: String) throws { try LockedFolder.sweep(parent, prefix: prefix) }
}
