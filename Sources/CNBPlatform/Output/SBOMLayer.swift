import Archive
import CNBSpec
import Diagnostics
import Glibc
import OCIImage

/// The layer of an app image that holds the SBOMs of what is in it (D-49).
struct SBOMLayer {
    /// Where the files are in the image.
    static let folder: RawPath = "layers/sbom"
    /// As much as all files of one may have.
    private static let totalLimit: Int64 = 1 << 30

    let layer: ImageLayer

    /// - Parameter name: what messages call the image.
    init(of image: Image, name: String) throws(Fault) {
        guard let text = image.config.settings.labels[LabelName.lifecycleMetadata] else {
            throw Fault("'\(name)' was not built by buildpacks, so it has no SBOMs", hint: "'tote inspect' shows what is known of an image")
        }
        let metadata = try LifecycleMetadata(label: LabelName.lifecycleMetadata, text: text)
        guard let sha = metadata.sbom?.sha, !sha.isEmpty else {
            throw Fault("'\(name)' has no SBOMs", hint: "its buildpacks were older than SBOMs, or its platform left them out")
        }
        guard let layer = image.layers.first(where: { $0.diffID.description == sha }) else {
            throw Fault("the labels of '\(name)' name an SBOM layer that it does not have (\(sha))")
        }
        self.layer = layer
    }

    /// Puts the SBOM files of the layer's blob into an empty folder; nothing else of it. The whole layer must be what the image says.
    func unpack(blob path: String, into folder: ConfinedDirectory) throws {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(system: "opening the SBOM layer '\(path)'") }
        defer { close(file) }
        let files = SBOMFiles(output: folder, events: { _ in })
        let reader = try LayerReader(descriptor: file)
        var left = Self.totalLimit, count = 0
        while let header = try reader.next() {
            guard header.kind == .file, let path = Self.relevant(header.path) else { continue }
            left -= header.size
            count += 1
            guard count <= SBOMFiles.countLimit else { throw Fault("the SBOM layer holds too many files") }
            guard header.size <= SBOMFiles.sizeLimit, left >= 0 else { throw Fault("'\(path)' of the SBOM layer is too large for an SBOM") }
            var bytes: [UInt8] = []
            try reader.readContents { bytes += $0 }
            try files.place(bytes, at: path)
        }
        guard try reader.finish() == layer.diffID else {
            throw Fault("the SBOM layer is damaged: its content is not \(layer.diffID)", hint: "build the image again")
        }
    }

    /// Without a leading slash; nil for what is no SBOM file.
    private static func relevant(_ path: RawPath) -> RawPath? {
        let components = path.components
        guard components.count > folder.components.count, components.starts(with: folder.components), SBOMFiles.isPlain(path) else {
            return nil
        }
        return components.reduce("") { $0.appending($1) }
    }
}
