import Archive
import CNBLifecycle
import Diagnostics
import OCIImage
import OCIRegistry

// Images for one or several platforms that get names when all of them are made.
extension BuildPlatform {
    /// Names the image in the store, which holds one under a name: of several the one that can be used here. `what` is what messages call it.
    func keep(_ images: [Image], as names: [Reference], what: String) throws -> Digest {
        guard let image = images.first(where: { library.other(than: .host, $0) == nil }) ?? images.first else {
            throw Fault("there is no \(what) to keep")
        }
        if images.count > 1 {
            events(
                .warning(
                    PhaseWarning(
                        "only the \(what) for \(image.config.platform) is kept in the store",
                        hint: "use --publish to have an index of all of them")))
        }
        try store.tag(image, names)
        return image.digest
    }

    /// Sends the image to its registry, or the index of several. `bases` are where the registry may have layers already.
    func publish(_ images: [Image], as names: [Reference], mountFrom bases: [Reference] = []) async throws -> Digest {
        var digest: Digest?
        for name in names {
            events(.note("Saving \(name.familiarTagged)..."))
            digest =
                images.count == 1
                ? try await registry.push(images[0], to: name, store: store, mountFrom: bases)
                : try await registry.push(images, asIndex: name, store: store, mountFrom: bases)
        }
        guard let digest else { throw Fault("there is no name to publish under") }
        return digest
    }
}
