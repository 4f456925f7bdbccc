package import CNBSpec
package import OCIImage

/// Everything a caller asks of one builder.
package struct BuilderRequest: Sendable {
    package var name: Reference
    /// builder.toml, absolute, and what messages call it.
    package var config: String
    package var shown: String
    /// tote's own version, which goes into the label.
    package var version: String
    package var additionalTags: [Reference] = []
    package var labels: [String: String] = [:]
    /// To a registry instead of the store; several targets become an index.
    package var publish = false
    /// What to make it for; empty leaves it to builder.toml.
    package var targets: [Target] = []
    /// Which buildpacks share layers (H-55).
    package var flattened: [Set<BuildpackReference>] = []
    package var pullPolicy: PullPolicy?
    package var registry: String?

    package init(name: Reference, config: String, shown: String, version: String) {
        self.name = name
        self.config = config
        self.shown = shown
        self.version = version
    }
}
