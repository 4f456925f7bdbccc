package import Archive

/// What a registry client is doing, for whoever shows it. Sizes are bytes of the blob as stored.
package enum RegistryEvent: Equatable, Sendable {
    case downloading(Digest, received: Int64, of: Int64)
    case downloaded(Digest, size: Int64)
    case uploading(Digest, sent: Int64, of: Int64)
    case uploaded(Digest, size: Int64)
    /// The registry had the blob: nothing was sent.
    case alreadyThere(Digest, size: Int64)
    /// The registry linked the blob from another repository of its own: nothing was sent.
    case mounted(Digest, size: Int64, from: String)
    /// A manifest was written under this tag; the text is the full reference.
    case tagged(String, Digest)
    /// An attempt failed and another one follows after the pause.
    case retrying(String, after: Duration)
    /// A mirror could not serve an image, so its own registry is asked.
    case mirrorPassedOver(mirror: String, reason: String)
}
