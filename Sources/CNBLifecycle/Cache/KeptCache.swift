package import Archive
package import OCIImage

/// The cache of one app image as it lies in the folder of caches.
package struct KeptCache: Equatable, Sendable {
    /// The name of its file.
    package var file: String
    /// Nil when the file was written before it said so.
    package var image: Reference?
    package var record: CacheRecord
    /// When a build last began with it.
    package var lastUsed: FileStatus.Time
}
