/// Builders that pack trusts (L-24). tote treats all alike, since none ever sees a credential: it only tells.
package enum TrustedBuilders {
    private static let names: Set<String> = [
        "gcr.io/buildpacks/builder:google-22", "heroku/builder:20", "heroku/builder:22", "heroku/builder:24", "heroku/builder:26",
        "paketobuildpacks/builder-jammy-base", "paketobuildpacks/builder-jammy-full", "paketobuildpacks/builder-jammy-tiny",
        "paketobuildpacks/builder-jammy-buildpackless-static", "paketobuildpacks/ubuntu-noble-builder",
        "paketobuildpacks/builder-ubi8-base", "paketobuildpacks/ubi-9-builder", "paketobuildpacks/ubi-10-builder",
    ]

    /// As the user wrote the name: pack compares texts.
    package static func contains(_ name: String) -> Bool { names.contains(name) }
}
