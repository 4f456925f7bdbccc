extension Image {
    /// The image on another base: its lowest `count` layers, with their history, give way to those of `base`. All other layers stay as they
    /// are, and the image stays in its family (F-9, F-12, F-13). No blob is touched.
    ///
    /// - Parameters:
    ///   - created: what the history of the base's layers says, as in an image that was built on it (D-59).
    ///   - change: for the rest of the config.
    package func onBase(
        _ base: Image, replacing count: Int, created: String, blobs: any BlobSource, change: (inout ImageConfig) throws -> Void
    ) throws -> Image {
        let base = base.family == family ? base : try base.converted(to: family)
        var config = config
        let history = base.config.layerHistory.map { entry in
            var entry = entry
            entry.created = created
            return entry
        }
        config.history = history + config.layerHistory.dropFirst(count)
        config.diffIDs = base.config.diffIDs + config.diffIDs.dropFirst(count)
        config.os = base.config.os
        config.architecture = base.config.architecture
        config.variant = base.config.variant
        config.osVersion = base.config.osVersion
        config.osFeatures = base.config.osFeatures
        try change(&config)
        return try Image(
            config: config, manifestType: manifest.mediaType, layers: base.manifest.layers + manifest.layers.dropFirst(count),
            annotations: manifest.annotations, blobs: blobs)
    }
}

extension ImageConfig {
    /// One entry for each layer; blank ones when the history does not fit the layers (D-59).
    fileprivate var layerHistory: [History] {
        var aligned = self
        aligned.alignHistory()
        return aligned.history
    }
}
