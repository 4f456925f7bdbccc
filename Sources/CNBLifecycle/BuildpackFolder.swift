package import Archive
package import CNBSpec
import Diagnostics

/// What one buildpack has in its folder below the layers directory.
package struct BuildpackFolder: Sendable {
    package struct Layer: Equatable, Sendable {
        package var metadata: LayerMetadata
        /// False for a `<layer>.toml` alone: a wish to reuse the layer of the previous image (C-44).
        package var hasDirectory: Bool
    }

    package var buildpack: GroupElement
    /// Its folder: `/layers/<escaped id>`.
    package var path: String
    /// By name. A directory without `<layer>.toml` is no layer (C-43).
    package var layers: [String: Layer] = [:]
    package var store: StoreTOML?

    /// The most that is read of a TOML or SBOM file.
    static let documentLimit = 10 << 20
    static let sbomLimit = 256 << 20

    /// Names in byte order.
    package var names: [String] { layers.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) } }

    /// Reads every `*.toml` of the folder (C-41). All of it may be hostile.
    package init(of buildpack: GroupElement, layersDirectory: String, in root: ConfinedDirectory, status: ExitStatus) throws {
        self.buildpack = buildpack
        path = layersDirectory + "/" + buildpack.id.escaped
        guard try root.status(path)?.kind == .directory else { return }
        let entries = try root.entries(path)
        let directories = Set(entries.lazy.filter { $0.kind == .directory }.map(\.name))
        for (name, _) in entries where name.bytes.suffix(5) == Array(".toml".utf8) {
            let layer = try Self.layerName(RawPath(bytes: name.bytes.dropLast(5)))
            let metadata = try LayerMetadata(reading: document(name.string, in: root), status: status)
            if layer == "store" {
                store = try StoreTOML(reading: document(name.string, in: root))
            } else if !LayerMetadata.reservedNames.contains(layer) {
                layers[layer] = Layer(metadata: metadata, hasDirectory: directories.contains(RawPath(layer)))
            }
        }
    }

    /// The same for the phases after the build, whose errors must say which buildpack they are about.
    static func read(_ buildpack: GroupElement, layersDirectory: String, in root: ConfinedDirectory) throws -> BuildpackFolder {
        try Fault.naming(buildpack, .export) {
            try BuildpackFolder(of: buildpack, layersDirectory: layersDirectory, in: root, status: .export)
        }
    }

    /// The text of one of its documents.
    func document(_ name: String, in root: ConfinedDirectory) throws -> DocumentSource {
        DocumentSource(file: "\(path)/\(name)", bytes: try root.read("\(path)/\(name)", limit: Self.documentLimit))
    }

    /// The same; nil when there is none.
    func documentIfPresent(_ name: String, in root: ConfinedDirectory) throws -> DocumentSource? {
        try root.readIfPresent("\(path)/\(name)", limit: Self.documentLimit).map { DocumentSource(file: "\(path)/\(name)", bytes: $0) }
    }

    /// A layer's name becomes part of labels and paths.
    private static func layerName(_ name: RawPath) throws -> String {
        let text = String(decoding: name.bytes, as: UTF8.self)
        guard Array(text.utf8) == name.bytes, name.isOneName, isPrintable(text) else {
            throw Fault("'\(name).toml' names no layer: a layer's name is text without control characters")
        }
        return text
    }

    /// Whether a name has no control characters, which a terminal would obey.
    static func isPrintable(_ name: String) -> Bool {
        !name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
    }
}
