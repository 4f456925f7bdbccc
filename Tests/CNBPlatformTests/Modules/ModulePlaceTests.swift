import CNBSpec
import Diagnostics
import OCIImage
import Testing

@testable import CNBPlatform

/// Where a locator leads when the builder does not have what it names (H.3).
@Suite struct ModulePlaceTests {
    private func place(_ text: String, kind: ModuleKind = .buildpack) throws -> ModulePlace? {
        let catalog = BuildpackCatalog(try ["kit/one@1.0.0", "kit/two@1.0.0"].map { try BuildpackReference($0) }, kind: kind)
        return try catalog.place(of: BuildpackLocator(text, relativeTo: "/work") { $0 == "/work/folder" })
    }

    @Test(
        arguments: [
            ("kit/one", nil), ("kit/one@1.0.0", nil), ("from=builder", nil), ("urn:cnb:builder:kit/none", nil),
            ("./x", .path("/work/./x")), ("folder", .path("/work/folder")), ("file:///x.tgz", .path("/x.tgz")),
            ("https://x/y", .url("https://x/y")),
            ("urn:cnb:registry:a/b@1.2.3", .registry(id: "a/b", version: "1.2.3")),
            // H-20: an image of that name is not looked for.
            ("heroku/python", .registry(id: "heroku/python", version: nil)), ("kit/one@2.0.0", .registry(id: "kit/one", version: "2.0.0")),
            // A word alone is an id that was mistyped.
            ("kitone", nil),
        ] as [(String, ModulePlace?)])
    func leads(text: String, expected: ModulePlace?) throws { #expect(try place(text) == expected) }

    @Test(arguments: ["docker://ghcr.io/acme/bp:1", "ghcr.io/acme/bp:1"])
    func images(text: String) throws { #expect(try place(text) == .image(Reference(parsing: "ghcr.io/acme/bp:1"))) }

    @Test func aVersionThatIsNoneOfSemanticVersioningMakesAnImage() throws {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        #expect(try place("acme/bp@\(digest)") == .image(Reference(parsing: "acme/bp@\(digest)")))
    }

    /// the registry has no extensions.
    @Test func extensionsAreNoEntriesOfARegistry() throws {
        #expect(try place("acme/ext", kind: .extension) == .image(Reference(parsing: "acme/ext")))
    }
}
