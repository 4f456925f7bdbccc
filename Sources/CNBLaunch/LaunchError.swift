/// Why a launch fails. Each kind has the exit status of E-1.
package enum LaunchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The Platform API is not given or not supported.
    case platformAPI(String)
    /// A buildpack in metadata.toml has an API that is not supported.
    case buildpackAPI(String)
    /// metadata.toml cannot be read.
    case metadata(String)
    /// Everything else.
    case launch(String)

    package var exitCode: Int32 {
        switch self {
        case .metadata: 1
        case .platformAPI: 11
        case .buildpackAPI: 12
        case .launch: 82
        }
    }

    /// What failed and why, one line.
    package var description: String {
        switch self {
        case .platformAPI(let message), .buildpackAPI(let message): message
        case .metadata(let message): "failed to read metadata: \(message)"
        case .launch(let message): "failed to launch: \(message)"
        }
    }
}
