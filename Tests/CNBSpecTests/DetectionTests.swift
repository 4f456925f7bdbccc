import CNBSpec
import Diagnostics
import Synchronization
import Testing

/// A driver without a world: descriptors and detect results come from tables, and runs are counted.
final class TableDriver: DetectionDriver {
    private let modules: [String: DetectionModule]
    private let results: [String: DetectResult]
    let runs = Mutex<[String]>([])

    init(modules: [DetectionModule], results: [String: DetectResult]) {
        self.modules = Dictionary(modules.map { ("\($0.kind.rawValue) \($0.reference)", $0) }, uniquingKeysWith: { first, _ in first })
        self.results = results
    }

    func module(_ reference: BuildpackReference, kind: ModuleKind) async throws -> DetectionModule {
        guard let module = modules["\(kind.rawValue) \(reference)"] else { throw Fault("no \(kind.rawValue) '\(reference)'") }
        return module
    }

    func detect(_ module: DetectionModule) async throws -> DetectResult {
        runs.withLock { $0.append(module.reference.description) }
        return results[module.reference.id.raw] ?? DetectResult(.pass(DetectPlan()))
    }
}

/// A small language for orders: elements `a`, `a?` (optional), `a@2`; `e:x` lists extensions.
struct World {
    var order: [[String]] = []
    var extensions: [[String]] = []
    /// `a` to an exit status with a plan of `PlanResolutionTests`, such as `0 +x`.
    var detect: [String: String] = [:]
    var composites: [String: [[String]]] = [:]
    var targets: [String: [Target]] = [:]
    var execEnv: [String: [String]] = [:]
    var api: [String: APIVersion] = [:]
    var platformAPI = APIVersion(0, 15)
    var environment = "production"

    private func element(_ text: String) throws -> OrderElement {
        let optional = text.hasSuffix("?")
        let name = optional ? String(text.dropLast()) : text
        return try CNBSpecTests.element(name.contains("@") ? name : "\(name)@1", optional: optional)
    }

    private func groups(_ texts: [[String]]) throws -> [OrderGroup] { try texts.map { OrderGroup(try $0.map(element)) } }

    func driver() throws -> TableDriver {
        let buildpacks = Set((order + composites.values.flatMap { $0 }).flatMap { $0 })
        var modules = try buildpacks.map { text -> DetectionModule in
            let reference = try BuildpackReference(try element(text).description)
            let name = reference.id.raw
            let info = ModuleInfo(api: api[name] ?? APIVersion(0, 12), reference: reference, execEnv: execEnv[name] ?? [])
            let descriptor = BuildpackDescriptor(info: info, order: try groups(composites[name] ?? []), targets: targets[name] ?? [])
            return DetectionModule(descriptor, hasBuildExecutable: true)
        }
        modules += try Set(extensions.flatMap { $0 }).map { text in
            let info = ModuleInfo(api: APIVersion(0, 12), reference: try BuildpackReference(try element(text).description))
            return DetectionModule(ExtensionDescriptor(info: info), hasExecutable: true)
        }
        let results = detect.mapValues { text -> DetectResult in
            let words = text.split(separator: " ", maxSplits: 1)
            switch words[0] {
            case "0": return DetectResult(.pass(words.count > 1 ? PlanResolutionTests.plan(String(words[1])) : DetectPlan()))
            case "100": return DetectResult(.fail, output: "not here")
            default: return DetectResult(.error(status: Int32(words[0]), reason: "status \(words[0])"), output: "broken")
            }
        }
        return TableDriver(modules: modules, results: results)
    }

    func request() throws -> DetectionRequest {
        DetectionRequest(
            order: Order(groups: try groups(order), extensionGroups: try groups(extensions)), base: TargetTests.debian,
            platformAPI: platformAPI,
            execEnv: environment)
    }
}

