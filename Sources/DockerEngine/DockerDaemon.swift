package import OCIImage

/// What a daemon says about itself.
package struct DockerDaemon: Equatable, Sendable {
    package enum Product: String, Sendable { case docker, podman }

    /// How it keeps images, which decides what it can be sent.
    package enum ImageStore: String, Sendable {
        /// Docker's own, by layers: image ids are config digests, and layers that it has can be left out.
        case classic
        /// containerd's, by blobs: image ids are manifest digests.
        case containerd
        /// Podman's: image ids are config digests, and every layer is wanted.
        case podman
    }

    package var product: Product
    /// Of the program: `20.10.24`.
    package var version: String
    package var apiVersion: DockerAPIVersion
    package var imageStore: ImageStore
    package var isRootless: Bool
    /// What its containers run on.
    package var platform: Platform
}

/// `1.41`
package struct DockerAPIVersion: Equatable, Sendable, Comparable, CustomStringConvertible {
    package var major: Int
    package var minor: Int

    /// The oldest one whose image inspection tells the layers; Podman's oldest too.
    package static let oldest = DockerAPIVersion(major: 1, minor: 24)

    package init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        self.init(major: Int(major), minor: Int(minor))
    }

    package var description: String { "\(major).\(minor)" }

    package static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
}
