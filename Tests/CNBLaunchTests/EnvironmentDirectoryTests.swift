import CNBLaunch
import Testing

/// N.2: one directory of files, or several in turn, and the variable that the next buildpack sees.
@Suite struct EnvironmentDirectoryTests {
    typealias Files = [(String, String)]

    static let vectors: [(directories: [Files], expected: String?)] = [
        ([[("F.append", "1"), ("F.delim", ":")], [("F.append", "2"), ("F.delim", ":")]], "1:2"),
        ([[("F.append", "1"), ("F.delim", ":")], [("F.append", "2")]], "12"),
        ([[("F.prepend", "1"), ("F.delim", ":")], [("F.prepend", "2"), ("F.delim", ":")]], "2:1"),
        ([[("F.default", "1")], [("F.default", "2")]], "1"),
        ([[("F", "1")], [("F", "2")]], "2"),
        ([[("F.append", "1")], [("F.append", "2")]], "12"),
        ([[("F.append", "2"), ("F", "1")]], "12"),
        ([[("F.append", "1"), ("F.override", "2")]], "2"),
        ([[("F.unknown", "1")]], nil),
        ([[("F.append", "1\n")]], "1\n"),
        ([[("F.append.more", "1")]], nil),
        ([[("F.delim", ":")]], nil),
        ([[(".append", "1")]], nil),
        ([[("F.prepend", "1"), ("F.append", "2"), ("F.delim", "-"), ("F.default", "3")]], "1-2"),
        ([[("F", "")], [("F.default", "1")]], "1"),
        ([[("F", "")], [("F.append", "1"), ("F.delim", ":")]], "1"),
    ]

    // C-24, C-25
    @Test(arguments: vectors.indices) func filesOfLayers(_ place: Int) {
        let vector = Self.vectors[place]
        var environment = Environment()
        for files in vector.directories {
            environment.apply(directory: files.map { EnvironmentFile(name: $0.0, contents: $0.1) }, unsuffixed: .override)
        }
        #expect(environment["F"] == vector.expected)
        #expect(environment["F.append"] == nil)
    }

    // C-24: bytes that are not UTF-8 pass through.
    @Test func valuesAreBytes() {
        var environment = Environment(["F=a"])
        environment.apply(directory: [EnvironmentFile(name: "F.append", contents: [0xFF, 0xFE])], unsuffixed: .override)
        #expect(environment.rawEntries == [ByteText(bytes: Array("F=a".utf8) + [0xFF, 0xFE])])
    }
}

/// N.2: root directories and the overlays of user and operator.
@Suite struct BuildEnvironmentTests {
    // C-21, C-22, C-23
    @Test func laterLayersComeFirst() {
        var environment = Environment(["PATH=/usr/bin"])
        var seen: [String?] = []
        for layers in [["/layers/a/x", "/layers/a/y"], ["/layers/b/m"]] {
            for layer in layers { environment.prependRoots(of: layer, existing: { $0.hasSuffix("/bin") }, phase: .build) }
            seen.append(environment["PATH"])
        }
        #expect(seen == ["/layers/a/y/bin:/layers/a/x/bin:/usr/bin", "/layers/b/m/bin:/layers/a/y/bin:/layers/a/x/bin:/usr/bin"])
        environment.applyUser(files: [EnvironmentFile(name: "PATH", contents: "/u")])
        #expect(environment["PATH"] == "/u:/layers/b/m/bin:/layers/a/y/bin:/layers/a/x/bin:/usr/bin")
    }

    // C-22
    @Test func rootDirectoriesOfABuild() {
        var environment = Environment(["CPATH="])
        environment.prependRoots(of: "/l", existing: { _ in true }, phase: .build)
        #expect(
            environment.entries == [
                "CPATH=/l/include", "PATH=/l/bin", "LD_LIBRARY_PATH=/l/lib", "LIBRARY_PATH=/l/lib", "PKG_CONFIG_PATH=/l/pkgconfig",
            ])
    }

    // C-20
    @Test func onlyAllowedVariablesPass() {
        let base = Environment.buildBase(from: Environment(["SECRET=1", "HOME=/h", "PATH=/bin", "CNB_REGISTRY_AUTH={}", "no_proxy=x"]))
        #expect(base.entries == ["HOME=/h", "PATH=/bin", "no_proxy=x"])
    }

    static let overlays: [(layer: [String: String], user: [String: String], operators: [String: String], name: String, expected: String?)] =
        [
            (["F": "1"], ["F": "u"], [:], "F", "u"),
            (["F": "1"], [:], [:], "F", "1"),  // clear-env, C-28
            (["F": "1"], [:], ["F": "o"], "F", "1"),
            ([:], ["F": "u"], ["F.override": "o"], "F", "o"),
            (["F": "1"], [:], ["F.append": "o", "F.delim": ","], "F", "1,o"),
            ([:], [:], ["F": "o"], "F", "o"),
            ([:], ["F.append": "u"], [:], "F.append", "u"),
            ([:], ["F.append": "u"], [:], "F", nil),
            ([:], ["LIBRARY_PATH": "/u"], [:], "LIBRARY_PATH", "/u"),
        ]

    // C-26 to C-29
    @Test(arguments: overlays.indices) func userThenOperator(_ place: Int) {
        let row = Self.overlays[place]
        func files(_ pairs: [String: String]) -> [EnvironmentFile] { pairs.map { EnvironmentFile(name: $0, contents: $1) } }
        var environment = Environment()
        environment.apply(directory: files(row.layer), unsuffixed: .override)
        environment.applyUser(files: files(row.user))
        environment.applyOperator(files: files(row.operators))
        #expect(environment[row.name] == row.expected)
    }

    @Test func orderIsKept() {
        var environment = Environment(["A=1", "B=2", "no equals sign", "=nameless", "A=3", "C="])
        environment["B"] = nil
        environment["D"] = "x=y"
        #expect(environment.entries == ["A=3", "C=", "D=x=y"])
        #expect(environment["B"] == nil)
    }
}
