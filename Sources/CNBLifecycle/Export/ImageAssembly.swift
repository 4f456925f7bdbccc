import Archive
import CNBSpec
import OCIImage

/// An app image in the making: its new layers, bottom first, and what its label says about them.
struct ImageAssembly {
    /// Seconds since 1970.
    let created: Int64
    var label = LifecycleMetadata()
    var buildpackLayers: [String: LayerFacts] = [:]
    private(set) var reports: [LayerReport] = []
    private var layers: [NewLayer] = []

    init(created: Int64) {
        self.created = created
    }

    /// Puts a layer on top; the answer is its diffID.
    mutating func add(_ layer: LayerStore.Prepared, _ createdBy: String) -> String {
        var history = History()
        history.createdBy = createdBy
        layers.append(NewLayer(layer.facts, history: history, mediaType: layer.mediaType))
        return layer.facts.diffID.description
    }

    /// Makes a layer by `prepare`, and notes what became of it and how long that took.
    mutating func reporting(
        _ name: String, _ source: LayerReport.Source, _ prepare: () async throws -> LayerStore.Prepared
    ) async throws -> LayerStore.Prepared {
        let start = ContinuousClock.now
        let layer = try await prepare()
        reports.append(LayerReport(name, source, layer.change, size: layer.facts.size, duration: ContinuousClock.now - start))
        return layer
    }

    /// The image. All history, the run image's included, says the same time (D-59).
    func image(
        on runImage: RunImageChoice, blobs: any BlobSource, settings: (inout ContainerSettings, LifecycleMetadata) throws -> Void
    ) throws -> Image {
        var label = label
        label.runImage = RunImageRecord(
            topLayer: runImage.image.config.diffIDs.last?.description ?? "", reference: runImage.reference, image: runImage.names)
        label.stackRunImage = runImage.names
        var config = runImage.image.config
        config.alignHistory()
        let image = try runImage.image.with(config: config).with(blobs: blobs).appending(layers)
        config = image.config
        config.created = Timestamp.text(secondsSince1970: created)
        config.other["container"] = nil
        config.other["container_config"] = nil
        for index in config.history.indices { config.history[index].created = config.created }
        try settings(&config.settings, label)
        return try image.with(config: config)
    }
}
