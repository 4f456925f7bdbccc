/// What detection needs to know about a buildpack or extension.
package struct DetectionModule: Equatable, Sendable {
    package var info: ModuleInfo
    package var kind: ModuleKind
    /// The groups of a composite buildpack; empty in a component and in an extension.
    package var order: [OrderGroup]
    /// Empty matches every base image.
    package var targets: [Target]

    package init(_ descriptor: BuildpackDescriptor, hasBuildExecutable: Bool) {
        info = descriptor.info
        kind = .buildpack
        order = descriptor.order
        targets = descriptor.effectiveTargets(hasBuildExecutable: hasBuildExecutable)
    }

    /// `hasExecutable`: whether there is a `bin/detect` or a `bin/generate`.
    package init(_ descriptor: ExtensionDescriptor, hasExecutable: Bool) {
        info = descriptor.info
        kind = .extension
        order = []
        targets = descriptor.effectiveTargets(hasExecutable: hasExecutable)
    }

    package var reference: BuildpackReference { info.reference }
}

/// What detection needs from outside: descriptors, and runs of `bin/detect`.
package protocol DetectionDriver: Sendable {
    /// Finds a module. An error ends the whole detection (B-37).
    func module(_ reference: BuildpackReference, kind: ModuleKind) async throws -> DetectionModule
    /// Runs `bin/detect` once. Called for all elements of a candidate group at the same time, and at most once per module and detection (B-41);
    /// a driver that wants to bound what runs at once does so itself. An error ends the whole detection; a script that fails is a result.
    func detect(_ module: DetectionModule) async throws -> DetectResult
}

/// What detection works on.
package struct DetectionRequest: Sendable {
    package var order: Order
    /// What the app image will run on, completed (B-17).
    package var base: BaseTarget
    package var platformAPI: APIVersion
    /// `CNB_EXEC_ENV`, `production` by default.
    package var execEnv: String

    package init(order: Order, base: BaseTarget, platformAPI: APIVersion, execEnv: String = "production") {
        self.order = order
        self.base = base
        self.platformAPI = platformAPI
        self.execEnv = execEnv
    }
}
