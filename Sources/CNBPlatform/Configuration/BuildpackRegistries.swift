/// The registries of buildpacks that a user can name: those of the configuration and the usual one (H-48).
package struct BuildpackRegistries: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package var name: String
        package var url: String
        package var isDefault: Bool
    }

    package let entries: [Entry]

    package init(_ configuration: Configuration) {
        let usual = "official", chosen = configuration.defaultBuildpackRegistry ?? usual
        entries =
            ([(usual, RegistryIndex.standardURL)] + configuration.buildpackRegistries.filter { $0.key != usual }.sorted { $0.key < $1.key })
            .map { Entry(name: $0.0, url: $0.1, isDefault: $0.0 == chosen) }
    }

    package var standard: Entry? { entries.first(where: \.isDefault) }
}
