package import Archive
import Diagnostics
import Glibc

/// Whose rights tote works with inside its namespaces. In every mode it is user 0 there.
package enum NamespaceMode: Equatable, Sendable {
    /// Root outside too: every id means itself.
    case root
    /// An ordinary user: id 0 is that user, the ids from 1 on are the user's subordinate ids.
    case mapped(SubordinateIDs)
    /// An ordinary user without subordinate ids: id 0 is that user, and no other id exists.
    case single

    /// How files of image layers get their owners in this mode.
    package var ownership: Unpacking.OwnershipMode {
        self == .single ? .current : .keep
    }

    /// Who can own a file here: nil when owners cannot be set, because only one id exists.
    package func owner(user: UInt32, group: UInt32) -> Ownership? {
        self == .single ? nil : Ownership(user: user, group: group)
    }

    /// Who a user of this mode is outside. Inside, `user` must have been mapped.
    package func hostUser(_ user: UInt32) -> UInt32 {
        switch self {
        case .root: user
        case .mapped(let ids): ids.hostUser(user)
        case .single: OutsideUser.current().id
        }
    }

    /// Refuses to go on without more than one id. `purpose` completes "… needs more than one user id".
    package func requireManyIDs(for purpose: String) throws {
        guard self == .single else { return }
        let user = OutsideUser.current()
        let free = SubordinateIDs.free().text
        let hint =
            if SubordinateIDs(of: user) == nil {
                "give yourself some with `sudo usermod --add-subuids \(free) --add-subgids \(free) \(user.name)`, then try again"
            } else {
                NamespaceAdvice.missingMapper ?? "newuidmap could not map the subordinate ids of this user here"
            }
        throw Fault("\(purpose) needs more than one user id, and user '\(user.name)' has no usable subordinate ids", hint: hint)
    }
}

/// Whether overlayfs must keep its notes in `user.*` attributes: everywhere but in the kernel's first user namespace.
enum OverlayAttributes {
    static let areUnprivileged: Bool = {
        var buffer = [CChar](repeating: 0, count: 64)
        let length = readlink("/proc/self/ns/user", &buffer, buffer.count - 1)
        guard length > 0 else { return geteuid() != 0 }
        // The inode number of the first user namespace is part of the kernel's interface.
        return String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self) != "user:[4026531837]"
    }()
}
