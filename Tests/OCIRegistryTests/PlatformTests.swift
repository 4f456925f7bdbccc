import Archive
import NIOHTTP1
import OCIImage
import OCIRegistry
import TestSupport
import Testing

// N.7: an index is followed to the image for the wanted platform.
@Suite struct PlatformTests {
    /// Serves an index, each of whose entries is its own image, and says which image was chosen.
    private func choice(_ platforms: [String?], wanted: String, nested: Bool = false) async throws -> Int? {
        var documents: [Digest: ([UInt8], MediaType)] = [:]
        var blobs: [Digest: [UInt8]] = [:]
        var entries: [Descriptor] = []
        for text in platforms {
            let image = try ServedImage(layerSize: 10)
            documents[Digest.of(image.manifest)] = (image.manifest, .ociManifest)
            for blob in [image.config, image.layer] { blobs[Digest.of(blob)] = blob }
            var entry = image.manifestDescriptor
            entry.platform = try text.map { try Platform(parsing: $0) }
            entries.append(entry)
        }
        var index = try Index(manifests: entries).encoded()
        if nested {
            documents[Digest.of(index)] = (index, .ociIndex)
            let other = try Index(manifests: []).encoded()
            documents[Digest.of(other)] = (other, .ociIndex)
            index = try Index(manifests: [Descriptor(mediaType: .ociIndex, bytes: other), Descriptor(mediaType: .ociIndex, bytes: index)])
                .encoded()
        }
        let server = try await ScriptedServer { [documents, blobs, index] request in
            if request.uri.hasSuffix("/manifests/latest") { return ServedImage.document(index, .ociIndex, request) }
            let digest = request.uri.split(separator: "/").last.flatMap { Digest(String($0)) }
            if let digest, let (bytes, type) = documents[digest] { return ServedImage.document(bytes, type, request) }
            return digest.flatMap { blobs[$0] }.map { ScriptedServer.Answer(body: $0) } ?? .text(.notFound)
        }
        return try await Fixture().use { fixture in
            let image = try await fixture.client.image(
                reference("\(server.host)/app"), platform: Platform(parsing: wanted), store: fixture.store)
            return entries.firstIndex { $0.digest == image?.digest }
        }
    }

    @Test(
        arguments: [
            (["linux/arm64", "linux/amd64"], "linux/amd64", 1),
            (["unknown/unknown", "linux/amd64", "unknown/unknown"], "linux/amd64", 1),
            (["linux/arm/v6", "linux/arm/v7", "linux/arm/v5"], "linux/arm/v7", 1),
            (["linux/arm/v5", "linux/arm/v6"], "linux/arm/v7", 1),
            (["linux/arm64/v8"], "linux/arm64", 0),
            (["windows/amd64", "linux/amd64"], "linux/amd64", 1),
        ] as [([String], String, Int)], [false, true])
    func chosen(vector: ([String], String, Int), nested: Bool) async throws {
        #expect(try await choice(vector.0, wanted: vector.1, nested: nested) == vector.2)
    }

    @Test func alone() async throws {
        #expect(try await choice([nil], wanted: "linux/amd64") == 0)
    }

    @Test(arguments: [false, true])
    func absent(nested: Bool) async throws {
        let error = await #expect(throws: RegistryError.self) {
            try await choice(["linux/arm64", "linux/arm/v7", "unknown/unknown", "linux/arm64"], wanted: "linux/s390x", nested: nested)
        }
        #expect(error?.kind == .noSuchPlatform)
        #expect(error?.message.contains("linux/s390x") == true)
        if !nested { #expect(error?.hint == "it exists for linux/arm64, linux/arm/v7") }
    }
}
