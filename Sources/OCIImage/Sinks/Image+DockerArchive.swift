import Archive
import Diagnostics

extension Image {
    /// Writes what `docker load` reads: the config, the layers decompressed, and `manifest.json`, which gives the image these names (K-11). Equal images give equal bytes.
    package func write(toDockerArchive path: String, _ references: [Reference]) async throws {
        let names = try references.map { try $0.requireTag().familiarTagged }
        let output = try OutputFile(path)
        var tar = TarFile(output.temporary)
        let entry = DockerArchiveEntry(
            config: "\(manifest.config.digest.hex).json", names: names, layers: config.diffIDs.map { "\($0.digest.hex).tar" })
        try tar.append("manifest.json", try entry.document())
        try tar.append(entry.config, configBytes)
        var written: Set<String> = []
        for (layer, name) in zip(layers, entry.layers) where written.insert(name).inserted {
            guard let source = try await self.path(of: layer.descriptor) else {
                throw Fault("layer \(layer.descriptor.digest) is not at hand, and a Docker archive needs every layer")
            }
            try tar.append(name, layer: source, diffID: layer.diffID)
        }
        try tar.finish()
        try output.finish()
    }
}

extension Reference {
    /// The reference as a name to give to an image: with its tag, without a digest.
    func requireTag() throws -> Reference {
        guard let tagged else { throw Fault("'\(self)' has no tag to give to an image", hint: "name it '\(familiarName):TAG'") }
        return tagged
    }
}
