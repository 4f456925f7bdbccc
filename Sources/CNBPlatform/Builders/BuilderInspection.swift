import CNBSpec
package import OCIImage

/// What `tote builder inspect` shows of a builder.
package struct BuilderInspection: Sendable {
    package var place: ImageInspection.Place
    package var documents: BuilderDocuments
    package var order: DetectionOrderTree
    package var extensionOrder: DetectionOrderTree

    init(_ image: ImageInspection, name: String, depth: Int?) throws {
        place = image.place
        documents = try BuilderDocuments(labels: image.config.settings.labels, name: name)
        order = try DetectionOrderTree(documents.order.groups, in: documents.buildpackLayers, depth: depth)
        extensionOrder = try DetectionOrderTree(documents.order.extensionGroups, in: documents.extensionLayers, depth: depth)
    }

    /// Names of run images, mirrors behind the image that they mirror, each once.
    package var runImages: [String] {
        var seen: Set<String> = []
        let images = documents.metadata.runImages + [documents.metadata.stackRunImage]
        return images.flatMap(\.candidates).filter { !$0.isEmpty && seen.insert($0).inserted }
    }
}

extension BuildPlatform {
    /// Looks at a builder; see `inspect`.
    /// - Parameter depth: levels of its order to unfold; nil for all.
    package func inspectBuilder(_ reference: Reference, asksRegistry: Bool, depth: Int?) async throws -> Inspection<BuilderInspection> {
        try await inspect(reference, asksRegistry: asksRegistry, role: "builder").map {
            try BuilderInspection($0, name: reference.familiar, depth: depth)
        }
    }

    /// Whether builds without `--builder` take this one.
    package func isDefaultBuilder(_ reference: Reference) -> Bool {
        configuration.defaultBuilder.flatMap { try? Reference(parsing: $0) } == reference
    }

    /// The builder that builds take when nothing names another.
    package var defaultBuilder: Reference? {
        get throws { try configuration.defaultBuilder.map { try Reference(parsing: $0) } }
    }
}
