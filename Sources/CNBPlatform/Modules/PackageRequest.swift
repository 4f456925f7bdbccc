package import Archive
package import CNBSpec
package import OCIImage

/// Everything a caller asks of one package of a buildpack or an extension.
package struct PackageRequest: Sendable {
    package enum Destination: Equatable, Sendable {
        /// A name in the store.
        case store(Reference)
        /// A name in a registry; several targets become an index.
        case registry(Reference)
        /// A file, absolute; with several targets, one for each: `<name>-<os>-<arch>.cnb`.
        case file(String)
    }

    package var kind: ModuleKind
    package var destination: Destination
    /// More names beside that of the destination.
    package var additionalTags: [Reference] = []
    /// package.toml, absolute; nil for `folder` alone.
    package var config: String?
    /// The module's folder, absolute.
    package var folder: String
    /// What to package for; empty leaves it to package.toml and the module's descriptor (H-17).
    package var targets: [Target] = []
    package var labels: [String: String] = [:]
    package var pullPolicy: PullPolicy?
    package var registry: String?
    /// All modules in one layer, but these; nil for a layer each (H-55).
    package var flattenedWithout: [BuildpackReference]?

    package init(kind: ModuleKind, destination: Destination, folder: String) {
        self.kind = kind
        self.destination = destination
        self.folder = folder
    }

    /// H-19: a file's name ends in `.cnb` unless it has another ending.
    package static func fileName(_ name: String) -> (path: String, isUnusual: Bool) {
        let last = name.split(separator: "/").last ?? ""
        guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return (name + ".cnb", false) }
        return (name, last[dot...] != ".cnb")
    }
}

/// What was packaged.
package enum PackageResult: Sendable {
    /// What the name stands for now: an image, or an index of several.
    case image(Digest)
    /// The files that were written.
    case files([String])
}
