import CLinux
import Diagnostics
import Glibc

/// New folders under names that nobody else has.
enum UniqueFolder {
    /// Creates one and returns its path.
    static func create(in parent: String, prefix: String, mode: mode_t) throws -> String {
        while true {
            let path = "\(parent)/\(prefix)\(String(UInt64.random(in: 0 ... .max), radix: 36))"
            if mkdir(path, mode) == 0 { return path }
            guard errno == EEXIST else { throw Fault(system: "creating '\(path)'") }
        }
    }

    /// Creates a folder and those above it where they are missing, private to this user.
    static func createAll(_ path: String) throws {
        var reached = ""
        for name in path.split(separator: "/") {
            reached += "/" + name
            if mkdir(reached, 0o700) == 0 || errno == EEXIST { continue }
            // A folder that may not be written to can still be on the way to one that may.
            var status = stat()
            guard stat(reached, &status) == 0 else { throw Fault(system: "creating '\(reached)'") }
        }
    }
}
