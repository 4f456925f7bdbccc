import Archive
import Diagnostics
import NIOCore
import NIOHTTP1
import NIOPosix
package import OCIImage

extension DockerClient {
    /// An image of the daemon with all its layers in the store; nil when the daemon has none of that name.
    ///
    /// The config is the daemon's own, byte for byte, so that the image keeps its id. Layers come as the daemon gives them, mostly
    /// without compression. `memory` holds what was fetched: as long as the daemon's image is the same and the store has its blobs,
    /// nothing is fetched again. Its digests are roots when unreachable blobs are removed from the store.
    package func image(_ reference: Reference, store: ImageStore, memory: RemoteRecords) async throws -> Image? {
        guard let found = try await inspect(reference) else { return nil }
        if let image = try remembered(found.id, store, memory) { return image }
        let image = try await fetch(found, name: reference.familiarTagged, into: store)
        try store.put(image.configBytes)
        try store.put(image.manifestBytes)
        let size = Int64(image.manifestBytes.count)
        try memory.remember(
            RemoteRecord(
                reference: reference, resolved: found.id, digest: image.digest, mediaType: image.manifest.mediaType, size: size,
                checked: LocalFile.now))
        return image
    }

    /// What was fetched under any name, if it is still complete.
    private func remembered(_ id: Digest, _ store: ImageStore, _ memory: RemoteRecords) throws -> Image? {
        for record in try memory.all() where record.resolved == id {
            guard let image = try store.image(record.digest), image.manifest.layers.allSatisfy(store.contains) else { continue }
            memory.noteUse(record.reference)
            return image
        }
        return nil
    }

    private func fetch(_ found: DaemonImage, name: String, into store: ImageStore) async throws -> Image {
        let configDigest = daemon.imageStore == .containerd ? nil : found.id
        let contents: SavedContents
        do {
            contents = try await save(found, config: configDigest, into: store)
        } catch let error as Fault {
            throw Fault("the archive that the daemon at \(host) makes of '\(name)' is of no use", cause: error)
        }
        func corrupted(_ reason: String) -> DockerError {
            DockerError(.corrupted, "the archive that the daemon at \(host) makes of '\(name)' is of no use: \(reason)")
        }
        guard let configBytes = try configDigest.map(contents.document) ?? contents.namedConfig() else {
            throw corrupted("it has no config \(configDigest ?? found.id)")
        }
        let config = try ImageConfig(decoding: configBytes, what: "the config of '\(name)'")
        guard config.diffIDs == found.diffIDs else { throw corrupted("its config is of an image with other layers") }
        let layers = try config.diffIDs.map { diffID in
            guard let layer = contents.layers[diffID] else { throw corrupted("it lacks the layer \(diffID)") }
            return Descriptor(
                mediaType: .layer(.docker, layer.compression), digest: layer.facts.digest, size: layer.facts.size)
        }
        let manifest = Manifest(
            mediaType: .dockerManifest, config: Descriptor(mediaType: .dockerConfig, bytes: configBytes), layers: layers)
        return try Image(manifest: try manifest.encoded(), declared: .dockerManifest, config: configBytes, blobs: store, name: name)
    }

    /// Has the daemon pack the image, and reads the archive as it comes.
    private func save(_ found: DaemonImage, config: Digest?, into store: ImageStore) async throws -> SavedContents {
        let channel = try ByteChannel()
        // Both block, each waiting for the other, so each needs a thread of its own.
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let result: Result<SavedContents, any Error>
        do {
            async let reading = threads.runIfActive {
                defer { channel.reader.close() }
                return try SavedArchive(into: store, config: config, diffIDs: found.diffIDs).read(from: channel.reader.descriptor)
            }
            do {
                try await receive(found.id, into: channel, threads)
            } catch {
                // Whatever the reader says about the end that comes too early is not the reason.
                channel.writer.close()
                _ = try? await reading
                throw error
            }
            channel.writer.close()
            result = .success(try await reading)
        } catch {
            result = .failure(error)
        }
        // It fails only when it is already shut down.
        try? await threads.shutdownGracefully()
        return try result.get()
    }

    private func receive(_ id: Digest, into channel: ByteChannel, _ threads: NIOThreadPool) async throws {
        var request = DockerRequest(.GET, image: "\(id)", "/get")
        request.version = daemon.apiVersion
        let response = try await transport.response(to: request)
        var received: Int64 = 0, told: Int64 = 0
        try await transport.forEachPiece(of: response, to: request) { buffer in
            received += Int64(buffer.readableBytes)
            if received - told >= 1 << 20 {
                told = received
                report(.receiving(received))
            }
            return try await threads.runIfActive { try channel.write(buffer) }
        }
        report(.received(bytes: received))
    }
}

extension SavedContents {
    /// The config that `manifest.json` names; for images whose id does not tell.
    func namedConfig() throws -> [UInt8]? {
        guard let bytes = documents["manifest.json"] else { return nil }
        let images = try DockerArchiveEntry.decode(bytes, limit: 1 << 24, what: "its 'manifest.json'")
        return images.first.flatMap { documents[$0.config] }
    }
}
