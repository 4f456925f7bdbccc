package import Archive

/// A cached layer whose contents come back.
package struct CachedLayer: Equatable, Sendable {
    /// `/layers/<escaped id>/<name>`
    package var path: String
    package var blob: LayerBlob
}

/// What is known about a directory below the layers directory without reading it.
package enum LayerState: Equatable, Sendable {
    /// It was not restored, or nobody looked.
    case unknown
    /// It holds what the restored layer with that diffID holds.
    case unchanged(DiffID)
    /// It is not what was restored: the layer with that diffID. `written` are the entries below it that a buildpack wrote to, all others
    /// are as they were; nil when that is not known.
    ///
    /// `tree` is the host's folder with the layer as it was restored, which stays as it is.
    case changed(from: DiffID, written: WrittenEntries?, tree: String)
}

extension LayerState {
    var isChanged: Bool {
        if case .changed = self { return true }
        return false
    }
}

/// How the contents of cached layers come back into the room of a build, and what is known of them afterwards.
package protocol LayerRestorer: Sendable {
    /// Brings the layers back, before anything else is written below the layers directory. The answer is what went wrong, by path: these
    /// layers are not there. A cancellation is thrown.
    func restore(_ layers: [CachedLayer], in room: any BuildpackRoom) async throws -> [String: any Error]

    /// The state of a layer after the build.
    func state(of path: String) throws -> LayerState
}

/// Unpacks each blob into the room. Nothing is known afterwards.
package struct CopyingRestorer: LayerRestorer {
    package init() {}

    package func restore(_ layers: [CachedLayer], in room: any BuildpackRoom) async throws -> [String: any Error] {
        var failures: [String: any Error] = [:]
        for layer in layers {
            do {
                try await blocking { _ in try layer.unpack(in: room) }
            } catch let error as CancellationError {
                throw error
            } catch {
                try room.root.removeTree(layer.path)
                failures[layer.path] = error
            }
        }
        return failures
    }

    package func state(of path: String) -> LayerState { .unknown }
}
