package import OCIImage

/// The run image that app images are put on.
package struct RebaseBase: Sendable {
    package var image: Image
    /// Where it was found.
    package var name: Reference
    /// `repository@sha256:…` for the label (D-68).
    package var reference: String
    /// Whether the user named it; else the app image's label did, directly or as a mirror.
    package var isAsked: Bool

    package init(image: Image, name: Reference, isAsked: Bool) {
        self.image = image
        self.name = name
        self.isAsked = isAsked
        let host = name.registry == Reference.dockerHub ? "index.docker.io" : name.registry
        reference = "\(host)/\(name.repository)@\(image.digest)"
    }
}
