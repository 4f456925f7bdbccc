import CNBLaunch
import CNBSpec
import Testing

@Suite("The environment of a script (C.3, N.2)")
struct BuildEnvironmentTests {
    static func info(_ api: APIVersion = APIVersion(0, 12), clearEnv: Bool = false) throws -> ModuleInfo {
        ModuleInfo(api: api, reference: try BuildpackReference("acme/x@1"), clearEnv: clearEnv)
    }

    static func files(_ pairs: [String: String]) -> [EnvironmentFile] { pairs.map { EnvironmentFile(name: $0.key, contents: $0.value) } }

    static func run(
        _ phase: ModuleRun.Phase = .build(layers: "/layers/acme_x", plan: "/tmp/plan.toml"), api: APIVersion = APIVersion(0, 12),
        clearEnv: Bool = false, user: [String: String] = [:], operator: [String: String] = [:]
    ) throws -> ModuleRun {
        ModuleRun(
            phase, of: try info(api, clearEnv: clearEnv), directory: "/cnb/buildpacks/acme_x/1", platformDirectory: "/platform",
            target: BaseTarget(os: "linux", arch: "amd64"), user: files(user), operator: files(`operator`))
    }

    @Test("C-20: the allow-list")
    func allowList() {
        let environment = BuildEnvironment(
            inheriting: Environment(["PATH=/usr/bin", "HOME=/h", "SECRET=x", "no_proxy=n", "DOCKER_CONFIG=/d", "CNB_REGISTRY_AUTH=a"]))
        #expect(environment.accumulated.entries.sorted() == ["HOME=/h", "PATH=/usr/bin", "no_proxy=n"])
    }

    @Test("N.2: PATH as later buildpacks see it")
    func path() throws {
        var environment = BuildEnvironment(inheriting: Environment(["PATH=/usr/bin"]))
        #expect(environment.variables(for: try Self.run())["PATH"] == "/usr/bin")
        environment.add([
            "y": LayerEnvironment(path: "/layers/a/y", roots: ["bin"]), "x": LayerEnvironment(path: "/layers/a/x", roots: ["bin"]),
        ])
        #expect(environment.variables(for: try Self.run())["PATH"] == "/layers/a/y/bin:/layers/a/x/bin:/usr/bin")
        environment.add(["m": LayerEnvironment(path: "/layers/b/m", roots: ["bin", "lib"])])
        let later = environment.variables(for: try Self.run(user: ["PATH": "/u"]))
        #expect(later["PATH"] == "/u:/layers/b/m/bin:/layers/a/y/bin:/layers/a/x/bin:/usr/bin")
        #expect(later["LD_LIBRARY_PATH"] == "/layers/b/m/lib")
        #expect(later["LIBRARY_PATH"] == "/layers/b/m/lib")
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var title: String
        var x: [String: String] = [:]
        var xBuild: [String: String] = [:]
        var y: [String: String] = [:]
        var user: [String: String] = [:]
        var `operator`: [String: String] = [:]
        var clearEnv = false
        var variable = "F"
        var expected: String?
        var testDescription: String { title }
    }

    static let rows: [Row] = [
        Row(title: "append with delimiters", x: ["F.append": "1", "F.delim": ":"], y: ["F.append": "2", "F.delim": ":"], expected: "1:2"),
        Row(
            title: "a delimiter counts in its own directory only", x: ["F.append": "1", "F.delim": ":"], y: ["F.append": "2"],
            expected: "12"),
        Row(title: "prepend", x: ["F.prepend": "1", "F.delim": ":"], y: ["F.prepend": "2", "F.delim": ":"], expected: "2:1"),
        Row(title: "default", x: ["F.default": "1"], y: ["F.default": "2"], expected: "1"),
        Row(title: "override", x: ["F": "1"], y: ["F": "2"], expected: "2"),
        Row(title: "env then env.build", x: ["F.append": "1"], xBuild: ["F.append": "2"], expected: "12"),
        Row(title: "plain sorts first", x: ["F": "1", "F.append": "2"], expected: "12"),
        Row(title: "override after append", x: ["F.append": "1", "F.override": "2"], expected: "2"),
        Row(title: "unknown action", x: ["F.unknown": "1"], expected: nil),
        Row(title: "verbatim", x: ["F.append": "1\n"], expected: "1\n"),
        Row(title: "the user's wins", x: ["F": "1"], user: ["F": "u"], expected: "u"),
        Row(title: "unless clear-env", x: ["F": "1"], user: ["F": "u"], clearEnv: true, expected: "1"),
        Row(title: "the operator's is a default", x: ["F": "1"], operator: ["F": "o"], expected: "1"),
        Row(title: "the operator overrides", user: ["F": "u"], operator: ["F.override": "o"], expected: "o"),
        Row(title: "also with clear-env", operator: ["F.override": "o"], clearEnv: true, expected: "o"),
        Row(title: "the operator appends", x: ["F": "1"], operator: ["F.append": "o", "F.delim": ","], expected: "1,o"),
        Row(title: "user file names are whole names", user: ["F.append": "u"], variable: "F.append", expected: "u"),
    ]

