import CLinux
import Diagnostics
import Glibc
import Sandbox

/// Volumes of a build. pack only warns of a target that belongs to the build; here it is an error (S-4).
extension Volume {
    /// Where buildpacks look for service bindings (J-3).
    static let bindings = "/platform/bindings"

    /// Whether it is a service binding, or a folder of them.
    var isBinding: Bool { Self.isInside(target, Self.bindings) }

    /// What a build itself fills, and what the sandbox does.
    private static let reserved = ["/cnb", "/layers", "/platform", "/proc", "/sys", "/dev"]

    /// Refuses volumes that a build with this workspace cannot have.
    static func checkForBuild(_ volumes: [Volume], workspace: WorkspaceName) throws(Fault) {
        for volume in volumes {
            if volume.isBinding {
                guard volume.isReadOnly else {
                    // J-5
                    throw Fault("--volume: the service binding '\(volume.target)' cannot be writable", hint: "leave ':rw' out")
                }
            } else if let owner = (reserved + [workspace.path]).first(where: { isInside(volume.target, $0) }) {
                throw Fault(
                    "--volume: '\(volume.target)' is no place for a volume: '\(owner)' belongs to the build",
                    hint: "choose another target; service bindings go to '\(bindings)/NAME'")
            }
        }
        try check(volumes)
    }

    private static func isInside(_ path: String, _ folder: String) -> Bool { path == folder || path.hasPrefix(folder + "/") }

    /// What keeps the build user from the host path, as far as its permissions tell; nil when nothing does.
    func obstacle(user: UInt32, group: UInt32, mode: NamespaceMode) throws(Fault) -> Fault? {
        // With one id, everybody is the caller. A binding is copied, readable to all.
        guard mode != .single, !isBinding, getxattr(source, "system.posix_acl_access", nil, 0) <= 0 else { return nil }
        let status = try status()
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        let wanted: mode_t = (isReadOnly ? 4 : 6) | (isFolder ? 1 : 0)
        let shift: mode_t = status.st_uid == user ? 6 : status.st_gid == group ? 3 : 0
        guard (status.st_mode >> shift) & wanted != wanted else { return nil }
        let outside = mode.hostUser(user)
        let letters = (isReadOnly ? "r" : "rw") + (isFolder ? "x" : "")
        return Fault(
            "the build user (id \(outside) of this machine) may not \(isReadOnly ? "read" : "write") '\(source)'",
            hint: "'setfacl -m u:\(outside):\(letters) \(source)' or 'chmod o+\(letters) \(source)' lets it")
    }
}
