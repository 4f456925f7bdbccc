package import CNBLaunch

/// What a layer adds to the environment of later buildpacks (C-21).
package struct LayerEnvironment: Sendable {
    /// Absolute path of the layer.
    package var path: String
    /// Which of `bin`, `lib`, `include` and `pkgconfig` it has.
    package var roots: Set<String>
    /// The files of `env` and of `env.build`.
    package var env: [EnvironmentFile]
    package var envBuild: [EnvironmentFile]

    package init(path: String, roots: Set<String> = [], env: [EnvironmentFile] = [], envBuild: [EnvironmentFile] = []) {
        self.path = path
        self.roots = roots
        self.env = env
        self.envBuild = envBuild
    }
}

/// One run of a module's script and what the environment says about it.
package struct ModuleRun: Sendable {
    package enum Phase: Sendable {
        case detect(plan: String)
        /// `layers` is the buildpack's own folder below the layers directory (C-30).
        case build(layers: String, plan: String)
        case generate(output: String, plan: String)
    }

    package var phase: Phase
    package var kind: ModuleKind
    package var api: APIVersion
    package var clearEnv: Bool
    /// The folder of its descriptor.
    package var directory: String
    package var platformDirectory: String
    package var target: BaseTarget
    /// `CNB_EXEC_ENV`; empty means `production`.
    package var execEnv: String
    /// The files of `<platform>/env` (C-27).
    package var user: [EnvironmentFile]
    /// The files of `<build-config>/env` (C-29).
    package var `operator`: [EnvironmentFile]

    package init(
        _ phase: Phase, of module: ModuleInfo, kind: ModuleKind = .buildpack, directory: String, platformDirectory: String,
        target: BaseTarget, execEnv: String = "production", user: [EnvironmentFile] = [], operator: [EnvironmentFile] = []
    ) {
        self.phase = phase
        self.kind = kind
        api = module.api
        clearEnv = module.clearEnv
        self.directory = directory
        self.platformDirectory = platformDirectory
        self.target = target
        self.execEnv = execEnv
        self.user = user
        self.operator = `operator`
    }
}

/// The environment that grows from buildpack to buildpack (C.3).
package struct BuildEnvironment: Sendable {
    package private(set) var accumulated: Environment

    /// Takes what C-20 allows out of the environment of the lifecycle or of the builder image.
    package init(inheriting environment: Environment) {
        accumulated = Environment.buildBase(from: environment)
    }

    /// Adds the build layers of a buildpack that has finished, by ascending layer name (C-21, C-23).
    package mutating func add(_ layers: [String: LayerEnvironment]) {
        for (_, layer) in layers.sorted(by: { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }) {
            accumulated.prependRoots(of: layer.path, existing: { path in layer.roots.contains { path.hasSuffix("/\($0)") } }, phase: .build)
            accumulated.apply(directory: layer.env, unsuffixed: .override)
            accumulated.apply(directory: layer.envBuild, unsuffixed: .override)
        }
    }

    /// The environment of one script: what has accumulated, the user's and the operator's variables, the variables of the spec.
    package func variables(for run: ModuleRun) -> Environment {
        var environment = accumulated
        if !run.clearEnv { environment.applyUser(files: run.user) }
        environment.applyOperator(files: run.operator)
        for (name, value) in Self.specVariables(run) { environment[name] = value }
        return environment
    }

    /// B-40, C-30, G-1.
    private static func specVariables(_ run: ModuleRun) -> [(String, String)] {
        let hasVariables = run.api >= APIVersion(0, 8)
        var variables = [(run.kind == .extension ? "CNB_EXTENSION_DIR" : "CNB_BUILDPACK_DIR", run.directory)]
        switch run.phase {
        case .detect(let plan) where hasVariables:
            variables += [("CNB_PLATFORM_DIR", run.platformDirectory), ("CNB_BUILD_PLAN_PATH", plan)]
        case .build(let layers, let plan) where hasVariables:
            variables += [("CNB_PLATFORM_DIR", run.platformDirectory), ("CNB_BP_PLAN_PATH", plan), ("CNB_LAYERS_DIR", layers)]
        case .detect, .build:
            break
        case .generate(let output, let plan):
            variables += [("CNB_PLATFORM_DIR", run.platformDirectory), ("CNB_BP_PLAN_PATH", plan), ("CNB_OUTPUT_DIR", output)]
        }
        if run.api >= APIVersion(0, 10) { variables += run.target.variables }
        if run.api >= APIVersion(0, 12) { variables.append(("CNB_EXEC_ENV", run.execEnv.isEmpty ? "production" : run.execEnv)) }
        return variables
    }
}