    @Test("N.2: variables of layers, user and operator", arguments: rows)
    func variables(_ row: Row) throws {
        var environment = BuildEnvironment(inheriting: Environment([]))
        environment.add([
            "x": LayerEnvironment(path: "/layers/a/x", env: Self.files(row.x), envBuild: Self.files(row.xBuild)),
            "y": LayerEnvironment(path: "/layers/a/y", env: Self.files(row.y)),
        ])
        let run = try Self.run(clearEnv: row.clearEnv, user: row.user, operator: row.operator)
        #expect(environment.variables(for: run)[row.variable] == row.expected)
        // C-26: nothing of it stays.
        if !row.user.isEmpty { #expect(environment.variables(for: try Self.run())["F"] != "u") }
    }

    @Test(
        "B-40, C-30: variables of the spec by Buildpack API",
        arguments: [
            ("0.7", ["CNB_BUILDPACK_DIR"]),
            ("0.8", ["CNB_BUILDPACK_DIR", "CNB_PLATFORM_DIR", "PLAN"]),
            ("0.10", ["CNB_BUILDPACK_DIR", "CNB_PLATFORM_DIR", "PLAN", "CNB_TARGET_OS", "CNB_TARGET_ARCH"]),
            ("0.12", ["CNB_BUILDPACK_DIR", "CNB_PLATFORM_DIR", "PLAN", "CNB_TARGET_OS", "CNB_TARGET_ARCH", "CNB_EXEC_ENV"]),
        ])
    func specVariables(_ api: String, _ expected: [String]) throws {
        let version = try #require(APIVersion(api))
        let environment = BuildEnvironment(inheriting: Environment([]))
        func names(_ environment: Environment) -> Set<String> { Set(environment.entries.map { String($0.prefix { $0 != "=" }) }) }
        let detect = environment.variables(for: try Self.run(.detect(plan: "/p"), api: version))
        #expect(names(detect) == Set(expected.map { $0 == "PLAN" ? "CNB_BUILD_PLAN_PATH" : $0 }))
        let build = environment.variables(for: try Self.run(api: version))
        let layers: Set<String> = version >= APIVersion(0, 8) ? ["CNB_LAYERS_DIR"] : []
        #expect(names(build) == Set(expected.map { $0 == "PLAN" ? "CNB_BP_PLAN_PATH" : $0 }).union(layers))
        #expect(build["CNB_BUILDPACK_DIR"] == "/cnb/buildpacks/acme_x/1")
        if api == "0.12" {
            #expect(build["CNB_LAYERS_DIR"] == "/layers/acme_x")
            #expect(build["CNB_EXEC_ENV"] == "production")
        }
    }

    @Test("G-1: an extension's variables")
    func generate() throws {
        var run = try Self.run(.generate(output: "/o", plan: "/p"))
        run.kind = .extension
        let environment = BuildEnvironment(inheriting: Environment([])).variables(for: run)
        #expect(environment["CNB_EXTENSION_DIR"] == "/cnb/buildpacks/acme_x/1")
        #expect(environment["CNB_OUTPUT_DIR"] == "/o")
        #expect(environment["CNB_BP_PLAN_PATH"] == "/p")
        #expect(environment["CNB_BUILDPACK_DIR"] == nil)
        #expect(environment["CNB_LAYERS_DIR"] == nil)
    }
}
