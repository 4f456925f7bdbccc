import Archive
import CNBLaunch
package import CNBSpec
import Diagnostics

/// Chooses the group of buildpacks for an app (B.6 to B.8).
package struct DetectPhase: Sendable {
    package var host: any BuildpackHost
    package var catalog: ModuleCatalog
    package var order: Order
    package var inputs: PhaseInputs
    /// Modules whose `bin/detect` is known to pass without a plan, so that it need not run: inline buildpacks.
    package var alwaysPassing: Set<BuildpackReference>
    package var events: PhaseEvents

    package init(
        host: any BuildpackHost, catalog: ModuleCatalog, order: Order, inputs: PhaseInputs, alwaysPassing: Set<BuildpackReference>,
        events: @escaping PhaseEvents
    ) {
        self.host = host
        self.catalog = catalog
        self.order = order
        self.inputs = inputs
        self.alwaysPassing = alwaysPassing
        self.events = events
    }

    /// Throws with status 20 or 21 when no group passes, 12 for an unsupported Buildpack API, 22 when detection cannot be done.
    package func run() async throws -> Detected {
        events(.started(.detecting))
        return try await Fault.inPhase(.detect) { try await detected() }
    }

    private func detected() async throws -> Detected {
        try await Detection.requireSupportedAPIs(order, driver: self)
        let request = DetectionRequest(
            order: order, base: inputs.target, platformAPI: inputs.platformAPI, execEnv: inputs.execEnv)
        switch try await Detection.run(request, driver: self) {
        case .detected(let detected):
            report(detected.rejected + [detected.candidate], everything: false)
            detected.summaryLines.forEach { events(.note($0)) }
            return detected
        case .failed(let failure):
            report(failure.candidates, everything: true)
            failure.summaryLines.forEach { events(.note($0)) }
            throw failure.fault
        }
    }

    /// B-46: what errored elements printed is for everyone; the rest only when no group passed. Each run is shown once.
    private func report(_ candidates: [CandidateReport], everything: Bool) {
        var shown: Set<String> = []
        for candidate in candidates {
            for element in candidate.elements {
                let loud = everything || element.isError
                if shown.insert("\(element.kind.rawValue) \(element.element)").inserted {
                    for line in element.output.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
                        events(loud ? .output(buildpack: element.element.id.raw, line: String(line)) : .detail(String(line)))
                    }
                }
                events(loud ? .note(element.logLine) : .detail(element.logLine))
            }
        }
    }
}

extension DetectPhase: DetectionDriver {
    package func module(_ reference: BuildpackReference, kind: ModuleKind) async throws -> DetectionModule {
        try catalog.module(reference, kind: kind)
    }

    package func detect(_ module: DetectionModule) async throws -> DetectResult {
        if alwaysPassing.contains(module.reference) { return DetectResult(.pass(DetectPlan())) }
        return try await host.withDetectRoom { room in try await detect(module, in: room) }
    }

    private func detect(_ module: DetectionModule, in room: any BuildpackRoom) async throws -> DetectResult {
        let folder = catalog.directory(of: module.reference, kind: module.kind)
        let executable = folder + "/bin/detect"
        if module.kind == .extension, try room.root.status(executable) == nil {
            return try prebuiltPlan(module, folder: folder, in: room)
        }
        let plan = try PlanFile(in: room)
        defer { plan.remove() }
        let output = OutputCollector(limit: 1 << 20)
        let environment = try inputs.environment(
            of: .detect(plan: plan.path), module.info, kind: module.kind, directory: folder,
            accumulated: BuildEnvironment(inheriting: Environment(inputs.baseEnvironment)), in: room)
        let end = try await room.run(
            BuildpackExecution(
                arguments: [executable, inputs.directories.platform, plan.path], environment: environment,
                workingDirectory: inputs.directories.app),
            output: output.add)
        guard case .exited(let status) = end else {
            return DetectResult(.error(status: nil, reason: "bin/detect \(end)"), output: output.text)
        }
        do {
            let source = DocumentSource(file: "the build plan of '\(module.reference)'", bytes: status == 0 ? try plan.read() : [])
            return DetectResult(exitStatus: status, plan: source, kind: module.kind, output: output.text)
        } catch {
            return DetectResult(.error(status: nil, reason: Fault("its build plan", cause: error).message), output: output.text)
        }
    }

    /// B-9: an extension without `bin/detect` passes; its plan may lie ready.
    private func prebuiltPlan(_ module: DetectionModule, folder: String, in room: any BuildpackRoom) throws -> DetectResult {
        let file = folder + "/detect/plan.toml"
        let bytes = try room.root.readIfPresent(file, limit: PlanFile.limit) ?? []
        return DetectResult(exitStatus: 0, plan: DocumentSource(file: file, bytes: bytes), kind: module.kind, output: "")
    }
}
