/// What happens to one layer before a build (D-18 to D-21).
package enum LayerRestoration: Equatable, Sendable {
    package enum Source: String, Equatable, Sendable {
        case appImage = "app image"
        case cache
    }

    /// `<layer>.toml` comes back with its metadata, the folder does not: the buildpack may ask to reuse the layer as it is.
    case metadata(LayerRecord, from: Source)
    /// Both come back, the folder from the cached layer.
    case metadataAndData(LayerRecord, from: Source)
    /// The image and the cache disagree about the layer: neither comes back.
    case removed
    case nothing(reason: String)

    /// The decision for every layer that the image or the cache knows of one buildpack, by layer name.
    ///
    /// - Parameters:
    ///   - app: the layers of the previous image's label.
    ///   - cache: the layers of the cache's metadata.
    package static func decide(
        app: [String: LayerRecord], cache: [String: LayerRecord], platformAPI: APIVersion
    ) -> [String: LayerRestoration] {
        let names = Set(app.keys).union(cache.keys)
        return Dictionary(
            uniqueKeysWithValues: names.map { name in
                guard LayerMetadata.isLayerName(name) else { return (name, .nothing(reason: "not the name of a layer")) }
                return (name, decide(app: app[name], cache: cache[name], platformAPI: platformAPI))
            })
    }

    private static func decide(app: LayerRecord?, cache: LayerRecord?, platformAPI: APIVersion) -> LayerRestoration {
        let cached = cache.flatMap { $0.types.cache ? $0 : nil }
        if let cached, !cached.types.launch { return .metadataAndData(cached, from: .cache) }
        guard let app else {
            // D-21
            guard let cached, platformAPI >= APIVersion(0, 14) else { return .nothing(reason: "the app image does not have it") }
            return .metadataAndData(cached, from: .cache)
        }
        guard app.types.launch else { return .nothing(reason: "marked as launch=false") }
        if app.types.build, !app.types.cache { return .nothing(reason: "marked as build=true, cache=false") }
        guard let cached else {
            return app.types.cache ? .nothing(reason: "marked as cache=true, but not found in cache") : .metadata(app, from: .appImage)
        }
        // D-20
        return cached.sha == app.sha ? .metadataAndData(app, from: .appImage) : .removed
    }

    /// The reference's log lines about the layer `<id>:<layer>`; empty when it says nothing.
    package func logLines(_ identifier: String) -> [String] {
        switch self {
        case .metadata(_, let source): ["Restoring metadata for \"\(identifier)\" from \(source.rawValue)"]
        case .metadataAndData(_, let source):
            [
                "Restoring metadata for \"\(identifier)\" from \(source.rawValue)", "Restoring data for \"\(identifier)\" from cache",
            ]
        case .removed: ["Removing \"\(identifier)\", wrong sha"]
        case .nothing: []
        }
    }
}
