import FoundationEssentials
import Glibc

/// A fresh private directory that is removed with its last reference.
package final class ScratchDirectory: Sendable {
    package let path: String

    package init() throws {
        // tmpfs where there is one: tests create and delete many small files.
        let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(base)/tote-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestSetupError("no scratch directory in \(base): \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something inside.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    package func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
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
