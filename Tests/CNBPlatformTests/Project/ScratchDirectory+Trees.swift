import Glibc
import TestSupport

extension ScratchDirectory {
    func makeFolder(_ name: String, mode: UInt32) throws {
        try makeFolder(name)
        try check(chmod(path(name), mode), name)
    }

    func check(_ result: Int32, _ name: String) throws {
        guard result == 0 else { throw TestSetupError("\(name): errno \(errno)") }
    }

    func status(_ name: String) -> stat? {
        var status = stat()
        return lstat(path(name), &status) == 0 ? status : nil
    }

    /// All names beneath a folder, sorted.
    func tree(_ name: String) -> [String] {
        var found: [String] = []
        func walk(_ folder: String, _ prefix: String) {
            for entry in Self.names(folder) {
                found.append(prefix + entry)
                walk(folder + "/" + entry, prefix + entry + "/")
            }
        }
        walk(path(name), "")
        return found.sorted()
    }

    private static func names(_ folder: String) -> [String] {
        var status = stat()
        guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
