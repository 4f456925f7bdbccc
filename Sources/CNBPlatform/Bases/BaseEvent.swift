package import Archive
package import OCIImage

/// What happens while a base is made.
package enum BaseEvent: Sendable {
    /// A line that mmdebstrap printed.
    case output(BaseImageKind, String)
    /// The packages are installed and the layer is being written.
    case packing(BaseImageKind)
    case stored(BaseImageKind, Reference, Digest)
}

/// The two images of a base, in the store.
package struct CreatedBase: Sendable {
    package struct Member: Sendable {
        package var reference: Reference
        /// Of the manifest.
        package var digest: Digest
        /// Of the compressed layer, in bytes.
        package var layerSize: Int64
    }

    package var build: Member
    package var run: Member
    /// `Debian GNU/Linux 12 (bookworm)`
    package var system: String
}
