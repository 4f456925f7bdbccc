package import Archive
import CLinux
import Diagnostics
import Glibc

/// A tree that shows as it is, and stays as it is: what is written over it goes elsewhere.
package final class TreeOverlay: Sendable {
    /// Whether a file of the tree that has two names in it still has both when it is written to.
    package static var keepsHardLinks: Bool { !OverlayAttributes.areUnprivileged }

    /// Whether a program can rename a folder of a tree that is mounted so. Where it cannot, it gets EXDEV.
    package static var canRenameFolders: Bool { !OverlayAttributes.areUnprivileged }

    package let mountPoint: String
    private let tree: String
    private let upper: String

    /// - Parameters:
    ///   - tree: a folder that nobody changes.
    ///   - scratch: an existing folder for what is written.
    package init(_ tree: String, scratch: String, owner: Ownership?) throws {
        let overlay = OverlayMount(folder: try UniqueFolder.create(in: scratch, prefix: "tree-", mode: 0o700))
        try overlay.mount(lowers: [tree], owner: owner)
        self.tree = tree
        mountPoint = overlay.mountPoint
        upper = overlay.upper
        do { try showRoot() } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    package func close() { clinux_unmount(mountPoint, CLINUX_MNT_DETACH) }

    /// Whether all is as the tree has it. Modes and contents count; times and owners do not, as in layers.
    package func isUntouched() throws -> Bool {
        let written = try ConfinedDirectory(upper), base = try ConfinedDirectory(tree)
        guard try written.names("").isEmpty, !OverlayEntry.isOpaque(written) else { return false }
        return try written.status("")?.mode == base.status("")?.mode
    }

    /// An overlay's root has the mode and the times of the upper side.
    private func showRoot() throws {
        var status = stat()
        guard stat(tree, &status) == 0, chmod(mountPoint, status.st_mode & 0o7777) == 0 else {
            throw Fault(system: "changing the mode of '\(mountPoint)'")
        }
        let times = [status.st_atim, status.st_mtim]
        guard utimensat(AT_FDCWD, mountPoint, times, 0) == 0 else { throw Fault(system: "changing the times of '\(mountPoint)'") }
    }
}
