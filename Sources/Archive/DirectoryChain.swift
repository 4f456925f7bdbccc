import CLinux
import Glibc

/// The open directories from a starting point down to the one at hand, for trees of any depth.
///
/// Only the deepest 64 are kept open. One that was closed is opened again as ".." of its child and must then be the same directory
/// as before, so that no change of the tree leads anywhere else.
final class DirectoryChain {
    /// The path of the start, for messages.
    private let display: String
    private let crossesMounts: Bool
    private var levels: [Level] = []
    private static let openLimit = 64

    private struct Level {
        var descriptor: Int32?
        let status: FileStatus
        /// Below the start; empty at the start.
        let path: RawPath
    }

    /// Takes over the descriptor of the starting directory.
    init(start: Int32, display: String, crossesMounts: Bool) throws {
        self.display = display
        self.crossesMounts = crossesMounts
        guard let status = FileStatus(of: start) else {
            let code = errno
            close(start)
            throw ConfinedDirectory.failure("reading", display, code)
        }
        levels = [Level(descriptor: start, status: status, path: "")]
    }

    deinit {
        for level in levels {
            if let descriptor = level.descriptor { close(descriptor) }
        }
    }

    /// The deepest directory. Always open.
    var descriptor: Int32 { levels.last?.descriptor ?? -1 }
    var status: FileStatus? { levels.last?.status }
    var path: RawPath { levels.last?.path ?? "" }

    /// How messages name an entry of the deepest directory.
    func display(_ name: RawPath) -> String { RawPath(display).appending(path).appending(name).string }

    /// Goes down into an entry; it must be a directory itself, not a link to one, and the one seen before when `expected` is given.
    func descend(into name: RawPath, expecting expected: FileStatus? = nil) throws {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK
        let opened = name.withCString {
            crossesMounts
                ? clinux_openat(descriptor, $0, flags, 0)
                : clinux_openat2(descriptor, $0, UInt64(UInt32(bitPattern: flags)), 0, clinux_resolve_no_xdev)
        }
        guard opened >= 0 else {
            let code = errno
            throw code == ELOOP || code == ENOTDIR
                ? ConfinementError.changed(path: display(name)) : ConfinedDirectory.failure("opening", display(name), code)
        }
        guard let status = FileStatus(of: opened), expected?.isSameFile(as: status) ?? true else {
            close(opened)
            throw ConfinementError.changed(path: display(name))
        }
        levels.append(Level(descriptor: opened, status: status, path: path.appending(name)))
        let excess = levels.count - 1 - Self.openLimit
        if excess >= 0, let descriptor = levels[excess].descriptor {
            close(descriptor)
            levels[excess].descriptor = nil
        }
    }

    /// Goes back up by one.
    func ascend() throws {
        guard let left = levels.popLast(), let descriptor = left.descriptor else { return }
        defer { close(descriptor) }
        guard let parent = levels.last, parent.descriptor == nil else { return }
        let opened = clinux_openat(descriptor, "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK, 0)
        guard opened >= 0 else { throw ConfinedDirectory.failure("opening", display(""), errno) }
        guard FileStatus(of: opened)?.isSameFile(as: parent.status) == true else {
            close(opened)
            throw ConfinementError.changed(path: display(""))
        }
        levels[levels.count - 1].descriptor = opened
    }
}
