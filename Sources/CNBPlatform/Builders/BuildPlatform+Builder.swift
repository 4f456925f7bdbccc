import CNBLifecycle
import CNBSpec
import Diagnostics
package import OCIImage

extension BuildPlatform {
    /// Makes a builder from the configuration at `config`, which messages call `shown`.
    package func createBuilder(_ reference: Reference, config: String, shown: String, version: String) async throws -> Image {
        guard let bytes = try UserFile.read(config, shown: "the builder's configuration '\(shown)'") else {
            throw Fault("there is no builder configuration '\(shown)'", hint: "check the path given with --config")
        }
        let parsed = try BuilderConfig(reading: DocumentSource(file: shown, bytes: bytes))
        return try await holdingStore {
            let policy = configuration.pullPolicy ?? .standard
            let base = try await library.image(Reference(parsing: parsed.buildImage), policy: policy, role: "build image")
            let folder = config.lastIndex(of: "/").map { String(config[..<$0]) } ?? "."
            let result = try await withScratch { scratch in
                let finder = try moduleFinder(policy: policy, registry: nil, scratch: scratch)
                return try await BuilderCreation(store: store, finder: finder, version: version).create(parsed, folder: folder, base: base)
            }
            for warning in result.warnings { events(.warning(PhaseWarning(warning.message, at: warning.location))) }
            try await complete(result.image)
            try store.tag(result.image, [reference])
            return result.image
        }
    }
}
