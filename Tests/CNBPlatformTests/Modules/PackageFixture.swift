import Archive
import CNBSpec
import Glibc
import OCIImage
import TestSupport

@testable import CNBPlatform

/// A folder for package.toml and buildpacks, and a home for what is made of them.
struct PackageFixture {
    let scratch: ScratchDirectory
    let store: ImageStore

    init() throws {
        scratch = try ScratchDirectory()
        store = try ImageStore(at: scratch.path("tote/images"))
    }

    func buildpack(_ folder: String, id: String, version: String = "1.0.0", more: String = "", top: String = "") throws {
        try scratch.makeFile(
            "\(folder)/buildpack.toml", "api = \"0.10\"\n\(top)\n[buildpack]\nid = \"\(id)\"\nversion = \"\(version)\"\n\(more)\n")
        for name in ["detect", "build"] { try scratch.makeFile("\(folder)/bin/\(name)", "#!/bin/sh\nexit 0\n") }
    }

    /// A buildpack of others, and package.toml with it and `dependencies`.
    func composite(_ parts: [String], dependencies: [String], more: String = "") throws {
        let order = parts.map { part in
            let halves = part.split(separator: "@").map(String.init)
            return "[[order.group]]\nid = '\(halves[0])'\n" + (halves.count > 1 ? "version = '\(halves[1])'\n" : "")
        }
        try scratch.makeFile(
            "all/buildpack.toml", "api = '0.10'\n[buildpack]\nid = 'acme/all'\nversion = '1'\n[[order]]\n" + order.joined())
        try config("all", dependencies, more: more)
    }

    func config(_ main: String, _ dependencies: [String] = [], more: String = "") throws {
        try scratch.write(
            "[buildpack]\nuri = '\(main)'\n" + dependencies.map { "[[dependencies]]\nuri = '\($0)'\n" }.joined() + more, to: "package.toml")
    }

    func package(_ folder: String? = nil, _ change: (inout PackageRequest) -> Void = { _ in }) async throws -> Image {
        let name = try Reference(parsing: "package")
        var request = PackageRequest(kind: .buildpack, destination: .store(name), folder: scratch.path(folder ?? ""))
        if folder == nil { request.config = scratch.path("package.toml") }
        request.pullPolicy = .never
        change(&request)
        let asked = request
        let platform = try BuildPlatform.open(environment: ["TOTE_HOME": scratch.path("tote")], mode: nil, events: { _ in })
        let result = try await platform.run { try await $0.package(asked) }
        guard case .image(let digest) = result, let image = try store.image(digest) else { throw TestSetupError("no image") }
        return image
    }

    func files(_ image: Image) throws -> [[String]] {
        try ImageContents(of: image, in: store).layers.map { $0.map { "\(String($0.header.mode, radix: 8)) \($0.header.path)" } }
    }
}
