import Diagnostics
import Glibc

/// Where the launcher executable is that goes into every image.
enum LauncherLocation {
    /// `TOTE_LAUNCHER`, else beside tote's executable, else `../libexec/tote/launcher` from there.
    static func find(environment: [String: String]) throws -> String {
        if let named = environment["TOTE_LAUNCHER"], !named.isEmpty {
            guard isFile(named) else {
                throw Fault("TOTE_LAUNCHER names '\(named)', which is no file", hint: "let it name tote's launcher, or unset it")
            }
            return named
        }
        let folder = try folderOfExecutable()
        let candidates = [folder + "/launcher", folder + "/../libexec/tote/launcher"]
        guard let found = candidates.first(where: isFile) else {
            throw Fault(
                "the launcher is missing: there is no '\(candidates[0])'",
                hint: "install tote whole, with its launcher beside it, or set TOTE_LAUNCHER to the launcher's path")
        }
        return found
    }

    private static func folderOfExecutable() throws -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes {
            $0.withMemoryRebound(to: CChar.self) { path in path.baseAddress.map { readlink("/proc/self/exe", $0, path.count) } ?? -1 }
        }
        guard count > 0 else { throw Fault(system: "finding tote's own executable") }
        let path = String(decoding: buffer[..<count], as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    private static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
