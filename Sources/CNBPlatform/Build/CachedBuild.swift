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

    init(_ request: BuildRequest, _ home: ToteHome) throws {
        try Directory.create(home.cache)
        cache = BuildCache(in: home.cache, image: request.cacheOwner)
        let record = cache.load()
        loaded = request.clearCache ? record.cleared : record
        lastCopy = record.app?.copy
    }

    /// Takes another cache in the place of the own one. What is known of buildpacks stays.
    mutating func use(_ record: CacheRecord) {
        let copying = Set((record.copying ?? []) + (loaded.copying ?? [])).sorted()
        let copiesApp = loaded.copiesApp
        replaced = Set(loaded.blobs.keys)
        loaded = record
        loaded.copiesApp = copiesApp
        loaded.copying = copying.isEmpty ? nil : copying
    }

    /// DiffIDs of all layers that this build may leave behind.
    var former: Set<String> { replaced.union(loaded.blobs.keys) }

    /// What is remembered apart from layers.
    var cleared: CacheRecord { loaded.cleared }

    /// Buildpacks that cannot work with mounted layers.
    var copying: Set<BuildpackID> { Set((loaded.copying ?? []).compactMap { try? BuildpackID($0) }) }

    /// - Parameter buildpack: whose layers cannot be mounted; nil when it is not about layers.
    func copyFromNowOn(layersOf buildpack: BuildpackID?, app: Bool) throws {
        var record = cache.load()
        if app { record.copiesApp = true }
        if let buildpack { record.copying = Set((record.copying ?? []) + [buildpack.raw]).sorted() }
        try cache.save(record)
    }
}

extension CacheRecord {
    fileprivate var cleared: CacheRecord {
        var record = CacheRecord()
        record.copying = copying
        record.copiesApp = copiesApp
        return record
    }
}
