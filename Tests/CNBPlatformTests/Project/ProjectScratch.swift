import Glibc

/// A fresh folder that goes with its last owner. Files are named relative to it.
final class ProjectScratch {
    let path: String

    init() throws {
        let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(base)/tote-project-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ScratchError(text: "mkdtemp: errno \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    struct ScratchError: Error { var text: String }

    func at(_ name: String) -> String { path + "/" + name }

    func makeFolder(_ name: String, mode: UInt32 = 0o755) throws {
        try check(mkdir(at(name), 0o700), name)
        try check(chmod(at(name), mode), name)
    }

    func write(_ name: String, _ text: String = "", mode: UInt32 = 0o644) throws {
        let descriptor = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw ScratchError(text: "\(name): errno \(errno)") }
        defer { close(descriptor) }
        var text = text
        let count = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == text.utf8.count else { throw ScratchError(text: "\(name): errno \(errno)") }
        try check(fchmod(descriptor, mode), name)
    }

    func check(_ result: Int32, _ name: String) throws {
        guard result == 0 else { throw ScratchError(text: "\(name): errno \(errno)") }
    }

    func status(_ name: String) -> stat? {
        var status = stat()
        return lstat(at(name), &status) == 0 ? status : nil
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
        walk(at(name), "")
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

    /// Touches nothing outside: a mode is changed only of a folder that is not reached through a link.
    private static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        chmod(path, 0o700)
        for name in names(path) { remove(path + "/" + name) }
        rmdir(path)
    }
}
