import Archive
import Diagnostics
import Glibc

/// What `--path` names: the app's folder, or a zip of it.
enum AppSource: Sendable {
    case folder(String)
    case zip(ZipArchive, path: String)

    /// Refuses what cannot be an app, with a reason.
    init(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Fault(system: "reading the app's folder '\(path)'", hint: errno == ENOENT ? "check the path given with --path" : nil)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            self = .folder(path)
        } else if status.st_mode & S_IFMT == S_IFREG, let zip = try ZipArchive(path, shown: path) {
            self = .zip(zip, path: path)
        } else {
            throw Fault(
                "the app '\(path)' is neither a folder nor a zip",
                hint: "give the folder that holds the app's source, or a zip of it, with --path")
        }
    }

    /// Reads the descriptor that `named` names, else `project.toml` of the app, if it has one. Paths are absolute.
    func descriptor(named: String?, workingDirectory: String) throws -> ProjectReading? {
        switch self {
        case .folder(let path):
            return ProjectDescriptor.load(app: path, descriptor: named, workingDirectory: workingDirectory)
        case .zip(_, let path) where named != nil:
            return ProjectDescriptor.load(app: path, descriptor: named, workingDirectory: workingDirectory)
        case .zip(let zip, let path):
            guard let entry = zip.entry("project.toml") else { return nil }
            let file = "\(path)/project.toml"
            guard entry.kind == .file else { throw Fault("the project descriptor '\(file)' is not a regular file") }
            // Relative paths in it lead into the zip, where no buildpack can be taken from.
            return ProjectDescriptor.read(try zip.read(entry, limit: 16 << 20), file: file, directory: path)
        }
    }

    /// Copies what the filter keeps to `destination`, a folder that is made here. On an error, what was copied so far stays.
    func copy(to destination: String, filter: AppFilter, owner: Ownership?, limit: UnpackingLimit) throws {
        switch self {
        case .folder(let path):
            try AppSnapshot(filter: filter, owner: owner).copy(from: path, to: destination)
        case .zip(let zip, _):
            guard mkdir(destination, 0o700) == 0, chmod(destination, 0o755) == 0 else {
                throw Fault(system: "making '\(destination)'")
            }
            if let owner, chown(destination, owner.user, owner.group) != 0 {
                throw Fault(system: "changing the owner of '\(destination)'")
            }
            try zip.unpack(into: try ConfinedDirectory(destination), owner: owner, limit: limit) { filter.keeps($0.bytes) }
        }
    }
}
