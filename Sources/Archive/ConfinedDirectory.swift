import CLinux
import Glibc

/// A directory that no path given to it can leave.
///
/// What builds and images leave behind is hostile input: links to any host path, FIFOs, devices. Every path is resolved by the
/// kernel with this directory as its root (openat2, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS): ".." stops at it and absolute links
/// start from it. A path may be written with or without a leading slash; "", "." and "/" are the directory itself.
package final class ConfinedDirectory: Sendable {
    /// Open for reading; valid as long as this object.
    package let descriptor: Int32
    /// How messages name the directory: the host path it was opened by.
    package let hostPath: String

    /// Opens a directory of the host. Links in `hostPath` are followed: it is the caller's own path.
    ///
    /// `shown`: how messages name the directory, when its host path would tell a reader nothing.
    package init(_ hostPath: String, shown: String? = nil) throws {
        let opened = clinux_openat(AT_FDCWD, hostPath, O_RDONLY | O_DIRECTORY, 0)
        guard opened >= 0 else { throw Self.failure("opening", hostPath, errno, wantsDirectory: true) }
        descriptor = opened
        self.hostPath = shown ?? hostPath
    }

    private init(owning descriptor: Int32, hostPath: String) {
        self.descriptor = descriptor
        self.hostPath = hostPath
    }

    deinit { close(descriptor) }

    /// A directory inside as a root of its own: its links can no longer reach what is above it.
    package func directory(_ path: some TreePath) throws -> ConfinedDirectory {
        let opened = try openDescriptor(path, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK)
        return ConfinedDirectory(owning: opened, hostPath: display(path))
    }

    /// How messages name a path in here.
    func display(_ path: some TreePath) -> String {
        path.rawPath.components.reduce(RawPath(hostPath)) { $0.appending($1) }.string
    }

    /// Opens with the kernel's confinement. The caller closes.
    func openDescriptor(_ path: some TreePath, flags: Int32, action: String = "opening") throws -> Int32 {
        let raw = path.rawPath
        guard !raw.bytes.contains(0) else { throw ConfinementError.badPath(path: display(path)) }
        let confined = clinux_resolve_in_root | clinux_resolve_no_magiclinks
        // openat2 is strict: with O_PATH other flags are an error.
        let wanted = UInt64(UInt32(bitPattern: flags & CLINUX_O_PATH != 0 ? flags : flags | O_NOCTTY))
        // EAGAIN: something was renamed while the kernel walked through "..": look again, but not for ever.
        for _ in 0..<64 {
            let opened =
                raw.isEmpty
                ? clinux_openat2(descriptor, ".", wanted, 0, confined)
                : raw.withCString { clinux_openat2(descriptor, $0, wanted, 0, confined) }
            if opened >= 0 { return opened }
            guard errno == EAGAIN || errno == EINTR else { break }
        }
        throw Self.failure(action, display(path), errno, wantsDirectory: flags & O_DIRECTORY != 0)
    }

    /// The directory that holds the last name of a path, opened, and that name. The caller closes.
    func openParent(of path: some TreePath, action: String = "opening") throws -> (descriptor: Int32, name: RawPath) {
        guard let (parent, name) = path.rawPath.split else { throw ConfinementError.badPath(path: display(path)) }
        return (try openDescriptor(parent, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK, action: action), name)
    }

    static func failure(_ action: String, _ path: String, _ code: Int32, wantsDirectory: Bool = false) -> ConfinementError {
        switch code {
        case ENOENT: .missing(path: path)
        case ENOTDIR: wantsDirectory ? .notDirectory(path: path) : .missing(path: path)
        default: .system(action: action, path: path, code: code)
        }
    }
}
