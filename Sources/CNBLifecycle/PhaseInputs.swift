import Archive
import CNBLaunch
package import CNBSpec

/// What every phase of one build works with.
package struct PhaseInputs: Sendable {
    package var directories: BuildDirectories
    package var platformAPI: APIVersion
    /// `CNB_EXEC_ENV`.
    package var execEnv: String
    /// The base that the image will run on, completed (B-17).
    package var target: BaseTarget
    /// The environment of the builder image, HOME added: what the allow-list of C-20 is applied to.
    package var baseEnvironment: [String]

    package init(directories: BuildDirectories, platformAPI: APIVersion, execEnv: String, target: BaseTarget, baseEnvironment: [String]) {
        self.directories = directories
        self.platformAPI = platformAPI
        self.execEnv = execEnv
        self.target = target
        self.baseEnvironment = baseEnvironment
    }

    /// The environment of one script: what has accumulated, the user's and the operator's files as the room shows them (C-26 to C-30).
    func environment(
        of phase: ModuleRun.Phase, _ module: ModuleInfo, kind: ModuleKind, directory: String, accumulated: BuildEnvironment,
        in room: any BuildpackRoom
    ) throws -> [String] {
        let run = ModuleRun(
            phase, of: module, kind: kind, directory: directory, platformDirectory: directories.platform, target: target, execEnv: execEnv,
            user: try EnvironmentDirectory.read(directories.platform + "/env", in: room.root),
            operator: try EnvironmentDirectory.read(directories.buildConfig + "/env", in: room.root))
        return accumulated.variables(for: run).entries
    }
}
