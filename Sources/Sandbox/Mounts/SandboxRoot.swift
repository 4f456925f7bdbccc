package import Archive
import CLinux
import Diagnostics
import Glibc
import Synchronization

/// One mounted root file system for commands: image layers below, and a fresh directory above that takes what they write.
///
/// Only inside ``Namespace/enter()``: the mounts are seen by nobody else and are gone with this process. Mounts are nosuid and nodev.
package final class SandboxRoot: Sendable {
    /// The root as the commands see it. Everything below may be hostile, so it is only read through this.
    package let directory: ConfinedDirectory
    /// Where it is mounted.
    package let mountPoint: String
    /// What the commands wrote, in the form that overlayfs gives it.
    package let upper: String
    /// For the files of the runtime, away from what the commands can reach.
    let folder: String
    let mode: NamespaceMode

    private struct State {
        var isMounted = true
        var hasNetworkFiles = false
    }
    private let state = Mutex(State())

    /// `lowers`: unpacked layers as ``RootFilesystems`` hands them out, top first. `scratch`: an existing folder, usually a ``BuildScratch``.
    package init(lowers: [String], scratch: String, mode: NamespaceMode) throws {
        folder = try UniqueFolder.create(in: scratch, prefix: "root-", mode: 0o700)
        self.mode = mode
        let overlay = OverlayMount(folder: folder)
        mountPoint = overlay.mountPoint
        upper = overlay.upper
        try overlay.mount(lowers: lowers)
        do { directory = try ConfinedDirectory(overlay.mountPoint, shown: "/") } catch {
            clinux_unmount(overlay.mountPoint, CLINUX_MNT_DETACH)
            throw error
        }
        // Here and not by the runtime: only so is everything that is mounted below it read-only, too.
        try bind("/sys", at: "/sys", readOnly: true)
    }

    deinit { close() }

    /// Shows a file or directory of the host inside the root, with what is mounted below it. The mount point is made when it is missing;
    /// links on the way to it are those of the root and never lead out of it.
    package func bind(_ source: String, at target: String, readOnly: Bool) throws {
        var status = stat()
        guard stat(source, &status) == 0 else { throw Fault(system: "showing '\(source)' in the sandbox at '\(target)'") }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        try makeMountPoint(target, isDirectory: isDirectory)
        let tree = try MountTree(copying: source)
        try tree.restrict(readOnly: readOnly)
        let point = clinux_openat2(
            directory.descriptor, RawPath(target).components.isEmpty ? "." : target, UInt64(CLINUX_O_PATH), 0,
            clinux_resolve_in_root | clinux_resolve_no_magiclinks)
        guard point >= 0 else { throw Fault(system: "opening '\(target)' of the sandbox") }
        defer { Glibc.close(point) }
        // Over the root, the mount would be what the runtime works in.
        if let place = FileStatus(of: point), let root = FileStatus(of: directory.descriptor), place.isSameFile(as: root) {
            throw Fault("'\(target)' leads to the root of the sandbox, where nothing can be shown")
        }
        try tree.attach(to: point, named: target)
    }

    private func makeMountPoint(_ target: String, isDirectory: Bool) throws {
        if let existing = try directory.status(target) {
            guard (existing.kind == .directory) == isDirectory else {
                throw Fault(
                    "'\(target)' of the sandbox is \(isDirectory ? "not a directory" : "a directory"), what is to be shown there is not")
            }
        } else if isDirectory {
            try directory.makeDirectories(target, mode: 0o755, owner: nil)
        } else {
            if let parent = RawPath(target).split?.parent { try directory.makeDirectories(parent, mode: 0o755, owner: nil) }
            try directory.write(target, [], mode: 0o644, owner: nil)
        }
    }

    /// How a command with the host's network finds names: as the host does.
    func bindNetworkFiles() throws {
        let isFirst = state.withLock { state in
            defer { state.hasNetworkFiles = true }
            return !state.hasNetworkFiles
        }
        guard isFirst else { return }
        for file in ["/etc/resolv.conf", "/etc/hosts"] where access(file, R_OK) == 0 { try bind(file, at: file, readOnly: true) }
    }

    /// Unmounts the root and everything in it. Nothing of it may be in use any more; calling it again does nothing.
    package func close() {
        let wasMounted = state.withLock { state in
            defer { state.isMounted = false }
            return state.isMounted
        }
        if wasMounted { clinux_unmount(mountPoint, CLINUX_MNT_DETACH) }
    }
}
