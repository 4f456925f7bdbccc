import Diagnostics

/// Finds the first group of an order that wants the app (B.6, B.7, N.1). The driver does everything that touches the world.
package enum Detection {
    /// Runs detection. Throws only when it cannot be done at all: a missing buildpack, a composite that contains itself, a driver's error.
    package static func run(_ request: DetectionRequest, driver: some DetectionDriver) async throws -> DetectionOutcome {
        var search = Search(request: request, driver: driver)
        let groups = request.order.groups.map { group -> [Pending] in
            // B-32: the choice among the extension groups stands before every group's own elements.
            let elements = group.elements.map { Pending.element($0, kind: .buildpack, inside: []) }
            return request.order.extensionGroups.isEmpty ? elements : [.extensionChoice] + elements
        }
        do {
            switch try await search.tryOrder(groups, done: [], rest: [], optional: false) {
            case .success(let detected): return .detected(detected)
            case .failure(let hasErrors): return .failed(DetectionFailure(candidates: search.reports, hasErrors: hasErrors))
            }
        } catch var fault as Fault where fault.exitCode == ExitStatus.failure.rawValue {
            // B-45: whatever goes wrong here without a status of its own.
            fault.exitCode = ExitStatus.detect.rawValue
            throw fault
        }
    }

    /// V-6: refuses an order that names a module of an unsupported Buildpack API, before anything runs. Components of composites are not looked at.
    package static func requireSupportedAPIs(_ order: Order, driver: some DetectionDriver) async throws {
        for (groups, kind) in [(order.groups, ModuleKind.buildpack), (order.extensionGroups, .extension)] {
            for element in groups.flatMap(\.elements) {
                let module = try await driver.module(try element.exactReference, kind: kind)
                try SupportedAPIs.require(buildpackAPI: module.info.api, of: module.reference, kind: kind)
            }
        }
    }
}

extension OrderElement {
    /// B-37: detection needs the version.
    package var exactReference: BuildpackReference {
        get throws {
            guard let version else {
                throw Fault("the order names '\(id)' without a version", exitCode: ExitStatus.detect.rawValue)
            }
            return BuildpackReference(id: id, version: version)
        }
    }
}

/// An element that the walk has still to visit. `inside` are the composites it came from, outermost first.
private enum Pending: Sendable {
    case element(OrderElement, kind: ModuleKind, inside: [BuildpackReference])
    case extensionChoice
}

/// An element of the candidate group that the walk has visited.
private struct Member: Sendable {
    var module: DetectionModule
    var optional: Bool
    /// Set when it cannot run on the base image.
    var targetProblem: String?

    var key: String { "\(module.kind.rawValue) \(module.reference)" }
    var element: GroupElement {
        let info = module.info
        return GroupElement(id: info.reference.id, version: info.reference.version, api: info.api, homepage: info.homepage)
    }
}

private enum Attempt {
    case success(Detected)
    case failure(hasErrors: Bool)
}

/// The walk over all alternatives. It stops at the first success, so that alternatives are expanded only when needed (B-35).
private struct Search<Driver: DetectionDriver> {
    let request: DetectionRequest
    let driver: Driver
    /// B-41: one run per module in the whole detection.
    var results: [String: DetectResult] = [:]
    var modules: [String: DetectionModule] = [:]
    var reports: [CandidateReport] = []

    init(request: DetectionRequest, driver: Driver) {
        self.request = request
        self.driver = driver
    }

    mutating func tryOrder(_ groups: [[Pending]], done: [Member], rest: [Pending], optional: Bool) async throws -> Attempt {
        var hasErrors = false
        for group in groups {
            let attempt = try await tryGroup(group + rest, done: done)
            guard case .failure(let flavour) = attempt else { return attempt }
            hasErrors = hasErrors || flavour
        }
        // B-34: an optional composite, or the extensions, may be left out altogether.
        return optional ? try await tryGroup(rest, done: done) : .failure(hasErrors: hasErrors)
    }

    private mutating func tryGroup(_ list: [Pending], done: [Member]) async throws -> Attempt {
        var members = done
        var skipped: [OrderElement] = []
        for (index, pending) in list.enumerated() {
            let rest = Array(list[(index + 1)...])
            guard case .element(let element, let kind, let inside) = pending else {
                let groups = request.order.extensionGroups.map { group in
                    group.elements.map { Pending.element($0, kind: .extension, inside: []) }
                }
                return try await tryOrder(groups, done: members, rest: rest, optional: true)
            }
            if members.contains(where: { $0.module.kind == kind && $0.module.reference.id == element.id }) { continue }
            let module = try await module(try element.exactReference, kind)
            guard runsInExecEnv(element, module) else {
                skipped.append(element)
                continue
            }
            if !module.order.isEmpty {
                let groups = try expand(module, inside: inside)
                return try await tryOrder(groups, done: members, rest: rest, optional: element.optional)
            }
            // B-27: extensions are always optional.
            members.append(
                Member(module: module, optional: element.optional || kind == .extension, targetProblem: targetProblem(module)))
        }
        return try await judge(members, skipped: skipped)
    }

