import Diagnostics

/// Which runtime to use.
package enum RuntimeChoice: String, CaseIterable, Sendable {
    case crun, runc

    /// The named one, or else the first that is installed.
    package static func runtime(named name: String? = nil) throws -> any SandboxRuntime {
        if let name {
            guard let choice = RuntimeChoice(rawValue: name) else {
                throw Fault(
                    "there is no sandbox runtime '\(name)'",
                    hint: "tote knows \(allCases.map { "'\($0.rawValue)'" }.joined(separator: " and "))", exitCode: 2)
            }
            guard let runtime = try choice.probe() else {
                throw Fault("the sandbox runtime '\(name)' is not installed", hint: "install it: `sudo apt-get install \(name)`")
            }
            return runtime
        }
        for choice in allCases {
            if let runtime = try choice.probe() { return runtime }
        }
        throw Fault("no sandbox runtime is installed: neither crun nor runc was found", hint: "install one: `sudo apt-get install crun`")
    }

    private func probe() throws -> (any SandboxRuntime)? {
        switch self {
        case .crun: try Crun.probe()
        case .runc: try Runc.probe()
        }
    }
}
