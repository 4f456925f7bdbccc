import Archive
import CNBPlatform
import OCIImage

/// A build cache for scripts. Sizes are bytes.
struct CacheDocument: Encodable {
    struct Layer: Encodable {
        var buildpack: String?
        var name: String
        var types: [String]?
        var diff_id: String
        var digest: String
        var blob_size: Int64?
        var unpacked_size: Int64?
        var created: String?
    }

    var name: String?
    var size: Int64
    var blob_size: Int64
    var unpacked_size: Int64
    /// Of the copy of the app's folder.
    var app_size: Int64?
    var last_used: String
    var layers: [Layer]

    init(_ cache: StoredCache) {
        name = cache.image?.familiarTagged
        size = cache.size
        blob_size = cache.blobSize
        unpacked_size = cache.unpackedSize
        app_size = cache.app?.size
        last_used = Timestamp.text(secondsSince1970: cache.lastUsed)
        layers = cache.layers.map { layer in
            Layer(
                buildpack: layer.buildpack, name: layer.name, types: layer.types?.words, diff_id: layer.diffID.description,
                digest: layer.digest.description, blob_size: layer.blobSize, unpacked_size: layer.unpackedSize,
                created: layer.created.map { Timestamp.text(secondsSince1970: $0) })
        }
    }
}
