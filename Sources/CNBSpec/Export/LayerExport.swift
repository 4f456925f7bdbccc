package import Diagnostics

/// What becomes of a launch layer in the app image (D-30, D-31).
package enum LayerExport: Equatable, Sendable {
    /// Made from its folder; the same diffID as in the previous image means that it is reused.
    case fromDirectory
    /// Taken from the previous image, whose diffID this is.
    case fromPreviousImage(sha: String)

    /// - Parameters:
    ///   - identifier: `<buildpack id>:<layer>`, for messages.
    ///   - previous: what the previous image's label knows of the layer.
    /// - Throws: status 62 when there is nothing to take the layer from.
    package static func decide(
        _ identifier: String, types: LayerTypes, hasDirectory: Bool, previous: LayerRecord?
    ) throws(Fault) -> LayerExport {
        if hasDirectory { return .fromDirectory }
        guard !types.cache else {
            throw Fault("layer '\(identifier)' is cache=true but has no contents", exitCode: ExitStatus.export.rawValue)
        }
        guard let previous, !previous.sha.isEmpty else {
            throw Fault(
                "cannot reuse '\(identifier)', previous image has no metadata for layer '\(identifier)'",
                hint: "the buildpack must make the layer's folder again when there is no image to take it from",
                exitCode: ExitStatus.export.rawValue)
        }
        return .fromPreviousImage(sha: previous.sha)
    }
}
