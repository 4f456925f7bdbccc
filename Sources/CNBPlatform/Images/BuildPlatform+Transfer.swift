package import Archive
import CNBLifecycle
import Diagnostics
package import OCIImage
import OCIRegistry

// Images between the store and other places.
extension BuildPlatform {
    /// Brings an image of a registry into the store, whole and under its name.
    package func pullImage(_ reference: Reference) async throws -> Image {
        try await holdingStore {
            guard let image = try await library.remote(reference, policy: .always, role: "image") else {
                throw Fault("the image '\(reference)' does not exist at \(reference.registry)", hint: "check the name")
            }
            if let own = library.other(than: library.platform, image) {
                throw Fault(
                    "the image '\(reference)' is for \(own), not for \(library.platform)",
                    hint: "it exists for \(own) only: say --platform \(own) to have it all the same")
            }
            try await complete(image)
            if let name = reference.tagged { try store.tag(image, [name]) }
            return image
        }
    }

    /// Sends an image of the store to a registry.
    package func pushImage(_ name: Reference, to reference: Reference) async throws -> Digest {
        try await holdingStore {
            events(.note("Saving \(reference.familiarTagged)..."))
            return try await registry.push(stored(name), to: reference, store: store, mountFrom: [])
        }
    }

    /// Writes an image of the store to another place.
    package func exportImage(_ name: Reference, to sink: ImageSink) async throws {
        _ = try await holdingStore { try await write(stored(name), to: sink, as: [name]) }
    }

    /// Puts an image from a file, a folder or the daemon into the store.
    package func importImage(_ origin: ImageOrigin, as name: Reference) async throws -> Image {
        try await holdingStore {
            try await withScratch { scratch in
                let image = try await origin.image(into: store, daemon: library.daemon, scratch: scratch, limit: unpackingLimit)
                try store.tag(image, [name])
                return image
            }
        }
    }

    private func stored(_ name: Reference) throws -> Image {
        guard let image = try store.image(name) else {
            throw Fault("there is no image '\(name)' in the store", hint: "'tote images' lists them")
        }
        return image
    }
}
