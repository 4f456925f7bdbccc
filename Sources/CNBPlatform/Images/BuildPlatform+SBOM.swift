import Archive
import CNBLifecycle
import Diagnostics
import DockerEngine
package import OCIImage
import OCIRegistry

extension BuildPlatform {
    /// Writes the SBOM files of an app image to `folder`, an absolute path, below `layers/sbom` (L, `sbom download`). The answer is how
    /// many there were. Of a registry's image, only the layer that holds them is fetched.
    ///
    /// - Parameter isRemote: whether the image is a registry's; else it is the store's, or that of a daemon of this machine.
    package func downloadSBOMs(of reference: Reference, isRemote: Bool, to folder: String) async throws -> Int {
        let output = OutputFolder(path: folder, option: "--output-dir")
        try output.check()
        return try await holdingStore {
            try await withScratch { scratch in
                let image = try await imageWithSBOMs(reference, isRemote: isRemote, scratch: scratch)
                let layer = try SBOMLayer(of: image, name: reference.familiarTagged)
                let unpacked = try ConfinedDirectory(scratch)
                try unpacked.makeDirectories("sboms")
                let files = try unpacked.directory("sboms")
                do {
                    try layer.unpack(blob: try await image.blobs.blob(layer.layer.descriptor), into: files)
                } catch {
                    throw Fault("the SBOMs of '\(reference.familiarTagged)'", cause: error)
                }
                return try SBOMFiles(output: try output.open(), events: events).copy(files, SBOMLayer.folder, to: SBOMLayer.folder)
            }
        }
    }

    private func imageWithSBOMs(_ reference: Reference, isRemote: Bool, scratch: String) async throws -> Image {
        if isRemote {
            guard let image = try await library.remote(reference, policy: .always, role: "image") else {
                throw Fault("the image '\(reference)' does not exist at \(reference.registry)", hint: "check the name")
            }
            return image
        }
        if let image = try store.image(reference, platform: library.platform) { return image }
        // A daemon gives an image as a whole; it is no image of the store's.
        var found: Image?
        if let client = try await library.daemon.client() {
            events(.note("Reading '\(reference.familiarTagged)' from \(client.daemon.product.rawValue)"))
            found = try await client.image(
                reference, store: try ImageStore(at: scratch + "/images"), memory: try RemoteRecords(at: scratch + "/remotes"))
        }
        guard let image = found else {
            throw Fault(
                "there is no image '\(reference.familiarTagged)', neither in the store nor in a daemon",
                hint: "'tote images' lists the store's; --remote asks its registry")
        }
        return image
    }
}
