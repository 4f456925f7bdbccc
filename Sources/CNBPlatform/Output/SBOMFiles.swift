import Archive
import CNBLifecycle
import Diagnostics

/// SBOM files on their way to a folder of the caller's.
///
/// Buildpacks wrote them: only regular files of a limited size go on, and no link is followed on either side.
struct SBOMFiles {
    /// As large as one may be.
    static let sizeLimit = 256 << 20
    static let countLimit = 100_000

    let output: ConfinedDirectory
    let events: PhaseEvents

    /// Copies the tree at `path`, to the same path or to `target`. The answer is how many files there were.
    @discardableResult
    func copy(_ source: ConfinedDirectory, _ path: RawPath, to target: RawPath) throws -> Int {
        guard try source.status(path, followingLinks: false)?.kind == .directory else { return 0 }
        var files: [RawPath] = []
        try source.walk(path) { entry, _ in
            switch entry.status.kind {
            case .directory: break
            case .file where Self.isPlain(entry.path): files.append(entry.path)
            default: events(.warning(PhaseWarning("'\(path.appending(entry.path))' is no regular file and is left out of the SBOMs")))
            }
            guard files.count <= Self.countLimit else { throw Fault("'\(path)' holds too many files for SBOMs") }
            return .descend
        }
        for file in files {
            try place(try source.read(path.appending(file), limit: Self.sizeLimit), at: target.appending(file))
        }
        return files.count
    }

    /// Writes one file and makes the folders above it; a link where one of them should be is an error.
    func place(_ bytes: [UInt8], at path: RawPath) throws {
        var folder: RawPath = ""
        for name in path.components.dropLast() {
            folder = folder.appending(name)
            guard let kind = try output.status(folder, followingLinks: false)?.kind else { continue }
            guard kind == .directory else {
                throw Fault(
                    "'\(RawPath(output.hostPath).appending(folder))' is not a folder: SBOM files cannot be written there",
                    hint: "remove it, or name another output folder")
            }
        }
        try output.makeDirectories(folder)
        guard try output.status(path, followingLinks: false)?.kind != .directory else {
            throw Fault("'\(RawPath(output.hostPath).appending(path))' is a folder where an SBOM file belongs", hint: "remove it")
        }
        try output.write(path, bytes, mode: 0o644)
    }

    /// Whether every part of the path may be a file's name anywhere.
    static func isPlain(_ path: RawPath) -> Bool {
        path.components.allSatisfy { name in
            name.isOneName && name.bytes.count <= 255 && !name.bytes.contains { $0 < 0x20 || $0 == 0x7f }
        }
    }
}
