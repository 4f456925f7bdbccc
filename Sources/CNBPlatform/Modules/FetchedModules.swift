package import CNBSpec

/// What locators turned out to name: packages that came from outside of the builder.
package struct FetchedModules: Sendable {
    private struct Key: Hashable {
        var kind: ModuleKind
        var locator: BuildpackLocator
    }

    private var packages: [Key: ModulePackage] = [:]

    package init() {}

    package subscript(kind: ModuleKind, locator: BuildpackLocator) -> ModulePackage? {
        get { packages[Key(kind: kind, locator: locator)] }
        set { packages[Key(kind: kind, locator: locator)] = newValue }
    }
}
