import Archive
import Diagnostics
import Glibc

/// A copy of a public file where every user may read it.
///
/// mmdebstrap's user namespace does not map the caller: whatever lies in a private folder cannot be read from inside.
final class ReadableCopy: Sendable {
    let path: String
    private let folder: String

    /// - Parameter folder: where everybody may go, such as /tmp.
    init(of source: String, in folder: String = "/tmp") throws {
        let bytes = try ConfinedDirectory("/").read(source)
        var template = Array("\(folder)/tote-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Fault(system: "making a folder in '\(folder)'") }
        self.folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        path = "\(self.folder)/certificates.pem"
        guard chmod(self.folder, 0o755) == 0 else { throw Fault(system: "opening '\(self.folder)' to others") }
        try ConfinedDirectory(self.folder).write("certificates.pem", bytes, mode: 0o644, owner: nil)
    }

    func remove() {
        unlink(path)
        rmdir(folder)
    }
}
