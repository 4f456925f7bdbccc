package import Diagnostics
package import OCIImage

/// What a caller asks of `tote base create`.
package struct BaseRequest: Sendable {
    /// The base's name: `debian12` makes the images `debian12-build` and `debian12-run`.
    package var name: Reference
    /// A release's code name, such as `bookworm`.
    package var suite: String
    package var packages: BasePackages
    /// `http:`, `https:` or `file:`; nil for this machine's own sources or the public archive.
    package var mirror: String?
    /// A file with the certificates that an https mirror's is checked against, absolute; nil for this machine's own.
    package var caCertificates: String?

    package init(name: Reference, suite: String, packages: BasePackages = .standard, mirror: String? = nil, caCertificates: String? = nil)
        throws(Fault)
    {
        guard name.digest == nil else { throw Fault("a base is named by a tag, not by a digest: '\(name)'") }
        let letters = suite.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "-.".utf8.contains(byte)
        }
        guard letters, let first = suite.first, first.isLetter else {
            throw Fault("'\(suite)' is not a suite", hint: "name a Debian release by its code name, such as 'bookworm'")
        }
        if let mirror, !["http://", "https://", "file:///"].contains(where: mirror.hasPrefix) || mirror.contains(where: \.isWhitespace) {
            throw Fault("'\(mirror)' is not a mirror's address", hint: "write it as a URL, such as 'http://deb.debian.org/debian'")
        }
        self.name = name
        self.suite = suite
        self.packages = packages
        self.mirror = mirror
        self.caCertificates = caCertificates
    }

    /// The name of one of the two images: "-build" or "-run" behind the repository, the tag stays.
    package func reference(_ kind: BaseImageKind) throws -> Reference {
        try Reference(parsing: "\(name.name)-\(kind.rawValue):\(name.tag ?? "latest")")
    }
}
