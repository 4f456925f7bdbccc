package import Archive
package import OCIImage

/// The cache of one app image as it lies in the folder of caches.
package struct KeptCache: Equatable, Sendable {
    /// The name of its file.
    package var file: String
    /// Nil when the file was written before it said so.
    package var image: Reference?
    /// Nil when the file cannot be read: its next build drops it.
    package var record: CacheRecord?
    /// What a build left that may not have given its image the name.
    package var next: CacheRecord?
    /// When a build last began with it.
    package var lastUsed: FileStatus.Time

    /// All that may be restored.
    var records: [CacheRecord] { [record, next].compactMap(\.self) }
}
