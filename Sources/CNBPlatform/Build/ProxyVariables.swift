import CNBLifecycle
import Diagnostics

/// The caller's proxy settings for buildpacks: the only variables of the caller that the specification lets through (C-20).
struct ProxyVariables {
    private static let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"]

    /// `NAME=value`.
    private(set) var entries: [String] = []
    private(set) var warnings: [PhaseWarning] = []

    /// A proxy with a password in its address is left out: credentials do not enter the sandbox.
    init(of environment: [String: String]) {
        for name in Self.names {
            guard let value = environment[name], !value.isEmpty else { continue }
            if value.contains("@"), !name.lowercased().hasPrefix("no_") {
                warnings.append(
                    PhaseWarning(
                        "\(name) holds credentials and is not shown to buildpacks",
                        hint: "give them a proxy without any, with --env \(name)=…"))
            } else {
                entries.append("\(name)=\(value)")
            }
        }
    }
}
