import CNBSpec

/// What this tote is.
package enum ToteVersion {
    package static let text = "0.1.0"

    /// What the build metadata label says of the launcher in the image (D-70).
    static let launcher = LauncherSource(version: text)
}
