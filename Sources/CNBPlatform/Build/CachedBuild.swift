import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage

/// What the last build of an app left, for this one.
struct CachedBuild: Sendable {
    let cache: BuildCache
    /// What this build may restore; nothing when it is to forget the cache.
    private(set) var loaded: CacheRecord
    /// Layers of the own cache, when another took its place.
    private var replaced: Set<String> = []
    /// The name of the copy of the app that the last build left.
    let lastCopy: String?
    /// Whether what builds before had to copy is mounted again, because the user says so.
    private let forgetsCopies: Bool
    /// The digest of the image that the next build would find if this one came to nothing.
    private let previous: Digest?
    /// Why there is nothing to restore, when the record cannot be read (D-89).
    private(set) var trouble: Fault?

    /// - Parameter copied: what this build copies besides what is remembered.
    init(_ request: BuildRequest, _ home: ToteHome, previous: PreviousImage?, copying copied: CopiedContents) throws {
        try Directory.create(home.cache)
        cache = BuildCache(in: home.cache, image: request.cacheOwner)
        self.previous = previous?.image.digest
        var record = CacheRecord()
        do { record = try cache.load(fitting: self.previous) } catch {
            trouble = Fault("the last build's cache is not used", cause: error)
        }
        forgetsCopies = request.restoring == .mount
        lastCopy = record.app?.copy
        loaded = record
        if request.clearCache { loaded = loaded.cleared }
        if forgetsCopies { loaded.copied = CopiedContents() }
        loaded.copied = loaded.copied.union(copied)
    }

    /// Takes another cache in the place of the own one. What is known of buildpacks stays.
    mutating func use(_ record: CacheRecord) {
        let copied = forgetsCopies ? loaded.copied : loaded.copied.union(record.copied)
        replaced = Set(loaded.blobs.keys)
        loaded = record
        loaded.copied = copied
    }

    /// DiffIDs of all layers that this build may leave behind.
    var former: Set<String> { replaced.union(loaded.blobs.keys) }

    /// What is remembered apart from layers.
    var cleared: CacheRecord { loaded.cleared }

    /// Called right before the image with that digest gets its first name. Of what goes wrong, `save` will tell.
    func announce(_ record: CacheRecord, of image: Digest) {
        try? cache.announce(record, of: image, after: previous)
    }
}

extension CacheRecord {
    fileprivate var cleared: CacheRecord {
        var record = CacheRecord()
        record.copied = copied
        return record
    }
}
