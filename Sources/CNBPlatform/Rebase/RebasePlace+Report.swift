import Archive
import OCIImage

extension RebasePlace {
    /// Where below a folder the report of this image goes when there are several: a path that no other image has, of names that every file
    /// system and every store of CI artifacts takes.
    var reportFolder: String {
        switch self {
        case .name(let reference): Self.folder(reference)
        // No registry is called so: it would have a dot or a port.
        case .file(.daemon(let reference)): "docker/" + Self.folder(reference)
        case .file(.layout(let directory, _)): "oci/" + named(directory)
        case .file(.ociArchive(let file, _)): "oci-archive/" + named(file)
        case .file(.dockerArchive(let file)): "docker-archive/" + named(file)
        }
    }

    /// `docker.io/library/app/latest`: registries have no `_` in their names, so it can stand for what a port or an IPv6 address needs.
    private static func folder(_ reference: Reference) -> String {
        let registry = String(reference.registry.map { ":[]".contains($0) ? "_" : $0 })
        return "\(registry)/\(reference.repository)/\(reference.tag ?? "latest")"
    }

    /// `3f2a91bc0d4e-app.tar`: whose it is for people, after what tells it from others. Paths can be longer than names may be.
    private func named(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let shown = name.prefix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" }
        return Digest.of(Array("\(self)".utf8)).hex.prefix(12) + "-" + String(shown)
    }
}
