import Archive
import CNBLaunch
import CNBSpec
import Diagnostics

/// What one buildpack left behind, read and checked after every process of it is dead.
struct BuildpackResult {
    var launch: LaunchTOML
    var build: BuildTOML
    /// The layers that later buildpacks see (C-21).
    var buildLayers: [String: LayerEnvironment] = [:]

    init(
        of element: GroupElement, _ descriptor: BuildpackDescriptor, plan: BuildpackPlan, layersDirectory: String,
        in room: any BuildpackRoom
    ) throws {
        let root = room.root
        let found = try BuildpackFolder(of: element, layersDirectory: layersDirectory, in: root, status: .build)
        launch =
            try found.documentIfPresent("launch.toml", in: root).map { try LaunchTOML(reading: $0, buildpack: element) } ?? LaunchTOML()
        build =
            try found.documentIfPresent("build.toml", in: root).map {
                try BuildTOML(reading: $0, buildpack: element.reference, given: plan)
            }
            ?? BuildTOML()
        for name in found.names {
            guard let layer = found.layers[name], layer.hasDirectory else { continue }
            let path = "\(found.path)/\(name)"
            if layer.metadata.types.isIgnored {
                try root.removeTree(path + ".ignore")
                try root.rename(path, to: path + ".ignore")  // C-42
            } else if layer.metadata.types.build {
                buildLayers[name] = try Self.environment(ofLayer: path, in: root)
            }
        }
        try copySBOMs(found, descriptor, to: layersDirectory + "/sbom", in: room)
    }

    private static func environment(ofLayer path: String, in root: ConfinedDirectory) throws -> LayerEnvironment {
        let roots = try ["bin", "lib", "include", "pkgconfig"].filter { try root.status("\(path)/\($0)")?.kind == .directory }
        return LayerEnvironment(
            path: path, roots: Set(roots), env: try EnvironmentDirectory.read(path + "/env", in: root),
            envBuild: try EnvironmentDirectory.read(path + "/env.build", in: root))
    }

    /// C-70 to C-73.
    private func copySBOMs(_ found: BuildpackFolder, _ descriptor: BuildpackDescriptor, to sbom: String, in room: any BuildpackRoom) throws
    {
        guard try room.root.status(found.path)?.kind == .directory else { return }
        let files = try SBOMFile.find(
            among: room.root.names(found.path).map(\.string), layers: found.layers.mapValues(\.metadata.types),
            declared: descriptor.sbomFormats, buildpack: found.buildpack.reference)
        for file in files {
            let bytes = try room.root.read("\(found.path)/\(file.name)", limit: BuildpackFolder.sbomLimit)
            for destination in file.destinations(buildpack: found.buildpack.id) {
                try room.place(bytes, at: "\(sbom)/\(destination)")
            }
        }
    }
}
