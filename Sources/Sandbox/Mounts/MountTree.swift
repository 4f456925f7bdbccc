import CLinux
import Diagnostics
import Glibc

/// A copy of a part of the mount tree that is not attached anywhere yet, restricted before anybody can see it.
struct MountTree: ~Copyable {
    private let descriptor: Int32

    /// The file or directory at `path` with everything mounted below it.
    init(copying path: String) throws {
        descriptor = clinux_open_tree(AT_FDCWD, path, Self.openTreeClone | Self.recursive | UInt32(O_CLOEXEC))
        guard descriptor >= 0 else { throw Fault(system: "opening '\(path)' to show it in the sandbox", hint: Self.hint(for: errno)) }
    }

    deinit { close(descriptor) }

    /// Takes away set-user-id programs and device nodes, and writing when `readOnly`; in everything mounted below, too.
    func restrict(readOnly: Bool) throws {
        let attributes = Self.noSetUserID | Self.noDevices | (readOnly ? Self.readOnly : 0)
        guard clinux_mount_setattr(descriptor, "", UInt32(CLINUX_AT_EMPTY_PATH) | Self.recursive, attributes, 0) == 0 else {
            throw Fault(system: "restricting a mount", hint: Self.hint(for: errno))
        }
    }

    /// Attaches it over an open file or directory.
    func attach(to target: Int32, named name: String) throws {
        guard clinux_move_mount(descriptor, "", target, "", Self.emptyPaths) == 0 else {
            throw Fault(system: "mounting over '\(name)' of the sandbox")
        }
    }

    private static func hint(for code: Int32) -> String? { code == ENOSYS ? "the sandbox needs Linux 5.12 or newer" : nil }

    /// OPEN_TREE_CLONE
    private static let openTreeClone: UInt32 = 1
    /// AT_RECURSIVE
    private static let recursive: UInt32 = 0x8000
    /// MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH
    private static let emptyPaths: UInt32 = 0x4 | 0x40
    /// MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV
    private static let readOnly: UInt64 = 1
    private static let noSetUserID: UInt64 = 2
    private static let noDevices: UInt64 = 4
}
