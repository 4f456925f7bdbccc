import Archive
import CNBSpec
import Diagnostics
import Glibc
import OCIImage

/// Puts SBOM files of layers back to where their buildpack wrote them (D-24).
///
/// They come from an SBOM layer, of the previous image or of the cache, whose files are `/layers/sbom/<kind>/<escaped id>/<layer>/sbom.<ext>`.
struct SBOMRestoration {
    enum Kind: String {
        case launch, cache
    }

    var room: any BuildpackRoom
    var group: Group
    var layersDirectory: String

    /// Reads the layer blob at `path`. Launch- and build-level SBOMs are not restored.
    func run(_ kind: Kind, layer path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(system: "opening the SBOM layer '\(path)'") }
        defer { close(file) }
        let reader = try LayerReader(descriptor: file)
        while let header = try reader.next() {
            guard header.kind == .file, let target = try target(of: header.path, kind) else { continue }
            guard header.size <= Int64(BuildpackFolder.sbomLimit) else { throw Fault("'\(header.path)' is too large for an SBOM") }
            var bytes: [UInt8] = []
            try reader.readContents { bytes += $0 }
            try room.root.write(target, bytes, mode: 0o644, owner: room.owner)
        }
    }

    /// Nil for what is not a layer's SBOM, and for buildpacks that are not in the group or have nothing restored.
    private func target(of path: RawPath, _ kind: Kind) throws -> String? {
        let prefix = RawPath("\(layersDirectory)/sbom/\(kind.rawValue)").components
        let components = path.components
        guard components.count == prefix.count + 3, Array(components.prefix(prefix.count)) == prefix else { return nil }
        let names = components.suffix(3).map(\.string)
        guard let format = SBOMFormat.allCases.first(where: { $0.fileName == names[2] }), RawPath(names[1]).isOneName,
            group.buildpacks.contains(where: { $0.id.escaped == names[0] }),
            try room.root.status("\(layersDirectory)/\(names[0])")?.kind == .directory
        else { return nil }
        return "\(layersDirectory)/\(names[0])/\(names[1]).\(format.fileName)"
    }
}
