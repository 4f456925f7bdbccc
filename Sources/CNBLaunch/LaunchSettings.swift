/// What the launcher is told by its arguments and environment (E-1).
package struct LaunchSettings: Equatable, Sendable {
    package var platformAPI: LaunchAPI
    package var layers: ByteText
    package var app: ByteText
    package var executionEnvironment: ByteText
    /// The name the launcher was called by.
    package var caller: ByteText
    package var userArguments: [ByteText]
    package var warnings: [String]

    /// `arguments` begins with the name the launcher was called by.
    package init(arguments: [ByteText], environment: Environment) throws(LaunchError) {
        guard let text = environment["CNB_PLATFORM_API"], !text.isEmpty else {
            throw .platformAPI("the Platform API is not known: set CNB_PLATFORM_API")
        }
        guard let api = LaunchAPI(text), LaunchAPI.supportedPlatform.contains(api) else {
            let range = LaunchAPI.supportedPlatform
            throw .platformAPI("platform API '\(text)' is not supported, only \(range.lowerBound) to \(range.upperBound)")
        }
        platformAPI = api
        layers = Self.nonEmpty(environment.value("CNB_LAYERS_DIR")) ?? "/layers"
        app = Self.nonEmpty(environment.value("CNB_APP_DIR")) ?? "/workspace"
        executionEnvironment = Self.nonEmpty(environment.value("CNB_EXEC_ENV")) ?? "production"
        caller = arguments.first ?? "launcher"
        userArguments = Array(arguments.dropFirst())
        warnings = []
        // E-2: it was the way to choose a process once.
        if let type = Self.nonEmpty(environment.value("CNB_PROCESS_TYPE")) {
            warnings = [
                "CNB_PROCESS_TYPE is not supported in Platform API \(api)",
                "Run with ENTRYPOINT '\(type)' to invoke the '\(type)' process type",
            ]
        }
    }

    private static func nonEmpty(_ value: ByteText?) -> ByteText? {
        guard let value, !value.isEmpty else { return nil }
        return value
    }
}
