package import OCIImage

/// Which build caches are to go, least recently used first.
package struct CachePruning: Equatable, Sendable {
    /// Only these; all when empty.
    package var images: [Reference]
    /// Only those that no build used for so long.
    package var unusedFor: Period?
    /// Only until those that stay take no more than so many bytes together.
    package var keptSize: Int64?

    package init(images: [Reference] = [], unusedFor: Period? = nil, keptSize: Int64? = nil) {
        self.images = images
        self.unusedFor = unusedFor
        self.keptSize = keptSize
    }

    /// Indexes into `caches`, which are sorted by their last use. That of the image `sparing` stays.
    func choose(from caches: [StoredCache], sparing: Reference? = nil, now: Int64) -> [Int] {
        let names = Set(images.map(\.full))
        var rest = Set(caches.indices), chosen: [Int] = []
        for (index, cache) in caches.enumerated() {
            if let keptSize, StoredCache.size(of: rest.lazy.map { caches[$0] }) <= keptSize { break }
            guard images.isEmpty || cache.image.map({ names.contains($0.full) }) ?? false else { continue }
            if let sparing, cache.image?.full == sparing.full { continue }
            if let unusedFor, !unusedFor.hasPassed(since: cache.lastUsed, at: now) { continue }
            rest.remove(index)
            chosen.append(index)
        }
        return chosen
    }
}
