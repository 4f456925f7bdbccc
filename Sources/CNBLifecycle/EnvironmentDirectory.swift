package import Archive
package import CNBLaunch
import Diagnostics

/// A directory whose files are variables (C-24).
package enum EnvironmentDirectory {
    /// The most that one variable may hold: what the kernel takes as one string of an environment.
    static let limit = 128 << 10

    /// The files of a directory; none when there is no such directory. Sub-directories are passed over, links to files followed inside
    /// the root; a link that leads nowhere is an error.
    package static func read(_ path: String, in root: ConfinedDirectory) throws -> [EnvironmentFile] {
        guard try root.status(path)?.kind == .directory else { return [] }
        return try root.entries(path).compactMap { name, kind in
            let file = RawPath(path).appending(name)
            if kind == .directory { return nil }
            if kind == .symbolicLink, try root.status(file)?.kind == .directory { return nil }
            return EnvironmentFile(name: name.string, contents: String(decoding: try root.read(file, limit: limit), as: UTF8.self))
        }
    }
}
