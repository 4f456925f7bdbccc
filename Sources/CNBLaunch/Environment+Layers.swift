/// When a layer's environment is applied.
package enum LayerPhase: Equatable, Sendable {
    case build
    case launch

    /// The directories of a layer that are prepended to variables: C-22 at build, E-13 at launch.
    fileprivate var roots: [(directory: ByteText, variables: [ByteText])] {
        switch self {
        case .build:
            [
                ("bin", ["PATH"]), ("lib", ["LD_LIBRARY_PATH", "LIBRARY_PATH"]), ("include", ["CPATH"]),
                ("pkgconfig", ["PKG_CONFIG_PATH"]),
            ]
        case .launch:
            [("bin", ["PATH"]), ("lib", ["LD_LIBRARY_PATH"])]
        }
    }
}

extension Environment {
    /// Prepends those root directories of the layer that exist. `layer` is an absolute path.
    package mutating func prependRoots(of layer: String, existing: (String) -> Bool, phase: LayerPhase) {
        prependRoots(of: ByteText(layer), phase: phase) { existing($0.description) }
    }

    package mutating func prependRoots(of layer: ByteText, phase: LayerPhase, existing: (ByteText) -> Bool) {
        for root in phase.roots {
            let path = layer.appending(root.directory)
            guard existing(path) else { continue }
            for variable in root.variables { prepend(variable, path, separator: ":") }
        }
    }
}
