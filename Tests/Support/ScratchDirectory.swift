import Archive
import FoundationEssentials
import Glibc

/// A fresh private directory that is removed with its last reference, whatever tests or hostile programs left in it.
package final class ScratchDirectory: Sendable {
    package let path: String

    /// - Parameter parent: where; by default a file system in memory where there is a large one: tests create and delete many small files.
    package init(in parent: String? = nil) throws {
        let base = parent ?? (Self.hasRoomInMemory ? "/dev/shm" : "/tmp")
        var template = Array("\(base)/tote-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestSetupError("no scratch directory in \(base): \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// All tests of a run together need about a gigabyte; containers often have 64 megabytes there.
    private static let hasRoomInMemory: Bool = {
        var status = statvfs()
        return access("/dev/shm", W_OK) == 0 && statvfs("/dev/shm", &status) == 0
            && UInt64(status.f_bavail) * UInt64(status.f_frsize) > 2 << 30
    }()

    deinit {
        // What a daemon still mounts or what belongs to other ids stays.
        guard let directory = try? ConfinedDirectory(path) else { return }
        for name in (try? directory.names(".")) ?? [] { try? directory.removeTree(name) }
        rmdir(path)
    }

    /// The path of something inside.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    package func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
    }

    /// Writes a file and makes the folders that it is in, all with modes of their own whatever the umask.
    package func makeFile(_ name: String, _ text: String = "", mode: UInt32 = 0o644) throws {
        try makeFolder(name.split(separator: "/").dropLast().joined(separator: "/"))
        try write(text, to: name)
        chmod(path(name), mode)
    }

    package func makeFolder(_ name: String) throws {
        var folder = path
        for component in name.split(separator: "/") {
            folder += "/" + component
            if mkdir(folder, 0o755) == 0 { chmod(folder, 0o755) }
        }
        guard access(folder, F_OK) == 0 else { throw TestSetupError("'\(folder)' cannot be made: \(String(cString: strerror(errno)))") }
    }

    /// The text of a file inside; empty when there is none.
    package func text(_ name: String) -> String {
        (try? Data(contentsOf: URL(filePath: path(name)))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// A test could not even begin.
package struct TestSetupError: Error, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
