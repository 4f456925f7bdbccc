import Archive
import CNBLifecycle
import Diagnostics
import DockerEngine
import OCIImage
import OCIRegistry

extension BuildPlatform {
    /// Gives the image its names, in the store or in registries. The answer is the image as it is there.
    ///
    /// - Parameter begin: called with its digest right before the first name.
    func name(_ image: Image, _ inputs: BuildInputs, begin: (Digest) -> Void) async throws -> Image {
        let request = inputs.request, names = request.names
        let delivered: Image
        if request.publish {
            // The run image's manifest family is kept (D-61).
            delivered = try annotated(image, inputs)
            begin(delivered.digest)
            let sources = [inputs.runImageReference] + (request.previousImage.map { [$0] } ?? [])
            for name in names {
                events(.note("Saving \(name.familiarTagged)..."))
                _ = try await registry.push(delivered, to: name, store: store, mountFrom: sources)
            }
        } else {
            delivered = try annotated(try image.converted(to: .oci), inputs)
            try await complete(delivered)
            begin(delivered.digest)
            try store.tag(delivered, names)
        }
        return delivered
    }

    /// Writes an image that has its names to every place that the request names.
    func handOut(_ delivered: Image, _ inputs: BuildInputs) async throws -> BuildResult {
        let request = inputs.request, names = request.names
        // As with pack, `docker run NAME` works where there is a daemon.
        let daemon = request.publish || !request.outputs.isEmpty ? nil : await load(delivered, as: names, inputs)
        var imageID = daemon?.imageID
        for output in request.outputs {
            events(.note("Writing \(output)"))
            imageID = try await write(delivered, to: output, as: names) ?? imageID
        }
        return BuildResult(
            names: names, digest: delivered.digest, size: delivered.manifest.totalSize,
            manifestSize: Int64(delivered.manifestBytes.count), isPublished: request.publish, daemon: daemon?.name, imageID: imageID,
            outputs: request.outputs,
            defaultProcess: delivered.config.settings.entrypoint.first.flatMap(Self.processType), store: home.images)
    }

    /// Hands the image to the daemon of this machine, if one answers; the answer is the daemon's command line, and what it calls the image.
    /// It is in the store already, so what goes wrong here is a warning.
    private func load(_ image: Image, as names: [Reference], _ inputs: BuildInputs) async -> (name: String, imageID: Digest)? {
        do {
            guard let client = try await library.daemon.client() else { return nil }
            events(.note("Loading into \(client.daemon.product.rawValue)"))
            let loaded = try await client.load(image, as: names, relatives: [inputs.runImageReference])
            return (client.daemon.product.rawValue, loaded.id)
        } catch {
            events(.daemonRefused)
            events(.warning(PhaseWarning("the image is in the store only: \(Fault("loading it into the daemon", cause: error).message)")))
            return nil
        }
    }

    /// `web` of `/cnb/process/web`.
    private static func processType(_ entrypoint: String) -> String? {
        let prefix = "/cnb/process/"
        return entrypoint.hasPrefix(prefix) ? String(entrypoint.dropFirst(prefix.count)) : nil
    }

    /// The annotations of the OCI specification that are known; Docker manifests have none.
    private func annotated(_ image: Image, _ inputs: BuildInputs) throws -> Image {
        guard image.family == .oci else { return image }
        let project = inputs.descriptor?.project ?? ProjectInformation()
        var annotations = [
            "org.opencontainers.image.base.name": inputs.runImageReference.full,
            "org.opencontainers.image.base.digest": inputs.runImage.image.digest.description,
        ]
        annotations["org.opencontainers.image.created"] = image.config.created
        annotations["org.opencontainers.image.title"] = project.name ?? project.id
        annotations["org.opencontainers.image.version"] = project.version
        annotations["org.opencontainers.image.source"] = project.sourceURL
        annotations["org.opencontainers.image.documentation"] = project.documentationURL
        if !project.authors.isEmpty { annotations["org.opencontainers.image.authors"] = project.authors.joined(separator: ", ") }
        let licenses = project.licenses.compactMap(\.type)
        if !licenses.isEmpty { annotations["org.opencontainers.image.licenses"] = licenses.joined(separator: " AND ") }
        return try image.with(annotations: annotations)
    }

    /// Fetches the layers that the store lacks: those of the run image, and reused ones of a registry's image.
    func complete(_ image: Image) async throws {
        let missing = Set(image.manifest.layers.filter { $0.mediaType.isDistributable && !store.contains($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for layer in missing {
                group.addTask { _ = try await image.blobs.blob(layer) }
            }
            try await group.waitForAll()
        }
    }

    /// The answer is what a daemon calls the image; nil for all other places.
    @discardableResult
    func write(_ image: Image, to sink: ImageSink, as names: [Reference]) async throws -> Digest? {
        do {
            switch sink {
            case .layout(let directory, let tag): try await image.write(toLayout: directory, tag: tag ?? names.first?.tag)
            case .ociArchive(let file): try await image.write(toOCIArchive: file, tag: names.first?.tag)
            case .dockerArchive(let file): try await image.write(toDockerArchive: file, names)
            case .daemon: return try await library.daemon.requiredClient().load(image, as: names).id
            case .registry(let reference): _ = try await registry.push(image, to: reference, store: store, mountFrom: [])
            }
            return nil
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Fault("writing \(sink)", cause: error)
        }
    }
}

extension BuildRequest {
    /// Every name that the image gets, once.
    fileprivate var names: [Reference] {
        var seen: Set<Reference> = []
        return ([image] + additionalTags).filter { seen.insert($0).inserted }
    }
}
