import CNBLifecycle
import CNBSpec

/// What is copied into a build where it could be mounted, because buildpacks could not rename its folders.
struct CopiedContents: Equatable, Sendable {
    /// Whose cached layers.
    var layersOf: Set<BuildpackID> = []
    var app = false

    func union(_ other: CopiedContents) -> CopiedContents {
        CopiedContents(layersOf: layersOf.union(other.layersOf), app: app || other.app)
    }
}

extension CacheRecord {
    /// What a build before this one found out.
    var copied: CopiedContents {
        get { CopiedContents(layersOf: Set((copying ?? []).compactMap { try? BuildpackID($0) }), app: copiesApp == true) }
        set {
            copying = newValue.layersOf.isEmpty ? nil : newValue.layersOf.map(\.raw).sorted()
            copiesApp = newValue.app ? true : nil
        }
    }
}
