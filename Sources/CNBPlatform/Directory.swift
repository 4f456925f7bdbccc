import Diagnostics
import Glibc

/// Folders of tote's own.
enum Directory {
    /// Makes a private folder in an existing one, if it is missing.
    static func create(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Fault(system: "creating '\(path)'") }
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
