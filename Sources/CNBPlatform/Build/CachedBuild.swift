import CNBLifecycle
import CNBSpec

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

    /// - Parameter copied: what this build copies besides what is remembered.
    init(_ request: BuildRequest, _ home: ToteHome, copying copied: CopiedContents) throws {
        try Directory.create(home.cache)
        cache = BuildCache(in: home.cache, image: request.cacheOwner)
        let record = cache.load()
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
}

extension CacheRecord {
    fileprivate var cleared: CacheRecord {
        var record = CacheRecord()
        record.copied = copied
        return record
    }
}
