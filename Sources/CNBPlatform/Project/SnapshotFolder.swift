import Glibc

/// A folder on the way down through an app's folder.
final class SnapshotFolder {
    let descriptor: SnapshotDescriptor
    /// When it was opened.
    let status: stat
    /// Relative to the app's folder; empty for the folder itself.
    let path: [UInt8]
    /// Ends with a zero; empty for the app's folder itself.
    let name: [CChar]
    let parent: SnapshotFolder?
    /// Whether the walk's visitor has been told of it.
    var hasBegun = false

    /// The app's folder itself.
    init(root: SnapshotDescriptor, shown: String) throws {
        descriptor = root
        status = try root.status(shown: shown)
        (path, name, parent) = ([], [], nil)
    }

    init(_ name: [CChar], path: [UInt8], in parent: SnapshotFolder) throws {
        let shown = String(decoding: path, as: UTF8.self)
        descriptor = try SnapshotDescriptor(opening: name, in: parent.descriptor.number, flags: O_DIRECTORY | O_NOFOLLOW, shown: shown)
        status = try descriptor.status(shown: shown)
        self.path = path
        self.name = name
        self.parent = parent
    }

    func path(of name: [CChar]) -> [UInt8] {
        let bytes = name.dropLast().map { UInt8(bitPattern: $0) }
        return path.isEmpty ? bytes : path + [UInt8(ascii: "/")] + bytes
    }

    var shown: String { String(decoding: path, as: UTF8.self) }

    /// The names in the folder, sorted, read at once so that the number of open folders is the depth alone.
    func names() throws -> [[CChar]] {
        // fdopendir takes the descriptor over, so it gets one of its own.
        let duplicate = openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard duplicate >= 0, let stream = fdopendir(duplicate) else {
            let code = errno
            if duplicate >= 0 { close(duplicate) }
            throw SnapshotFault.reading(shown.isEmpty ? "." : shown, code: code)
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw SnapshotFault.reading(shown, code: errno) }
                return names.sorted { strcmp($0, $1) < 0 }
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { start in
                start.withMemoryRebound(to: CChar.self, capacity: 256) { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
            }
            if name != [0x2e, 0], name != [0x2e, 0x2e, 0] { names.append(name) }
        }
    }
}
