package import Diagnostics

/// Changes to the run image's config that make it the app image's (D.6), over plain values.
package enum AppImageConfig {
    /// D-55: sets the variables of the spec in a list of `K=V`. A variable keeps its place, a new one goes last.
    package static func environment(
        _ entries: [String], layersDirectory: String, appDirectory: String, platformAPI: APIVersion
    ) -> [String] {
        var result = entries
        func set(_ name: String, _ value: String) {
            if let index = result.firstIndex(where: { $0.hasPrefix("\(name)=") }) {
                result[index] = "\(name)=\(value)"
            } else {
                result.append("\(name)=\(value)")
            }
        }
        let path = entries.first { $0.hasPrefix("PATH=") }?.dropFirst("PATH=".count) ?? ""
        set("CNB_LAYERS_DIR", layersDirectory)
        set("CNB_APP_DIR", appDirectory)
        set("CNB_PLATFORM_API", platformAPI.description)
        set("CNB_DEPRECATION_MODE", "quiet")
        set("PATH", "/cnb/process:/cnb/lifecycle:\(path)")
        return result
    }

    /// The start of the image (D-57).
    package enum Entrypoint: Equatable, Sendable {
        case process(String)
        case launcher

        package var path: String {
            switch self {
            case .process(let type): "/cnb/process/\(type)"
            case .launcher: "/cnb/lifecycle/launcher"
            }
        }

        /// The reference's log line.
        package var logLine: String {
            switch self {
            case .process(let type): "Setting default process type '\(type)'"
            case .launcher: "no default process type"
            }
        }
    }

    /// - Parameters:
    ///   - requested: the type that the user wants to start by default.
    ///   - buildpackDefault: the type that a buildpack marked as default.
    /// - Throws: status 62 when the requested type does not exist.
    package static func entrypoint(requested: String?, buildpackDefault: String?, types: [String]) throws(Fault) -> Entrypoint {
        if let requested, !requested.isEmpty {
            guard types.contains(requested) else {
                let known = types.isEmpty ? "the image has no processes" : "the image has \(types.joined(separator: ", "))"
                throw Fault("tried to set \(requested) to default but it doesn't exist", hint: known, exitCode: ExitStatus.export.rawValue)
            }
            return .process(requested)
        }
        return buildpackDefault.map(Entrypoint.process) ?? .launcher
    }
}

/// `created_by` of the layers that a build adds (D-60).
package enum LayerHistory {
    package static let sbom = "Software Bill-of-Materials"
    package static let launcher = "Buildpacks Application Launcher"
    package static let config = "Buildpacks Launcher Config"
    package static let processTypes = "Buildpacks Process Types"

    package static func buildpack(layer: String, _ buildpack: BuildpackReference) -> String {
        "Layer: '\(layer)', Created by buildpack: \(buildpack)"
    }

    package static func `extension`(originalCreatedBy: String, _ id: BuildpackID) -> String {
        "Layer: '\(originalCreatedBy)', Created by extension: \(id)"
    }

    /// `index` counts from 0; the last of `count` layers is what no slice took.
    package static func app(_ index: Int, of count: Int) -> String {
        count <= 1 ? "Application Layer" : "Application Slice: \(index + 1)"
    }
}
