import Diagnostics
import Glibc

/// The folder that `--path` names.
enum AppFolder {
    /// Refuses what cannot be an app's folder, with a reason.
    static func check(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Fault(system: "reading the app's folder '\(path)'", hint: errno == ENOENT ? "check the path given with --path" : nil)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw Fault("the app's folder '\(path)' is not a folder", hint: "give the folder that holds the app's source with --path")
        }
    }
}
