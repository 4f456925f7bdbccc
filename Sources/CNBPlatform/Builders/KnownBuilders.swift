/// A public builder that tote suggests to who has none.
package struct KnownBuilder: Equatable, Sendable, Encodable {
    package var vendor: String
    package var image: String
    package var description: String

    /// L-24, L-28: by vendor, the usual choice of each first.
    package static let all = [
        KnownBuilder(
            "Google", "gcr.io/buildpacks/builder:google-22", "Ubuntu 22.04: C++, Dart, .NET, Go, Java, Node.js, PHP, Python, Ruby"),
        KnownBuilder("Heroku", "heroku/builder:24", "Ubuntu 24.04: Go, Java, .NET, Node.js, PHP, Python, Ruby, Scala"),
        KnownBuilder("Heroku", "heroku/builder:26", "Ubuntu 26.04: the same languages"),
        KnownBuilder("Heroku", "heroku/builder:22", "Ubuntu 22.04: the same languages"),
        KnownBuilder("Heroku", "heroku/builder:20", "Ubuntu 20.04: the same languages, for old apps"),
        KnownBuilder("Paketo", "paketobuildpacks/builder-jammy-base", "Ubuntu 22.04: Java, Node.js, Go, Python, Ruby, .NET, Apache, NGINX"),
        KnownBuilder("Paketo", "paketobuildpacks/builder-jammy-full", "Ubuntu 22.04 with more libraries: the same and PHP"),
        KnownBuilder(
            "Paketo", "paketobuildpacks/builder-jammy-tiny", "Ubuntu 22.04, next to nothing in the run image: Go, Java native images"),
        KnownBuilder("Paketo", "paketobuildpacks/builder-jammy-buildpackless-static", "Ubuntu 22.04, static run image, no buildpacks"),
        KnownBuilder("Paketo", "paketobuildpacks/ubuntu-noble-builder", "Ubuntu 24.04: Java, Node.js, Go, Python, .NET"),
        KnownBuilder("Paketo", "paketobuildpacks/builder-ubi8-base", "Red Hat UBI 8: Java, Node.js"),
        KnownBuilder("Paketo", "paketobuildpacks/ubi-9-builder", "Red Hat UBI 9: Java, Node.js"),
        KnownBuilder("Paketo", "paketobuildpacks/ubi-10-builder", "Red Hat UBI 10: Java, Node.js"),
    ]

    private init(_ vendor: String, _ image: String, _ description: String) {
        (self.vendor, self.image, self.description) = (vendor, image, description)
    }
}
