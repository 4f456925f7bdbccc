extension Environment {
    /// The variables that name lists of directories and get user values prepended (C-20, C-27).
    package static let posixNames = ["PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "PKG_CONFIG_PATH"]

    /// All names that a buildpack may see of the environment that the lifecycle runs in (C-20).
    package static let buildNames =
        ["CNB_STACK_ID", "HOSTNAME", "HOME", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"]
        + posixNames

    /// What a build starts from: the allowed variables of `environment`, in its order (C-20).
    package static func buildBase(from environment: Environment) -> Environment {
        let allowed = buildNames.map { ByteText($0) }
        var base = Environment()
        for variable in environment.variables where allowed.contains(variable.name) { base.set(variable.name, variable.value) }
        return base
    }

    /// Applies the user's variables from `<platform>/env`: file names are whole names, dots included (C-27). Skip it for a
    /// buildpack with `clear-env` (C-28).
    package mutating func applyUser(files: [EnvironmentFile]) {
        let prepended = Self.posixNames.map { ByteText($0) }
        for file in files.sorted(by: { $0.name < $1.name }) {
            if prepended.contains(file.name) {
                prepend(file.name, file.contents, separator: ":")
            } else {
                set(file.name, file.contents)
            }
        }
    }

    /// Applies the operator's variables from `<build-config>/env`, after the user's and for every buildpack (C-29).
    package mutating func applyOperator(files: [EnvironmentFile]) {
        apply(directory: files, unsuffixed: .default)
    }
}
