import Archive
import CLinux
import Diagnostics
import Glibc

/// One overlay: read-only directories below, one that takes what is written, and the place where the sum of them shows.
///
/// Everything of it lies in one folder under names of one to three characters: the kernel takes one page of options, and so they hold
/// hundreds of lowers without any character that would have to be escaped.
struct OverlayMount {
    /// Exists and is empty.
    let folder: String

    var mountPoint: String { folder + "/m" }
    /// What was written, in overlayfs's own form.
    var upper: String { folder + "/u" }

    /// `lowers`: top first, absolute, no directory twice. `owner`: whose the root of it all is; nil for this process's.
    func mount(lowers: [String], owner: Ownership? = nil) throws {
        for name in ["m", "u", "w"] {
            guard mkdir("\(folder)/\(name)", 0o755) == 0, chmod("\(folder)/\(name)", 0o755) == 0 else {
                throw Fault(system: "creating '\(folder)/\(name)'")
            }
        }
        if let owner, chown(upper, owner.user, owner.group) != 0 { throw Fault(system: "changing the owner of '\(upper)'") }
        var lowers = lowers
        if lowers.isEmpty {
            // overlayfs wants at least one.
            lowers = [folder + "/e"]
            guard mkdir(folder + "/e", 0o755) == 0 else { throw Fault(system: "creating '\(folder)/e'") }
        }
        for (index, lower) in lowers.enumerated() {
            guard symlink(lower, "\(folder)/\(index)") == 0 else { throw Fault(system: "creating '\(folder)/\(index)'") }
        }
        // The kernel resolves the links while it mounts and never again.
        defer { for index in lowers.indices { unlink("\(folder)/\(index)") } }
        let names = "lowerdir=" + lowers.indices.map(String.init).joined(separator: ":") + ",upperdir=u,workdir=w,"
        let code = try PrivateWorkingDirectory.run(in: folder) {
            for options in Self.variants {
                if clinux_mount("overlay", "m", "overlay", UInt(MS_NOSUID | MS_NODEV), names + options) == 0 { return Int32(0) }
                if errno != EINVAL && errno != EOPNOTSUPP { break }
            }
            return errno
        }
        guard code == 0 else {
            throw Fault(system: "mounting an overlay of \(lowers.count) layers in '\(folder)'", code: code, hint: hint(for: code))
        }
    }

    /// `volatile`: nothing here outlives the build, so nothing is flushed to disk. `redirect_dir` lets a program rename a directory of a lower,
    /// `index` keeps hard links together; both need privileged attributes. `metacopy` would hide file contents from whoever reads the upper.
    private static var variants: [String] {
        OverlayAttributes.areUnprivileged
            ? ["volatile,userxattr"]
            : ["volatile,metacopy=off,redirect_dir=on,index=on", "volatile,metacopy=off,redirect_dir=on", "volatile"]
    }

    private func hint(for code: Int32) -> String? {
        let overlayType: Int64 = 0x794c_7630
        if clinux_file_system_type(folder) == overlayType {
            return "'\(folder)' is itself on an overlay (as everything in a container is): point TOTE_HOME at a volume or another disk"
        }
        return switch code {
        case EINVAL, EOPNOTSUPP, ENODEV:
            "overlays need Linux 5.12 or newer, and a file system with extended attributes (ext4, xfs, btrfs, tmpfs of Linux 6.6): point TOTE_HOME at one"
        case EPERM, EACCES: NamespaceAdvice.current().hint
        case ENOSPC: "the machine has no room for more mounts (fs.mount-max)"
        default: nil
        }
    }
}
