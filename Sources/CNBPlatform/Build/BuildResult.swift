package import Archive
package import CNBLifecycle
package import OCIImage

/// What a build made and where it is.
package struct BuildResult: Sendable {
    /// Every name that the image got, the requested one first.
    package var names: [Reference]
    package var digest: Digest
    /// Bytes of config and layers as transferred.
    package var size: Int64
    /// Bytes of the manifest.
    package var manifestSize: Int64
    /// Whether it was sent to registries; else it is in the store.
    package var isPublished: Bool
    /// The command line of the daemon that has the image as well: `docker` or `podman`.
    package var daemon: String?
    /// What a daemon that has the image calls it.
    package var imageID: Digest?
    package var outputs: [ImageSink]
    /// The process type that starts by default; nil when the caller must name a command.
    package var defaultProcess: String?
    /// The folder of the store.
    package var store: String
    /// What became of each layer, in the order of the image; those that only the cache has come last.
    package var layers: [LayerReport]

    package init(
        names: [Reference], digest: Digest, size: Int64, manifestSize: Int64 = 0, isPublished: Bool, daemon: String? = nil,
        imageID: Digest? = nil,
        outputs: [ImageSink],
        defaultProcess: String?, store: String, layers: [LayerReport] = []
    ) {
        self.names = names
        self.digest = digest
        self.size = size
        self.manifestSize = manifestSize
        self.isPublished = isPublished
        self.daemon = daemon
        self.imageID = imageID
        self.outputs = outputs
        self.defaultProcess = defaultProcess
        self.store = store
        self.layers = layers
    }
}
