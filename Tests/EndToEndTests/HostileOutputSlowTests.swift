import TestSupport
import Testing

/// The rest of the table of `HostileOutputTests`: every obstacle for every document.
@Suite(.enabled(if: !ToteExecutable.isFastRun, "TOTE_FAST_TESTS is set"))
struct HostileOutputSlowTests {
    @Test(arguments: HostileOutputTests.documents)
    func inPlaceOfADocument(path: String, before: String) async throws {
        let build = try await HostileBuild()
        for kind in [
            "magic-link", "dots-link", "folder-link", "folder", "huge", "zero-link", "root-link", "closed", "closed-folder", "binary",
        ] {
            // A layer of 10 GB is a layer.
            if kind == "huge", path == "x" { continue }
            try await build.attack("cd \"$CNB_LAYERS_DIR\"; \(before)\nput \(kind) \"$PWD/\(path)\"")
        }
    }

    @Test(arguments: [
        "/layers/config", "/layers/config/metadata.toml", "/layers/sbom", "/layers/sbom/launch", "/layers/good_bp", "$CNB_LAYERS_DIR",
    ])
    func inPlaceOfAFolderOfTotes(path: String) async throws {
        let build = try await HostileBuild()
        for kind in ["link", "magic-link", "dots-link", "loop", "folder", "closed", "closed-folder", "binary"] {
            try await build.attack("put \(kind) \(path)")
        }
    }
}