    private mutating func module(_ reference: BuildpackReference, _ kind: ModuleKind) async throws -> DetectionModule {
        let key = "\(kind.rawValue) \(reference)"
        if let known = modules[key] { return known }
        let module = try await driver.module(reference, kind: kind)
        modules[key] = module
        return module
    }

    /// B-36: a composite that contains itself would never end.
    private func expand(_ composite: DetectionModule, inside: [BuildpackReference]) throws -> [[Pending]] {
        let path = inside + [composite.reference]
        guard !inside.contains(composite.reference) else {
            let loop = path.map(\.description).joined(separator: " -> ")
            throw Fault(
                "composite buildpack '\(composite.reference)' contains itself: \(loop)",
                hint: "remove one of these from the other's order", exitCode: ExitStatus.detect.rawValue)
        }
        return composite.order.map { group in group.elements.map { .element($0, kind: .buildpack, inside: path) } }
    }

    /// B-16, B-23, B-25.
    private func targetProblem(_ module: DetectionModule) -> String? {
        guard request.platformAPI >= APIVersion(0, 12), !module.targets.isEmpty else { return nil }
        guard !module.targets.contains(where: { $0.matches(request.base) }) else { return nil }
        let targets = module.targets.map(\.description).joined(separator: ", ")
        return
            "unable to satisfy target os/arch constraints: the run image is \(request.base), the \(module.kind.rawValue) is for \(targets)"
    }

    /// B-13, B-49. An element of an order may be limited as well as the buildpack itself.
    private func runsInExecEnv(_ element: OrderElement, _ module: DetectionModule) -> Bool {
        guard request.platformAPI >= APIVersion(0, 15), !request.execEnv.isEmpty else { return true }
        func allows(_ list: [String]) -> Bool { list.isEmpty || list.contains("*") || list.contains(request.execEnv) }
        return allows(element.execEnv) && (module.info.api < APIVersion(0, 12) || allows(module.info.execEnv))
    }

    /// Runs what has not run yet, all at once, then gives the verdict on the group (B-43, B-44).
    private mutating func judge(_ members: [Member], skipped: [OrderElement]) async throws -> Attempt {
        try await runMissing(members)
        let elements = members.map(report)
        let failing = elements.filter { $0.outcome != .passed && !$0.optional }
        var report = CandidateReport(elements: elements, skipped: skipped, rejection: nil)
        if !failing.isEmpty {
            report.rejection = .elements(failing.map(\.element))
        } else if !elements.contains(where: { $0.outcome == .passed && $0.kind == .buildpack }) {
            report.rejection = .noBuildpack
        } else {
            do {
                return .success(detected(try PlanResolution(participants(members)), report))
            } catch {
                report.rejection = .plan(error)
            }
        }
        reports.append(report)
        return .failure(hasErrors: report.hasErrors)
    }

    private mutating func runMissing(_ members: [Member]) async throws {
        let missing = members.filter { $0.targetProblem == nil && results[$0.key] == nil }
        guard !missing.isEmpty else { return }
        let driver = driver
        let fresh = try await withThrowingTaskGroup(of: (String, DetectResult).self) { group in
            for member in missing {
                group.addTask { (member.key, try await driver.detect(member.module)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        results.merge(fresh) { _, new in new }
    }

    private func report(_ member: Member) -> ElementReport {
        let result = results[member.key]
        let outcome: ElementReport.Outcome
        if let problem = member.targetProblem {
            outcome = .wrongTarget(reason: problem)
        } else {
            switch result?.verdict {
            case .pass: outcome = .passed
            case .fail: outcome = .failed
            case .error(let status, let reason): outcome = .errored(status: status, reason: reason)
            case nil: outcome = .errored(status: nil, reason: "bin/detect did not run")
            }
        }
        return ElementReport(
            element: member.element, kind: member.module.kind, optional: member.optional, outcome: outcome,
            output: member.targetProblem == nil ? result?.output ?? "" : "")
    }

    private func participants(_ members: [Member]) -> [PlanParticipant] {
        members.compactMap { member in
            guard member.targetProblem == nil, case .pass(let plan)? = results[member.key]?.verdict else { return nil }
            return PlanParticipant(member.element, kind: member.module.kind, optional: member.optional, plan: plan)
        }
    }

    private func detected(_ resolution: PlanResolution, _ candidate: CandidateReport) -> Detected {
        func elements(_ kind: ModuleKind) -> [GroupElement] { resolution.participants.filter { $0.kind == kind }.map(\.element) }
        return Detected(
            group: Group(buildpacks: elements(.buildpack), extensions: elements(.extension)), plan: resolution.plan,
            participants: resolution.participants.map(\.element), candidate: candidate, rejected: reports)
    }
}