@Suite("Detection (B.6, B.7, N.1)")
struct DetectionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var number: String
        var world: World
        /// The group, extensions marked `+e`, or the exit status.
        var expected: String
        /// All runs, sorted, when they matter.
        var runs: [String]?
        var testDescription: String { number }
    }

    static let rows: [Row] = [
        Row(number: "1", world: World(order: [["a", "b"], ["c"]], detect: ["b": "100"]), expected: "c", runs: ["a@1", "b@1", "c@1"]),
        Row(number: "2", world: World(order: [["a", "b?"], ["c"]], detect: ["b": "100"]), expected: "a", runs: ["a@1", "b@1"]),
        Row(number: "3", world: World(order: [["a?", "b?"]], detect: ["a": "100", "b": "100"]), expected: "20"),
        Row(number: "4", world: World(order: [["a?", "b?"]], detect: ["a": "1", "b": "100"]), expected: "20"),
        Row(number: "5", world: World(order: [["a", "b"]], detect: ["a": "1"]), expected: "21"),
        Row(number: "6", world: World(order: [["a", "b"]], detect: ["a": "1", "b": "100"]), expected: "21"),
        Row(number: "7", world: World(order: [["a?", "b"]], detect: ["a": "1", "b": "100"]), expected: "21"),
        Row(
            number: "8", world: World(order: [["m?", "b"]], detect: ["p": "100", "q": "100"], composites: ["m": [["p"], ["q"]]]),
            expected: "b",
            runs: ["b@1", "p@1", "q@1"]),
        Row(
            number: "9", world: World(order: [["m", "b"]], detect: ["p": "100"], composites: ["m": [["p"], ["q"]]]), expected: "q b",
            runs: ["b@1", "p@1", "q@1"]),
        Row(number: "10", world: World(order: [["a@1", "a@2", "b"]]), expected: "a b", runs: ["a@1", "b@1"]),
        Row(number: "11", world: World(order: [["a"]], extensions: [["e"]], detect: ["e": "0 +x", "a": "0 -x"]), expected: "a +e"),
        Row(number: "12", world: World(order: [["a"]], extensions: [["e"]], detect: ["e": "0 +x"]), expected: "a"),
        Row(number: "13", world: World(order: [["a"]], extensions: [["e"]], detect: ["a": "100"]), expected: "20"),
        Row(number: "14", world: World(order: [["a", "b"]], detect: ["a": "0 +x"]), expected: "20"),
        Row(number: "15", world: World(order: [["a", "b?"]], detect: ["a": "0 -x", "b": "0 +x"]), expected: "20"),
        Row(
            number: "B-33: two composites multiply, the first outermost",
            world: World(
                order: [["m", "n"]], detect: ["p": "100", "r": "100"], composites: ["m": [["p"], ["q"]], "n": [["r"], ["s"]]]),
            expected: "q s", runs: ["p@1", "q@1", "r@1", "s@1"]),
        Row(
            number: "B-32: without any extension group the buildpacks are still tried",
            world: World(order: [["a"]], extensions: [["e"], ["f"]], detect: ["e": "1", "f": "100"]), expected: "a"),
        Row(number: "an empty order", world: World(), expected: "20"),
        Row(number: "an empty group", world: World(order: [[]]), expected: "20"),
        Row(
            number: "B-19: a required element for another system",
            world: World(order: [["a", "w"]], targets: ["w": [Target(os: "windows")]]),
            expected: "21", runs: ["a@1"]),
        Row(
            number: "B-20: an optional one for another system is left out and not run",
            world: World(order: [["a", "w?"]], targets: ["w": [Target(os: "windows")]]), expected: "a", runs: ["a@1"]),
        Row(
            number: "an optional one for another system is no error",
            world: World(order: [["a", "w?"]], detect: ["a": "100"], targets: ["w": [Target(os: "windows")]]), expected: "20"),
        Row(
            number: "B-25: before Platform API 0.12 targets do not count",
            world: World(order: [["w"]], targets: ["w": [Target(os: "windows")]], platformAPI: APIVersion(0, 11)), expected: "w"),
        Row(
            number: "B-49: another execution environment",
            world: World(order: [["a", "t"]], execEnv: ["t": ["test"], "a": ["*"]]), expected: "a", runs: ["a@1"]),
        Row(number: "B-49: nothing left", world: World(order: [["t"]], execEnv: ["t": ["test"]]), expected: "20", runs: []),
        Row(
            number: "B-13: the same environment", world: World(order: [["t"]], execEnv: ["t": ["test"]], environment: "test"), expected: "t"
        ),
        Row(
            number: "B-13: an older Platform API", world: World(order: [["t"]], execEnv: ["t": ["test"]], platformAPI: APIVersion(0, 14)),
            expected: "t"),
        Row(
            number: "B-13: an older Buildpack API", world: World(order: [["t"]], execEnv: ["t": ["test"]], api: ["t": APIVersion(0, 11)]),
            expected: "t"),
        // The kit, measured.
        Row(
            number: "kit detect-groups",
            world: World(
                order: [["a", "fails", "z"], ["fails?", "unused?", "a", "unmet?", "errs?", "z"], ["z"]],
                detect: ["fails": "100", "unused": "0 +nobody", "unmet": "0 -missing", "errs": "7"]),
            expected: "a z", runs: ["a@1", "errs@1", "fails@1", "unmet@1", "unused@1", "z@1"]),
        Row(
            number: "kit detect-none-20", world: World(order: [["a", "b"], ["c"], ["b?", "c?"]], detect: ["b": "100", "c": "100"]),
            expected: "20"),
        Row(
            number: "kit detect-plan-20", world: World(order: [["a", "b"], ["c"]], detect: ["a": "0 -x", "b": "0 +x", "c": "0 +y"]),
            expected: "20"),
        Row(
            number: "kit targets",
            world: World(
                order: [["alpine", "n"], ["debian", "n"]],
                targets: ["alpine": [Target(os: "linux", distros: [Distro(name: "alpine", version: "")])]]),
            expected: "debian n"),
        Row(
            number: "kit system-buildpacks",
            world: World(order: [["pre", "no", "post"], ["pre", "main", "post"]], detect: ["no": "100"]),
            expected: "pre main post"),
        Row(
            number: "kit composite",
            world: World(
                order: [["meta", "last"]], detect: ["nope": "100"],
                composites: ["meta": [["a", "inner", "opt?"]], "inner": [["nope"], ["b"]], "opt": [["nope"]]]),
            expected: "a b last"),
    ]

    @Test("N.1 and the kit", arguments: rows)
    func table(_ row: Row) async throws {
        let driver = try row.world.driver()
        let outcome = try await Detection.run(try row.world.request(), driver: driver)
        switch outcome {
        case .detected(let detected):
            let names = detected.group.buildpacks.map(\.id.raw) + detected.group.extensions.map { "+\($0.id)" }
            #expect(names.joined(separator: " ") == row.expected)
        case .failed(let failure):
            #expect("\(failure.status.rawValue)" == row.expected)
            #expect(failure.fault.exitCode == failure.status.rawValue)
        }
        if let runs = row.runs {
            // B-41: never twice.
            #expect(driver.runs.withLock { $0.sorted() } == runs)
        }
    }

    @Test("N.1 row 11: the plan names the extension as provider")
    func extensionProvider() async throws {
        let world = World(order: [["a"]], extensions: [["e"]], detect: ["e": "0 +x", "a": "0 -x"])
        guard case .detected(let detected) = try await Detection.run(try world.request(), driver: try world.driver()) else {
            Issue.record("nothing detected")
            return
        }
        #expect(detected.plan.entries.first?.providers == [Provider(try BuildpackReference("e@1"), kind: .extension)])
        #expect(detected.plan.plan(for: try BuildpackID("e")).entries.isEmpty)
        #expect(detected.plan.plan(forExtension: try BuildpackID("e")).entries.map(\.name) == ["x"])
    }

    @Test("B-46: who takes part, in columns")
    func summary() async throws {
        let world = World(order: [["a", "longer", "z?"]], detect: ["z": "100"])
        guard case .detected(let detected) = try await Detection.run(try world.request(), driver: try world.driver()) else {
            Issue.record("nothing detected")
            return
        }
        #expect(detected.summaryLines == ["2 of 3 buildpacks participating", "a      1", "longer 1"])
        #expect(detected.candidate.elements.map(\.logLine) == ["pass: a@1", "pass: longer@1", "skip: z@1"])
    }

    @Test("B-45: the reference's messages, and why each group failed")
    func failureMessages() async throws {
        let world = World(order: [["a", "b"], ["c"], ["d?"]], detect: ["b": "100", "c": "0 +x", "d": "100"])
        guard case .failed(let failure) = try await Detection.run(try world.request(), driver: try world.driver()) else {
            Issue.record("something detected")
            return
        }
        #expect(
            failure.summaryLines == [
                "No buildpack groups passed detection.", "Please check that you are running against the correct path.",
            ])
        #expect(
            failure.fault.message == """
                no buildpack group passed detection
                group 1 (a, b): 'b@1' did not detect anything to do
                group 2 (c): 'c@1' provides 'x', which no buildpack after it requires
                group 3 (d): no buildpack of the group passed: 'd@1' did not detect anything to do
                """)
        #expect(failure.candidates[0].elements.map(\.output) == ["", "not here"])
    }

    struct Rejection: Sendable, CustomTestStringConvertible {
        var world: World
        /// The error's lines behind the first.
        var lines: [String]
        var testDescription: String { lines.joined(separator: " / ") }
    }

    static let rejections = [
        Rejection(world: World(order: [["a", "b"]], detect: ["b": "3"]), lines: ["group 1 (a, b): 'b@1': status 3"]),
        // The optional one is why the status is 21.
        Rejection(
            world: World(order: [["a?", "b"]], detect: ["a": "7", "b": "100"]),
            lines: ["group 1 (a, b): 'a@1': status 7; 'b@1' did not detect anything to do"]),
        Rejection(
            world: World(order: [["a", "b"]], detect: ["a": "0 -x"]),
            lines: ["group 1 (a, b): 'a@1' requires 'x', which no buildpack before it provides"]),
        Rejection(
            world: World(order: [["a", "b"]], detect: ["a": "0 -x", "b": "0 +x"]),
            lines: ["group 1 (a, b): 'a@1' requires 'x', which only 'b@1' behind it provides"]),
        Rejection(
            world: World(order: [["w?"], ["t"], []], targets: ["w": [Target(os: "windows", arch: "amd64")]], execEnv: ["t": ["test"]]),
            lines: [
                "group 1 (w): no buildpack of the group passed: 'w@1': unable to satisfy target os/arch constraints: "
                    + "the run image is \(TargetTests.debian), the buildpack is for windows/amd64",
                "group 2 (t): no buildpack of the group passed: 't@1' is for other execution environments",
                "group 3: it is empty",
            ]),
        // Nine candidates of one group.
        Rejection(
            world: World(
                order: [["m", "n", "no"], ["z"]], detect: ["no": "100", "z": "100"],
                composites: ["m": [["a"], ["b"], ["c"]], "n": [["d"], ["e"], ["f"]]]),
            lines: ["groups 1 to 9: 'no@1' did not detect anything to do", "group 10 (z): 'z@1' did not detect anything to do"]),
        Rejection(
            world: World(order: [["a", "b", "c", "d", "e", "f"]], detect: ["f": "100"]),
            lines: ["group 1 (a, b, c, d and 2 more): 'f@1' did not detect anything to do"]),
    ]

    @Test("Every candidate says why it was not taken", arguments: rejections)
    func reasons(_ rejection: Rejection) async throws {
        let outcome = try await Detection.run(try rejection.world.request(), driver: try rejection.world.driver())
        guard case .failed(let failure) = outcome else {
            Issue.record("something detected")
            return
        }
        #expect(failure.fault.message.split(separator: "\n").dropFirst().map(String.init) == rejection.lines)
    }

    @Test("B-45: with an error there is no word about the path")
    func errorMessages() async throws {
        let world = World(order: [["a", "w", "x"]], detect: ["a": "7"], targets: ["w": [Target(os: "windows", arch: "amd64")]])
        guard case .failed(let failure) = try await Detection.run(try world.request(), driver: try world.driver()) else {
            Issue.record("something detected")
            return
        }
        #expect(failure.summaryLines == ["No buildpack groups passed detection."])
        #expect(failure.candidates[0].elements.map(\.logLine) == ["err:  a@1 (7)", "err:  w@1", "pass: x@1"])
        #expect(failure.fault.message.contains("unable to satisfy target os/arch constraints"))
    }

    @Test("B-36: a composite that contains itself is an error, not an endless walk")
    func cycle() async throws {
        let world = World(order: [["m"]], composites: ["m": [["n"]], "n": [["a", "m"]]])
        let fault = try await #require(throws: Fault.self) { _ = try await Detection.run(try world.request(), driver: try world.driver()) }
        #expect(fault.message == "composite buildpack 'm@1' contains itself: m@1 -> n@1 -> m@1")
        #expect(fault.exitCode == 22)
    }

    @Test("B-36: the same composite twice, one after the other, is no cycle")
    func twice() async throws {
        let world = World(order: [["m", "n"]], composites: ["m": [["a"]], "n": [["m", "b"]]])
        guard case .detected(let detected) = try await Detection.run(try world.request(), driver: try world.driver()) else {
            Issue.record("nothing detected")
            return
        }
        #expect(detected.group.buildpacks.map(\.id.raw) == ["a", "b"])
    }

    @Test("B-37: a missing buildpack ends everything with status 22")
    func missing() async throws {
        var world = World(order: [["a"]])
        let driver = try world.driver()
        world.order = [["gone"], ["a"]]
        let fault = try await #require(throws: Fault.self) { _ = try await Detection.run(try world.request(), driver: driver) }
        #expect(fault.exitCode == 22)
        #expect(fault.message == "no buildpack 'gone@1'")
    }

    @Test("B-37: an order without a version")
    func noVersion() async throws {
        let order = Order(groups: [OrderGroup([OrderElement(id: try BuildpackID("a"), version: nil)])])
        let request = DetectionRequest(order: order, base: TargetTests.debian, platformAPI: APIVersion(0, 15))
        let fault = try await #require(throws: Fault.self) { _ = try await Detection.run(request, driver: try World().driver()) }
        #expect(fault.message == "the order names 'a' without a version")
    }

    @Test("V-6: an unsupported Buildpack API anywhere in the order")
    func apis() async throws {
        let world = World(order: [["a"], ["old"]], api: ["old": APIVersion(0, 1)])
        let driver = try world.driver()
        let fault = try await #require(throws: Fault.self) {
            try await Detection.requireSupportedAPIs(try world.request().order, driver: driver)
        }
        #expect(fault.exitCode == 12)
        #expect(driver.runs.withLock { $0.isEmpty })
    }

    @Test(
        "B-42: what an exit status means",
        arguments: [
            (0, "", "pass"), (100, "", "fail"), (1, "", "error"), (99, "", "error"), (101, "", "error"), (137, "", "error"),
            (0, "[[", "error"), (0, "[[provides]]\nname = 1\n", "error"),
        ] as [(Int32, String, String)])
    func statuses(_ status: Int32, _ plan: String, _ expected: String) {
        let result = DetectResult(exitStatus: status, plan: DocumentSource(file: "plan.toml", text: plan), kind: .buildpack, output: "o")
        switch result.verdict {
        case .pass: #expect(expected == "pass")
        case .fail: #expect(expected == "fail")
        case .error: #expect(expected == "error")
        }
        #expect(result.output == "o")
    }

    @Test("B-41: the elements of a group run at the same time", .timeLimit(.minutes(1)))
    func concurrency() async throws {
        /// Every run waits until all three have begun.
        actor Gate {
            private var waiting: [CheckedContinuation<Void, Never>] = []
            func arrive() async {
                await withCheckedContinuation { continuation in
                    waiting.append(continuation)
                    guard waiting.count == 3 else { return }
                    for waiter in waiting { waiter.resume() }
                    waiting = []
                }
            }
        }
        struct GatedDriver: DetectionDriver {
            let table: TableDriver
            let gate = Gate()
            func module(_ reference: BuildpackReference, kind: ModuleKind) async throws -> DetectionModule {
                try await table.module(reference, kind: kind)
            }
            func detect(_ module: DetectionModule) async throws -> DetectResult {
                await gate.arrive()
                return try await table.detect(module)
            }
        }
        let world = World(order: [["a", "b", "c"]])
        let outcome = try await Detection.run(try world.request(), driver: GatedDriver(table: try world.driver()))
        guard case .detected(let detected) = outcome else {
            Issue.record("nothing detected")
            return
        }
        #expect(detected.group.buildpacks.map(\.id.raw) == ["a", "b", "c"])
    }
}
