import CNBLifecycle
import CNBSpec

/// What the last build of an app left, for this one.
struct CachedBuild: Sendable {
    let cache: BuildCache
    /// What this build may restore; nothing when it is to forget the cache.
    let loaded: CacheRecord

    init(_ request: BuildRequest, _ home: ToteHome) throws {
        try Directory.create(home.cache)
        cache = BuildCache(in: home.cache, image: request.image)
        cache.noteUse()
        let record = cache.load()
        loaded = request.clearCache ? record.cleared : record
    }

    /// What is remembered apart from layers.
    var cleared: CacheRecord { loaded.cleared }

    /// Buildpacks that cannot work with mounted layers.
    var copying: Set<BuildpackID> { Set((loaded.copying ?? []).compactMap { try? BuildpackID($0) }) }

    func copyFromNowOn(_ buildpack: BuildpackID) throws {
        var record = cache.load()
        record.copying = Set((record.copying ?? []) + [buildpack.raw]).sorted()
        try cache.save(record)
    }
}

extension CacheRecord {
    fileprivate var cleared: CacheRecord {
        var record = CacheRecord()
        record.copying = copying
        return record
    }
}
