import Archive
import TestSupport
import Testing

/// What a buildpack may leave in place of the files that tote reads: never host content, never a hang, and an error that names it.
struct HostileOutputTests {
    /// Every document that tote reads below the folder of a buildpack, and what makes tote read it.
    static let documents: [(path: String, before: String)] = [
        ("x.toml", "mkdir x"), ("launch.toml", ""), ("build.toml", ""), ("store.toml", ""), ("launch.sbom.cdx.json", ""),
        ("build.sbom.spdx.json", ""),
        ("x.sbom.syft.json", "mkdir x; printf '[types]\\nlaunch = true\\n' > x.toml"),
        ("x/env/NAME", "mkdir x; printf '[types]\\nbuild = true\\n' > x.toml"),
        ("x/env.build/NAME.append", "mkdir x; printf '[types]\\nbuild = true\\n' > x.toml"),
        ("x/env", "mkdir x; printf '[types]\\nbuild = true\\n' > x.toml"),
        ("x", "printf '[types]\\nlaunch = true\\nbuild = true\\ncache = true\\n' > x.toml"),
    ]

    @Test(arguments: documents)
    func inPlaceOfADocument(path: String, before: String) async throws {
        let build = try await HostileBuild()
        for kind in ["link", "pipe", "loop"] {
            try await build.attack("cd \"$CNB_LAYERS_DIR\"; \(before)\nput \(kind) \"$PWD/\(path)\"")
        }
    }

    /// The folders that tote itself writes to or reads from below /layers.
    @Test(arguments: [
        "/layers/config", "/layers/config/metadata.toml", "/layers/sbom", "/layers/sbom/launch", "/layers/good_bp", "$CNB_LAYERS_DIR",
    ])
    func inPlaceOfAFolderOfTotes(path: String) async throws {
        let build = try await HostileBuild()
        for kind in ["folder-link", "root-link", "pipe"] {
            try await build.attack("put \(kind) \(path)")
        }
    }

    /// A link to a folder of the host is a link to nowhere, also where a whole layer is exported through it.
    @Test(arguments: ["folder-link", "root-link", "dots-link", "magic-link"])
    func inPlaceOfALayer(kind: String) async throws {
        let build = try await HostileBuild()
        try await build.attack(
            "cd \"$CNB_LAYERS_DIR\"; printf '[types]\\nlaunch = true\\ncache = true\\n' > x.toml; put \(kind) \"$PWD/x\"")
        try await build.attack(
            "cd \"$CNB_LAYERS_DIR\"; printf '[types]\\nlaunch = true\\n' > x.toml; mkdir x; put \(kind) \"$PWD/x/y\"; ln -s \"$S\" x/z")
    }

    @Test func aFileOfTenGigabytesIsNotRead() async throws {
        let build = try await HostileBuild()
        for path in ["launch.toml", "x.toml", "launch.sbom.cdx.json"] {
            let result = try await build.attack("cd \"$CNB_LAYERS_DIR\"; put huge \"$PWD/\(path)\"")
            #expect(result.status == 52, "\(result)")
        }
    }

    @Test(arguments: ["link", "magic-link", "dots-link", "pipe", "loop", "folder", "huge", "binary", "closed", "zero-link"])
    func inPlaceOfTheBuildPlan(kind: String) async throws {
        let build = try await HostileBuild(detect: "put \(kind) \"$CNB_BUILD_PLAN_PATH\"; exit 0")
        try await build.attack("exit 0")
    }

    @Test func inPlaceOfTheBuildpackPlan() async throws {
        let build = try await HostileBuild()
        for kind in ["link", "pipe", "root-link"] {
            try await build.attack("put \(kind) \"$CNB_BP_PLAN_PATH\"")
            try await build.attack("put \(kind) \"$(dirname \"$CNB_BP_PLAN_PATH\")\"")
        }
    }

