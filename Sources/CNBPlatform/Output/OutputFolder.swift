import Archive
import Diagnostics
import Glibc

/// A folder of the caller's that a command writes files to. It is made when it is missing, with those above it.
struct OutputFolder {
    /// Absolute.
    var path: String
    /// For messages: `--report-output-dir`.
    let option: String

    /// Refuses what cannot be such a folder, before any work is done for it.
    func check() throws(Fault) {
        var existing = path
        while true {
            var status = stat()
            if stat(existing, &status) == 0 {
                guard status.st_mode & S_IFMT == S_IFDIR else {
                    throw Fault("\(option): '\(existing)' is not a folder", hint: "name another one")
                }
                guard access(existing, W_OK | X_OK) == 0 else {
                    throw Fault(system: "\(option): writing to '\(existing)'", hint: Self.hint)
                }
                return
            }
            guard errno == ENOENT, let slash = existing.lastIndex(of: "/") else {
                throw Fault(system: "\(option): '\(existing)'", hint: Self.hint)
            }
            // A link to nowhere is there, and yet no folder.
            var link = stat()
            if lstat(existing, &link) == 0 {
                throw Fault("\(option): '\(existing)' is a link that leads nowhere", hint: "name another one")
            }
            existing = slash == existing.startIndex ? "/" : String(existing[..<slash])
        }
    }

    /// Makes it if need be and opens it.
    func open() throws -> ConfinedDirectory {
        try make(path)
        return try ConfinedDirectory(path)
    }

    private static let hint = "name a folder that you can write to"

    private func make(_ folder: String) throws(Fault) {
        if mkdir(folder, 0o777) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else {
            throw Fault(system: "\(option): making '\(folder)'", hint: Self.hint)
        }
        try make(String(folder[..<slash]))
        guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw Fault(system: "\(option): making '\(folder)'", hint: Self.hint) }
    }
}
