package import Archive
import CNBSpec
import Diagnostics
import DockerEngine
package import OCIImage

/// One name where pack looks for it: at its registry, and on this machine.
package struct Inspection<Content: Sendable>: Sendable {
    package var reference: Reference
    package var remote: Content?
    /// tote's store's, or else the daemon's.
    package var local: Content?
    /// False when no registry was asked, which is not the same as its having none.
    package var isRemoteAsked: Bool

    func map<Other>(_ body: (Content) throws -> Other) rethrows -> Inspection<Other> {
        Inspection<Other>(reference: reference, remote: try remote.map(body), local: try local.map(body), isRemoteAsked: isRemoteAsked)
    }
}

/// What can be told of an image without its layers.
package struct ImageInspection: Sendable {
    package enum Place: Equatable, Sendable {
        case registry(String)
        case store
        /// `docker` or `podman`
        case daemon(String)
    }

    package struct Layer: Equatable, Sendable {
        package var diffID: DiffID
        /// Nil for a daemon's layers.
        package var blob: Descriptor?
        package var createdBy: String
        /// Whether it is part of the run image.
        package var isBase: Bool
    }

    package var place: Place
    /// Of the manifest; a daemon's image has the id that the daemon gives it.
    package var digest: Digest
    /// Bytes as transferred; of a daemon's image unpacked.
    package var size: Int64
    package var config: ImageConfig
    package var layers: [Layer]
    /// Nil for images that no buildpack built.
    package var app: AppInspection?

    init(_ image: Image, in place: Place) {
        self.init(place, image.digest, size: image.manifest.totalSize, image.config, blobs: image.manifest.layers)
    }

    init(_ image: DaemonImage, in product: String) {
        self.init(.daemon(product), image.id, size: image.size, image.config, blobs: [])
    }

    private init(_ place: Place, _ digest: Digest, size: Int64, _ config: ImageConfig, blobs: [Descriptor]) {
        self.place = place
        self.digest = digest
        self.size = size
        self.config = config
        let app = AppInspection(config.settings)
        self.app = app
        let top = app.flatMap { app in config.diffIDs.lastIndex { $0.description == app.metadata.runImage.topLayer } } ?? -1
        let history = config.isHistoryAligned ? config.history.filter { !$0.isEmptyLayer } : []
        layers = config.diffIDs.enumerated().map { index, diffID in
            Layer(
                diffID: diffID, blob: index < blobs.count ? blobs[index] : nil,
                createdBy: index < history.count ? history[index].createdBy ?? "" : "", isBase: index <= top)
        }
    }
}

extension ImageInspection.Place: CustomStringConvertible {
    package var description: String {
        switch self {
        case .registry(let host): host
        case .store: "tote's store"
        case .daemon(let product): "the \(product) daemon"
        }
    }
}
