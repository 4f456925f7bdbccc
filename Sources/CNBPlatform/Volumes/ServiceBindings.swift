import Archive
import Diagnostics
import Glibc

/// Copies of service bindings in a build's platform folder (J-6): they stay the same through detect and build (J-5), and the build user
/// can read them, whoever owns the originals.
struct ServiceBindings {
    private let platform: ConfinedDirectory
    private var entriesLeft = 10_000
    private var bytesLeft = 64 << 20
    private static let depthLimit = 16

    /// - Parameter platform: the platform folder of the build.
    init(in platform: ConfinedDirectory) {
        self.platform = platform
    }

    mutating func copy(_ binding: Volume) throws {
        let target = RawPath("bindings" + binding.target.dropFirst(Volume.bindings.count))
        do {
            if try binding.status().st_mode & S_IFMT == S_IFDIR {
                try copyFolder(ConfinedDirectory(binding.source), "", to: target, depth: 0)
            } else {
                // The caller's own path: where it leads is looked up before a folder becomes a root.
                guard let resolved = realpath(binding.source, nil) else { throw Fault(system: "following '\(binding.source)'") }
                defer { free(resolved) }
                guard let (folder, name) = RawPath(String(cString: resolved)).split else { return }
                if let parent = target.split?.parent { try platform.makeDirectories(parent) }
                try copyFile(ConfinedDirectory(folder.string), name, to: target)
            }
        } catch {
            throw Fault("copying the service binding '\(binding.source)'", cause: error)
        }
    }

    /// Links are followed inside the folder: in Kubernetes, each file of a binding is one.
    private mutating func copyFolder(_ source: ConfinedDirectory, _ path: RawPath, to target: RawPath, depth: Int) throws {
        guard depth <= Self.depthLimit else { throw Fault("'\(path)' lies too deep for a service binding") }
        try platform.makeDirectories(target)
        // `..data` and the like are Kubernetes's own.
        for name in try source.names(path) where !name.bytes.starts(with: "..".utf8) {
            let inner = path.appending(name), innerTarget = target.appending(name)
            switch try source.status(inner)?.kind {
            case .directory: try copyFolder(source, inner, to: innerTarget, depth: depth + 1)
            case .file: try copyFile(source, inner, to: innerTarget)
            case nil: throw Fault("'\(inner)' is a link that leads to nothing inside the folder")
            default: throw Fault("'\(inner)' is neither a file nor a folder")
            }
        }
    }

    private mutating func copyFile(_ source: ConfinedDirectory, _ path: RawPath, to target: RawPath) throws {
        entriesLeft -= 1
        guard entriesLeft > 0 else { throw Fault("there are too many files for a service binding") }
        let bytes = try source.read(path, limit: bytesLeft)
        bytesLeft -= bytes.count
        try platform.write(target, bytes, mode: 0o644)
    }
}
