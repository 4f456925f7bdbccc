/// How the contents of cached layers come back into a build.
package enum LayerRestoring: String, CaseIterable, Sendable {
    /// They are shown where they belong, and nothing is copied.
    case mount
    /// They are unpacked anew.
    case copy
}
