import Diagnostics
import Glibc

/// A file that a user asked for: it appears at its path when it is whole, in the place of an older one.
struct OutputFile {
    let path: String
    let temporary: TemporaryFile

    init(_ requested: String) throws {
        let path = try Self.target(requested)
        self.path = path
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let status = try HostFile.status(folder), status.st_mode & S_IFMT == S_IFDIR else {
            throw Fault("'\(requested)' cannot be written: there is no folder '\(folder)'", hint: "create it: mkdir -p '\(folder)'")
        }
        let temporaries = TemporaryFiles(in: folder, prefix: TemporaryFiles.outputPrefix)
        temporaries.removeAbandoned()
        do { temporary = try temporaries.create(mode: 0o666) } catch {
            var fault = Fault("'\(requested)' cannot be written", cause: error)
            fault.hint = fault.hint ?? "name a file in a folder that you can write to"
            throw fault
        }
    }

    func finish() throws { try temporary.rename(to: path) }

    /// The file itself, where the path is a link to one. Anything but a regular file is not ours to replace: `/dev/stdout`.
    private static func target(_ path: String) throws -> String {
        guard let status = try HostFile.status(path) else {
            guard !path.isEmpty, !path.hasSuffix("/") else { throw Fault("'\(path)' is not the name of a file") }
            return path
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Fault("'\(path)' exists and is not a regular file") }
        guard let real = realpath(path, nil) else { throw Fault(system: "following '\(path)'") }
        defer { free(real) }
        return String(cString: real)
    }
}

extension TemporaryFiles {
    /// Of unfinished files in folders that are not tote's own.
    static let outputPrefix = ".tote-"
}
