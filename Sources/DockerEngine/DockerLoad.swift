package import Archive

/// What came of handing an image to a daemon.
package struct DockerLoad: Equatable, Sendable {
    /// The daemon's id of the image: the config's digest, or on containerd's image store the manifest's.
    package var id: Digest
    /// Bytes of archives that went to the daemon; 0 when it had the image already.
    package var bytesSent: Int64
    /// How many of the image's layers were not sent.
    package var layersKept: Int
}
