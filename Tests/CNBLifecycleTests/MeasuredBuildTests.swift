import Archive
import CNBLifecycle
import CNBSpec
import OCIImage
import Testing

/// Whole builds whose diffIDs were measured on the reference lifecycle.
@Suite("Build and export give the reference's layers (D.4, D.5)")
struct MeasuredBuildTests {
    /// diffIDs by `created_by`, without the run image's and the launcher's.
    static func build(_ setup: ExportPhaseTests.Setup, _ scripts: [String: ScriptedHost.Script]) async throws -> [String: String] {
        var setup = setup
        let host = try ScriptedHost(setup.root, scripts)
        setup.metadata = try await BuildPhaseTests.phase(setup.root, host, setup.group).run()
        let image = try await setup.export().image
        let named = zip(image.config.history, image.config.diffIDs).dropFirst().map { ($0.createdBy ?? "", $1.description) }
        return Dictionary(named, uniquingKeysWith: { first, _ in first }).filter { $0.key != LayerHistory.launcher }
    }

    @Test("A layer, two processes, a label, an app of two folders")
    func firstBuild() async throws {
        var setup = try ExportPhaseTests.Setup()
        setup.group = [try setup.root.addBuildpack("kit/hello@1.2.3", "homepage = \"https://kit.example/hello\"")]
        setup.group[0].homepage = "https://kit.example/hello"
        try setup.root.write("/workspace/bin/run", "#!/bin/sh\necho run\n", mode: 0o755)
        try setup.root.write("/workspace/main.txt", "main\n")
        try setup.root.write("/workspace/sub/dir/data.txt", "data\n")
        let layers = try await Self.build(
            setup,
            [
                "kit/hello@1.2.3 build": { run in
                    try run.root.write("\(run.layers)/runtime/bin/greet", "#!/bin/sh\necho \"$GREETING, $*\"\n", mode: 0o755)
                    try run.write("\(run.layers)/runtime/env.launch/GREETING.default", "Hello")
                    try run.write("\(run.layers)/runtime.toml", "[types]\nlaunch = true\n[metadata]\nversion = \"7.1\"\n")
                    try run.write(
                        "\(run.layers)/launch.toml",
                        """
                        [[labels]]
                        key = "org.kit.hello"
                        value = "yes"
                        [[processes]]
                        type = "web"
                        command = ["greet"]
                        args = ["world", "and you"]
                        default = true
                        [[processes]]
                        type = "worker"
                        command = ["greet", "work"]
                        """)
                    return .exited(0)
                }
            ])
        #expect(
            layers == [
                "Layer: 'runtime', Created by buildpack: kit/hello@1.2.3":
                    "sha256:163aec0494a76ff6f19a31d02febc7f18f9e0936e1b6baae57065ae911d8280b",
                "Software Bill-of-Materials": "sha256:36f9de0748c420980a265697f38f76b0f9ae9b7862d3467b76b638706e637425",
                "Application Layer": "sha256:8e05fc3c8a15cf2e3ebc6957728d3b53886becbc4c3a7ecb625f9031800c4d67",
                "Buildpacks Launcher Config": "sha256:4763e2e5df70adc50b22470886b5df74c1fcd9dcda306d6df51324f4f006136a",
                "Buildpacks Process Types": "sha256:c32b6c6d08c5d84a980a518d1dd9093c22b9e003f2b6b468f12fe1e7cd918b3f",
            ])
    }

    static let sliceScripts: [String: ScriptedHost.Script] = [
        "kit/slicer@1.0.0 build": { run in
            try run.write(
                "\(run.layers)/launch.toml",
                "[[slices]]\npaths = [\"static/*.css\"]\n[[slices]]\npaths = [\"static\", \"docs/[ab].md\"]\n[[slices]]\npaths = [\"nothing/*\"]\n"
            )
            return .exited(0)
        },
        "kit/slicer2@1.0.0 build": { run in
            try run.write("\(run.layers)/launch.toml", "[[slices]]\npaths = [\"*.txt\", \"deep/a/b\"]\n")
            return .exited(0)
        },
    ]

    @Test(
        "D-50, D-51: slices of two buildpacks, one of them empty, and the remainder; one file changes one layer",
        arguments: [
            ("r", "c9d3686fab7cf6ecb1b8e47328413ebc60bd365ea839a1e5eede861fb844e1ba"),
            ("changed", "9bcdd59d0fa012a82569ed1bde94d79869685c5ae5524e24ade7323035aded5e"),
        ])
    func slices(_ text: String, _ changed: String) async throws {
        var setup = try ExportPhaseTests.Setup()
        for name in ["kit/slicer@1.0.0", "kit/slicer2@1.0.0"] { setup.group.append(try setup.root.addBuildpack(name)) }
        let files = [
            "main.py": "m", "static/a.css": "a", "static/img/x.png": "x", "static/b.css": "b", "deep/a/b/c/file": "f", "deep/a/other": "o",
            "docs/a.md": "a", "docs/b.md": "b", "docs/c.md": "c", "root.txt": text,
        ]
        for (path, text) in files { try setup.root.write("/workspace/\(path)", text) }
        let layers = try await Self.build(setup, Self.sliceScripts)
        #expect(
            layers == [
                "Software Bill-of-Materials": "sha256:36f9de0748c420980a265697f38f76b0f9ae9b7862d3467b76b638706e637425",
                "Application Slice: 1": "sha256:9aaa0761676199af6bdbb8fcaf71c889d1776bd3f758cd21595994d7cb65055f",
                "Application Slice: 2": "sha256:496b90657ab9729b41e5734c77415dd9e5c5cf49cb4221d8308baa42eb046aae",
                "Application Slice: 3": "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
                "Application Slice: 4": "sha256:\(changed)",
                "Application Slice: 5": "sha256:c95452f1e49872981ed05f36b6098247450a068989959209cd10832ef84bbffa",
                "Buildpacks Launcher Config": "sha256:afacb33f698f55790c5451217d44f224b521a485cf6e7f6bfc7128ea85484982",
            ])
    }
}
