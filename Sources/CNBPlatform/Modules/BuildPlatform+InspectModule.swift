package import Archive
package import CNBSpec
import Diagnostics
package import OCIImage

extension BuildPlatform {
    /// What a locator names, wherever it is, with nothing kept but what downloads and registries leave. `folder` is where relative paths start.
    package func inspectModule(
        _ text: String, kind: ModuleKind, relativeTo folder: String, registry: String?, policy: PullPolicy?
    ) async throws -> ModulePackage {
        try await holdingStore {
            try await withScratch { scratch in
                try await moduleFinder(policy: policy ?? configuration.pullPolicy ?? .standard, registry: registry, scratch: scratch)
                    .finder(for: nil)
                    .package(text, kind: kind, relativeTo: folder, at: nil)
            }
        }
    }

    /// Brings a package of a registry into the store, whole. `text` is an image, or a name of the registry index.
    package func pullModule(_ text: String, kind: ModuleKind, registry: String?) async throws -> (Reference, Digest) {
        try await holdingStore {
            let reference = try await packageImage(text, kind: kind, registry: registry)
            guard let image = try await library.remote(reference, policy: .always, role: "\(kind.rawValue) package") else {
                throw Fault("the package '\(reference)' does not exist at \(reference.registry)", hint: "check the name")
            }
            _ = try ModulePackage(image, kind: kind, name: reference.familiar)
            try await complete(image)
            if let name = reference.tagged { try store.tag(image, [name]) }
            return (reference, image.digest)
        }
    }

    private func packageImage(_ text: String, kind: ModuleKind, registry: String?) async throws -> Reference {
        let locator = try BuildpackLocator(text, relativeTo: "/") { _ in false }
        switch try BuildpackCatalog([], kind: kind).place(of: locator) {
        case .image(let reference): return reference
        case .registry(let id, let version):
            let index = RegistryIndex(url: try configuration.buildpackRegistry(registry), folder: home.registries, events: events)
            return try await index.image(id, version: version, policy: .always)
        case .path, .url, nil:
            throw Fault(
                "'\(text)' is no image of a registry", hint: "name it as docker://IMAGE, or as NAMESPACE/NAME of a registry of buildpacks")
        }
    }
}
