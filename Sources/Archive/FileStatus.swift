import CLinux
import Glibc

/// What the kernel says of a file, in the parts that matter here.
package struct FileStatus: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case file, directory, symbolicLink, fifo, characterDevice, blockDevice, socket
    }

    /// A point in time since 1970.
    package struct Time: Hashable, Comparable, Sendable {
        package var seconds: Int64
        package var nanoseconds: Int64

        package static func < (a: Time, b: Time) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }
    }

    package var kind: Kind
    /// Permissions with the set-id and sticky bits, 07777.
    package var mode: UInt32
    package var owner: Ownership
    package var size: Int64
    /// Bytes of the disk that it takes.
    package var allocated: Int64
    package var modified: Time
    /// When the inode last changed (ctime).
    package var changed: Time
    package var inode: UInt64
    /// Of the file system that the file is on.
    package var device: UInt64
    package var links: UInt64
    /// Of a device node.
    package var deviceMajor: UInt32
    package var deviceMinor: UInt32

    init(_ raw: stat) {
        kind = Self.kind(ofMode: raw.st_mode)
        mode = raw.st_mode & 0o7777
        owner = Ownership(user: raw.st_uid, group: raw.st_gid)
        size = Int64(raw.st_size)
        allocated = Int64(raw.st_blocks) * 512
        modified = Time(seconds: Int64(raw.st_mtim.tv_sec), nanoseconds: Int64(raw.st_mtim.tv_nsec))
        changed = Time(seconds: Int64(raw.st_ctim.tv_sec), nanoseconds: Int64(raw.st_ctim.tv_nsec))
        inode = UInt64(raw.st_ino)
        device = UInt64(raw.st_dev)
        links = UInt64(raw.st_nlink)
        deviceMajor = clinux_major(UInt64(raw.st_rdev))
        deviceMinor = clinux_minor(UInt64(raw.st_rdev))
    }

    private static func kind(ofMode mode: mode_t) -> Kind {
        switch mode & S_IFMT {
        case S_IFDIR: .directory
        case S_IFLNK: .symbolicLink
        case S_IFIFO: .fifo
        case S_IFCHR: .characterDevice
        case S_IFBLK: .blockDevice
        case S_IFSOCK: .socket
        default: .file
        }
    }

    /// Whether both are the same file, not just an equal one.
    package func isSameFile(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }

    /// Whether this is how overlayfs writes down a removed entry.
    package var isWhiteout: Bool { kind == .characterDevice && deviceMajor == 0 && deviceMinor == 0 }
}

extension FileStatus {
    /// Of an open descriptor; nil with `errno` set.
    package init?(of descriptor: Int32) {
        var raw = stat()
        guard fstat(descriptor, &raw) == 0 else { return nil }
        self.init(raw)
    }

    /// Of an entry of an open directory, never through a link; nil with `errno` set.
    package init?(of name: UnsafePointer<CChar>, in directory: Int32) {
        var raw = stat()
        guard fstatat(directory, name, &raw, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        self.init(raw)
    }
}
