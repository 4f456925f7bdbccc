package import Archive
package import CNBSpec
package import OCIImage

/// The build cache of one app image, and what it takes on the disk.
package struct StoredCache: Equatable, Sendable {
    /// Nil for one that was written before caches said whose they are; its next build tells.
    package var image: Reference?
    /// When a build last began with it, in seconds since 1970.
    package var lastUsed: Int64
    /// By buildpack, in the order of the build; the SBOMs of the layers last.
    package var layers: [StoredCacheLayer]
    /// The copy of the app's folder, and its bytes; two generations of it may share some. Nil when there is none.
    package var app: StoredApp?
    /// Whether its record can be read; else nothing is known of it, and its next build drops it.
    package var isReadable = true

    /// Bytes of the blobs, each counted once.
    package var blobSize: Int64 { Self.total([self], \.blobs) }
    /// Bytes of the unpacked layers and of the app's copy, each counted once.
    package var unpackedSize: Int64 { Self.total([self], \.trees) }
    package var size: Int64 { Self.size(of: [self]) }

    /// What caches take together: what several of them have counts once.
    package static func size(of caches: some Sequence<StoredCache>) -> Int64 { total(caches, \.blobs) + total(caches, \.trees) }

    private var blobs: [(String, Int64)] { layers.map { ($0.digest.hex, $0.blobSize ?? 0) } }
    private var trees: [(String, Int64)] {
        layers.map { ($0.diffID.digest.hex, $0.unpackedSize ?? 0) } + (app.map { [($0.name, $0.size)] } ?? [])
    }

    private static func total(_ caches: some Sequence<StoredCache>, _ parts: (StoredCache) -> [(String, Int64)]) -> Int64 {
        Dictionary(caches.flatMap(parts), uniquingKeysWith: { first, _ in first }).values.reduce(0, +)
    }
}

package struct StoredApp: Equatable, Sendable {
    package var name: String
    package var size: Int64
}

package struct StoredCacheLayer: Equatable, Sendable {
    /// The id of the buildpack that made it; nil for the SBOMs.
    package var buildpack: String?
    package var name: String
    /// Nil for the SBOMs.
    package var types: LayerTypes?
    package var diffID: DiffID
    /// Of the blob.
    package var digest: Digest
    /// Bytes of the blob; nil when it is gone.
    package var blobSize: Int64?
    /// Bytes of the unpacked contents; nil when the next build has to unpack them.
    package var unpackedSize: Int64?
    /// When the blob was made, in seconds since 1970; nil when it is gone.
    package var created: Int64?
}
