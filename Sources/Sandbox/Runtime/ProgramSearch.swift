import CLinux
import Glibc

/// Finding a program the way a shell does, and also where administrators' programs live.
package enum ProgramSearch {
    /// The absolute path of an executable file, or nil.
    package static func find(_ name: String) -> String? {
        if name.contains("/") { return isExecutable(name) ? name : nil }
        return directories.lazy.map { "\($0)/\(name)" }.first(where: isExecutable)
    }

    private static var directories: [String] {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        // Relative entries would find what lies in the folder of the app.
        return path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
            + ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
