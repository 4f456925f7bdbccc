import Archive
import Glibc

extension CacheLocation {
    /// On this machine.
    private var path: String? {
        switch self {
        case .registry: nil
        case .folder(let path), .tar(let path), .layout(let path, _): path
        }
    }

    /// The names that lead from a folder to the place, which need not exist yet; nil when it lies elsewhere. Folders are told by what they are, not
    /// by how they are spelled: dots, links and mounts lead to the same one.
    func components(below folder: String) -> [RawPath]? {
        guard let path, let folder = FolderIdentity(folder) else { return nil }
        var (above, below) = Self.resolved(path)
        while true {
            if !below.isEmpty, FolderIdentity(Self.text(above)) == folder { return below }
            guard let last = above.popLast() else { return nil }
            below.insert(last, at: 0)
        }
    }

    /// The part of a path that exists, without links and dots, and the rest, which has no links.
    private static func resolved(_ path: String) -> (existing: [RawPath], rest: [RawPath]) {
        var existing = RawPath(path).components, rest: [RawPath] = []
        while true {
            if let real = realpath(text(existing), nil) {
                defer { free(real) }
                return (RawPath(String(cString: real)).components, rest)
            }
            guard let last = existing.popLast() else { return ([], rest) }
            rest.insert(last, at: 0)
        }
    }

    private static func text(_ components: [RawPath]) -> String {
        "/" + components.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "/")
    }
}

/// Which folder a path leads to.
private struct FolderIdentity: Equatable {
    var device: dev_t
    var inode: ino_t

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }
}
