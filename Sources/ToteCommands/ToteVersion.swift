import CNBSpec

/// What this tote is.
package enum ToteVersion {
    package static let text = "0.1.0"
}
