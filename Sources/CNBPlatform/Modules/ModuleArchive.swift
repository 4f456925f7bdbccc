import Archive
import CNBSpec
import Diagnostics
import Glibc

/// A file that holds one buildpack or extension (a tar, perhaps compressed), or a package of several (`.cnb`: a tar of an OCI layout, H-1).
/// What it is, is told from its contents, never from its name.
struct ModuleArchive {
    enum Contents: Equatable {
        /// The folder with the descriptor.
        case module(String)
        /// An OCI layout.
        case package(String)
    }

    let file: String
    /// What messages call it.
    let shown: String
    /// How large it may become.
    let limit: UnpackingLimit

    /// Unpacks the file into `folder`, which is empty and the caller's to remove.
    func unpack(into folder: String, _ kind: ModuleKind) throws -> Contents {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw Fault(system: "reading '\(shown)'") }
        defer { close(descriptor) }
        try requireArchive(descriptor)
        do {
            let options = Unpacking(ownership: .current, whiteouts: .refuse, limit: limit)
            _ = try Archive.unpack(LayerReader(descriptor: descriptor), into: ConfinedDirectory(folder, shown: shown), options)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Fault("unpacking '\(shown)'", cause: error)
        }
        return try contents(folder, kind)
    }

    /// What is often there in an archive's place, named as what it is.
    private func requireArchive(_ descriptor: Int32) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Fault(system: "reading '\(shown)'") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Fault("'\(shown)' is neither a file nor a folder") }
        var start = [UInt8](repeating: 0, count: 256)
        let count = pread(descriptor, &start, start.count, 0)
        guard count >= 0 else { throw Fault(system: "reading '\(shown)'") }
        guard count > 0 else { throw Fault("'\(shown)' is empty") }
        let text = String(decoding: start[..<count].drop { $0 <= 0x20 || $0 >= 0x80 }, as: UTF8.self).lowercased()
        if text.hasPrefix("<!doctype") || text.hasPrefix("<html") || text.hasPrefix("<?xml") {
            throw Fault("'\(shown)' is a web page, not an archive", hint: "name the address of the archive itself")
        }
        if text.hasPrefix("pk\u{3}\u{4}") {
            throw Fault("'\(shown)' is a zip file", hint: "pack it as a tar, or unpack it and name the folder")
        }
    }

    private func contents(_ folder: String, _ kind: ModuleKind) throws -> Contents {
        let directory = try ConfinedDirectory(folder)
        if try directory.status("oci-layout", followingLinks: false)?.kind == .file { return .package(folder) }
        let descriptor = "\(kind.rawValue).toml"
        if try directory.status(descriptor)?.kind == .file { return .module(folder) }
        // Archives of source repositories have everything in one folder.
        let names = try directory.names("")
        if names.count == 1, try directory.status("\(names[0])/\(descriptor)", followingLinks: false)?.kind == .file,
            try directory.status(names[0], followingLinks: false)?.kind == .directory
        {
            return .module("\(folder)/\(names[0])")
        }
        throw Fault(
            "'\(shown)' holds no \(kind.rawValue): it has neither \(descriptor) nor an OCI layout",
            hint: names.isEmpty ? "it is empty" : "it has " + names.prefix(5).map { "'\($0)'" }.joined(separator: ", "))
    }
}