    @Test func inTheApp() async throws {
        let build = try await HostileBuild()
        let result = try await build.attack(
            """
            ln -s "$S" secret; ln -s "$(dirname "$S")" folder; mkfifo pipe; ln -s loop loop; mkdir closed; echo x > closed/file; chmod 000 closed/file closed
            ln -s /etc/passwd /workspace/passwd
            """)
        try #require(result.succeeded, "\(result)")
        let contents = try build.tote.contents()
        #expect(contents["/workspace/secret"]?.header.kind == .symbolicLink)
        #expect(contents["/workspace/pipe"]?.header.kind == .fifo)
        #expect(contents["/workspace/closed/file"]?.text == "x\n")
        #expect(contents["/workspace/closed/file"]?.header.mode == 0)
    }

    /// A buildpack that moves the app away and puts a link in its place.
    @Test func inPlaceOfTheApp() async throws {
        let build = try await HostileBuild()
        try await build.attack("cd /; rm -rf /workspace/* /workspace; ln -s \"$(dirname \"$S\")\" /workspace")
    }

    @Test(arguments: [
        #"$'a\nb'"#, #"$'\xff\xfe'"#, #"$'\e[31m'"#, "' '", "'a:b'", "'sbom'", "config", "'...'", #"$(printf 'n%.0s' $(seq 250))"#,
    ])
    func layerNames(name: String) async throws {
        let build = try await HostileBuild()
        let attack =
            "cd \"$CNB_LAYERS_DIR\"; name=\(name); mkdir \"$name\"; printf '[types]\\nlaunch = true\\ncache = true\\n' > \"$name.toml\"; echo x > \"$name/file\""
        // Quoting with escapes is bash's.
        let result = try await build.attack("cat > /tmp/a <<'EOF'\n\(attack)\nEOF\nbash /tmp/a")
        #expect(!result.error.contains("\u{1b}"))
        // What was accepted once comes back in the next build.
        try await build.attack("cat > /tmp/a <<'EOF'\n\(attack.replacing("mkdir", with: "mkdir -p"))\nEOF\nbash /tmp/a")
    }

    @Test func variableNames() async throws {
        let build = try await HostileBuild(next: "env")
        try await build.attack(
            """
            cat > /tmp/a <<'EOF'
            cd "$CNB_LAYERS_DIR"; mkdir -p x/env; printf '[types]\\nbuild = true\\n' > x.toml
            for name in 'A=B' $'new\\nline' $'\\xff' ' ' '.append' 'PATH.delim' 'LD_PRELOAD' '=x'; do echo value > "x/env/$name"; done
            EOF
            bash /tmp/a
            """)
    }

    @Test func deepFolders() async throws {
        let build = try await HostileBuild()
        // Deeper than any path that a call takes.
        let result = try await build.attack(
            """
            cd "$CNB_LAYERS_DIR"; printf '[types]\\nlaunch = true\\ncache = true\\n' > x.toml; mkdir x; cd x
            i=0; while [ $i -lt 700 ]; do mkdir deeper-still; cd deeper-still; i=$((i + 1)); done; echo bottom > file
            cd /workspace; i=0; while [ $i -lt 700 ]; do mkdir deeper-still; cd deeper-still; i=$((i + 1)); done; echo bottom > file
            """)
        if result.succeeded {
            let files = try build.tote.contents().layers.joined().filter { $0.text == "bottom\n" }
            #expect(files.count == 2)
        }
    }

    /// What a buildpack started in the background is dead before tote looks at the results.
    @Test func processesLeftRunning() async throws {
        let build = try await HostileBuild()
        let result = try await build.attack(
            """
            cd "$CNB_LAYERS_DIR"
            (while :; do rm -f launch.toml; ln -s "$S" launch.toml; rm -f launch.toml; echo > launch.toml; done) > /dev/null 2>&1 &
            setsid sleep 1000 &
            sleep 0.1
            """)
        #expect(result.succeeded || result.status == 52, "\(result)")
        #expect(try await Leftovers.find(of: build.tote.scratch.path) == [])
    }
}
