package import Archive
package import OCIImage

/// What a rebase of one app image would do; of an index, one for each platform.
package struct RebaseForecast: Sendable {
    package var platform: Platform
    /// The run image as the app image remembers it: its name, and `repository@sha256:…` or what a daemon called it.
    package var remembered: String?
    package var rememberedReference: String
    /// The run image that it would stand on.
    package var base: Reference
    package var baseDigest: Digest
    /// Whether it stands on that release of the run image already.
    package var isCurrent: Bool
    /// Why it would be refused; empty when it would not.
    package var refusals: [String]
    /// What would be told besides: what force overrides, another tag of the repository.
    package var notes: [String]
    /// Nil where the layers are the same, or one of the bases has no Debian packages.
    package var packages: PackageChanges?
    /// Layers that have to come or go, and the new documents; nothing for an image that is current.
    package var bytes: Int64
}
