import Archive
import CNBLifecycle
import Diagnostics
import DockerEngine
import OCIImage
import OCIRegistry

extension BuildPlatform {
    /// Finds an app image. `scratch` is an empty folder that stays until the rebased image is written.
    func rebaseSubject(_ place: RebasePlace, _ request: RebaseRequest, scratch: String) async throws -> RebaseSubject {
        switch place {
        case .name(let target):
            // F-2
            let source = request.previousImage ?? target
            var subject =
                request.publish
                ? try await remoteSubject(source, target: target, isChanged: !request.isForecast)
                : try await localSubject(source, target: target)
            subject.source = source
            subject.isInPlace = source == target
            return subject
        case .file(let origin): return try await fileSubject(origin, scratch: scratch)
        }
    }

    private func remoteSubject(_ source: Reference, target: Reference, isChanged: Bool) async throws -> RebaseSubject {
        guard let found = try await registry.named(source, store: store, isChanged: isChanged && source == target) else {
            throw Fault("the image '\(source)' does not exist at \(source.registry)", hint: "check the name")
        }
        return RebaseSubject(name: source.familiarTagged, place: .registry(target), content: found)
    }

    private func localSubject(_ source: Reference, target: Reference) async throws -> RebaseSubject {
        if let image = try store.image(source) {
            guard try store.descriptor(source)?.digest == image.digest else {
                throw Fault(
                    "'\(source.familiarTagged)' is an index of images, which another tool put into the store",
                    hint: "copy it to a layout or a registry, and rebase it there")
            }
            return RebaseSubject(name: source.familiarTagged, place: .store(target), content: .image(image))
        }
        let client = try await library.daemon.client()
        if let client, let image = try await library.daemon.image(source) {
            events(.detail("'\(source.familiarTagged)' is an image of \(client.daemon.product.rawValue)"))
            return RebaseSubject(name: source.familiarTagged, place: .daemon(target), content: .image(image))
        }
        throw Fault(
            "there is no image '\(source.familiarTagged)' in tote's store"
                + (client.map { ", nor in \($0.daemon.product.rawValue)" } ?? ""),
            hint: "'tote images' lists the store's; --publish rebases an image where it is in its registry")
    }

    private func fileSubject(_ origin: ImageOrigin, scratch: String) async throws -> RebaseSubject {
        let name = "\(origin)"
        switch origin {
        case .layout(let directory, let tag):
            let (own, images) = try LayoutSource(at: directory).contents(tag: tag)
            return RebaseSubject(name: name, place: .layout(directory: directory, tag: own), content: images)
        case .ociArchive(let file, let tag):
            try ImageOrigin.unpackArchive(file, into: scratch, unpackingLimit)
            let archive = try LayoutSource(at: scratch, unpackedFrom: file)
            let (own, images) = try archive.contents(tag: tag)
            guard case .image = images, try archive.count() == 1 else {
                throw Fault(
                    "'\(file)' holds more than one image", hint: "unpack it into a folder and rebase the images there: oci:DIR:TAG")
            }
            return RebaseSubject(name: name, place: .ociArchive(file: file, tag: own), content: images)
        case .dockerArchive(let file):
            let image = try await origin.image(into: store, daemon: library.daemon, scratch: scratch, limit: unpackingLimit)
            let names = try DockerArchiveSource(ConfinedDirectory(scratch), unpackedFrom: file).names()
            return RebaseSubject(name: name, place: .dockerArchive(file: file, names: names), content: .image(image))
        case .daemon(let reference):
            let image = try await origin.image(into: store, daemon: library.daemon, scratch: scratch, limit: unpackingLimit)
            return RebaseSubject(name: name, place: .daemon(reference), content: .image(image), source: reference)
        }
    }
}
