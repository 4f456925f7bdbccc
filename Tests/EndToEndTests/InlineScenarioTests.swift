import TestSupport
import Testing

/// The scenarios of inline buildpacks (M.11) that other suites do not cover.
struct InlineScenarioTests {
    private func build(
        _ scripts: InlineScript..., more: String = "", builder: String = "tiny", prepare: (ToteCase) async throws -> Void = { _ in }
    )
        async throws -> (ToteCase, ProgramResult)
    {
        let tote = try await ToteCase()
        try tote.write("project.toml", "[_]\nschema-version = \"0.2\"\n" + more + scripts.map(\.toml).joined())
        try await prepare(tote)
        return (tote, try await tote.build("app", "--builder", builder))
    }

    private func said(_ build: ProgramResult) -> [String] { build.errorLines.filter { $0.hasPrefix("[") } }

    /// IN-1, A-27: the second form of the seed article.
    @Test func aLayerOfItsOwnIsOnThePath() async throws {
        let (tote, build) = try await build(
            InlineScript("exit 0", id: "acme/first"),
            InlineScript(
                #"mkdir -p "$1/uv/bin"; printf '#!/bin/sh\necho uv "$@"\n' > "$1/uv/bin/uv"; chmod +x "$1/uv/bin/uv"; printf '[types]\nlaunch = true\n' >> "$1/uv.toml""#,
                id: "acme/uv"))
        #expect(build.succeeded, "\(build)")
        #expect(build.errorLines.contains("Adding layer 'acme/uv:uv'"))
        let run = try await tote.tote("run", "app", "uv", "--version")
        #expect(run.out == "uv --version\n", "\(run)")
        #expect(try await tote.tote("run", "app", "--", "uv", "--version").out == "uv --version\n")
        #expect(try await tote.tote("inspect", "app").out.contains("acme/uv"))
        // The first form: a program of the app folder.
        #expect(try await tote.tote("run", "app", "sh", "-c", "pwd; ls").out == "/workspace\nproject.toml\n")
    }

    /// IN-2: /bin/sh is not bash.
    @Test func theShellIsWhatWasNamed() async throws {
        let (_, plain) = try await build(
            InlineScript("a=(1 2 3); echo ${a[1]}; [[ x == x ]] && echo ${BASH_VERSION%%.*}", shell: "/bin/bash"))
        #expect(said(plain).first == "[test/script] 2", "\(plain)")
    }

    /// IN-3, A-24: a comment like any other.
    @Test func aShebangInsideIsAComment() async throws {
        let (_, build) = try await build(InlineScript("#!/usr/bin/env python3\necho \"${BASH_VERSION:-no bash}\"; echo $0"))
        #expect(said(build) == ["[test/script] no bash", "[test/script] /cnb/buildpacks/test_script/0.0.0/bin/build"], "\(build)")
    }

    /// IN-4: any interpreter, and detection passes.
    @Test(arguments: ["/usr/bin/env awk -f", "/bin/busybox awk -f"])
    func anyInterpreter(shell: String) async throws {
        let (_, build) = try await build(InlineScript("BEGIN { print \"from awk\", ARGV[1]; exit 0 }", shell: shell))
        // The kernel hands all that follows the interpreter over as one argument.
        #expect(build.succeeded ? said(build) == ["[test/script] from awk /layers/test_script"] : build.status == 51, "\(build)")
    }

    @Test func envAsTheInterpreter() async throws {
        let (_, build) = try await build(InlineScript("echo \"bash ${BASH_VERSION%%.*} $1 $2\"", shell: "/usr/bin/env bash"))
        #expect(said(build) == ["[test/script] bash 5 /layers/test_script /platform"], "\(build)")
    }

    /// IN-8, A-25: the status of the last command decides.
    @Test func noErrorExitIsAdded() async throws {
        let (_, build) = try await build(InlineScript("false; nonexistent-command; echo still here"))
        #expect(build.succeeded && said(build).contains("[test/script] still here"), "\(build)")
    }

    /// IN-9, A-16: around every group, in listed order.
    @Test func preAndPost() async throws {
        let (_, build) = try await build(
            InlineScript("echo p1", id: "in/p1", place: "pre.group"), InlineScript("echo p2", id: "in/p2", place: "pre.group"),
            InlineScript("echo q", id: "in/q", place: "post.group"), builder: "own"
        ) { tote in
            try await tote.makeBuilder(
                BuilderFolder("b/never", detect: "exit 100", build: "echo never"), BuilderFolder("b/passes", build: "echo passes"),
                groups: [["b/never"], ["b/passes"]])
        }
        #expect(said(build) == ["[in/p1] p1", "[in/p2] p2", "[b/passes] passes", "[in/q] q"], "\(build)")
    }

    /// IN-10, A-14 and IN-11, A-15.
    @Test(arguments: [(false, ["[in/a] a"]), (true, ["[b/own] own", "[in/a] a"])])
    func theBuildersOrder(spliced: Bool, expected: [String]) async throws {
        let (_, build) = try await build(
            InlineScript("echo a", id: "in/a"), more: spliced ? "[[io.buildpacks.group]]\nuri = \"from=builder\"\n" : "", builder: "own"
        ) { tote in
            try await tote.makeBuilder(BuilderFolder("b/own", build: "echo own"))
        }
        #expect(said(build) == expected, "\(build)")
    }

    /// Inline ones and those of the builder in one group, by name.
    @Test func mixedWithTheBuilders() async throws {
        let (_, build) = try await build(
            InlineScript("echo a", id: "in/a"), more: "[[io.buildpacks.group]]\nid = \"b/own\"\nversion = \"1.0.0\"\n", builder: "own"
        ) { tote in
            try await tote.makeBuilder(BuilderFolder("b/other", build: "echo other"), BuilderFolder("b/own", build: "echo own"))
        }
        #expect(said(build) == ["[b/own] own", "[in/a] a"], "\(build)")
    }

    /// IN-14, A-28.
    @Test(arguments: [
        ("0.8", "command = \"echo\"\\nargs = [\"hi\"]\\ndirect = true"), ("0.9", "command = [\"echo\", \"hi\"]"),
        ("0.12", "command = [\"echo\"]\\nargs = [\"hi\"]"),
    ])
    func bothFormsOfACommand(api: String, lines: String) async throws {
        let (tote, build) = try await build(
            InlineScript("printf '[[processes]]\\ntype = \"web\"\\n\(lines)\\ndefault = true\\n' > \"$1/launch.toml\"", api: api))
        #expect(build.succeeded, "\(build)")
        #expect(try await tote.tote("run", "app").out == "hi\n")
    }

    /// A-26: arguments for every API, the variables from 0.8 on.
    @Test(arguments: ["0.7", "0.8", "0.10", "0.12"])
    func argumentsForEveryAPI(api: String) async throws {
        let (_, build) = try await build(InlineScript("echo $# $1 $2 ${3##*/} ${CNB_LAYERS_DIR:-none}", api: api))
        #expect(
            said(build) == ["[test/script] 3 /layers/test_script /platform plan.toml \(api == "0.7" ? "none" : "/layers/test_script")"],
            "\(build)")
    }

    /// HOME, /tmp and the files of one buildpack are there for the next, as in one container.
    @Test func homeAndTemporaryFilesPersist() async throws {
        let (tote, build) = try await build(
            InlineScript(
                "echo one > \"$HOME/file\"; echo two > /tmp/file; mkdir -p \"$HOME/.local/bin\"; echo 'export X=y' > \"$HOME/.local/bin/env\"",
                id: "in/a"),
            InlineScript("cat \"$HOME/file\" /tmp/file; . \"$HOME/.local/bin/env\"; echo $X", id: "in/b"))
        #expect(said(build) == ["[in/b] one", "[in/b] two", "[in/b] y"], "\(build)")
        // Nothing of it is in the image.
        let contents = try tote.contents()
        #expect(contents["/home/cnb/file"] == nil && contents["/tmp/file"] == nil)
    }

    /// C-21: what a layer gives to the build is seen by later buildpacks.
    @Test func layersForTheBuild() async throws {
        let (tote, build) = try await build(
            InlineScript(
                #"mkdir -p "$1/t/bin" "$1/t/env"; printf '#!/bin/sh\necho tool\n' > "$1/t/bin/tool"; chmod +x "$1/t/bin/tool"; printf v > "$1/t/env/VALUE.override"; printf '[types]\nbuild = true\n' > "$1/t.toml""#,
                id: "in/a"),
            InlineScript("tool; echo $VALUE", id: "in/b"))
        #expect(said(build) == ["[in/b] tool", "[in/b] v"], "\(build)")
        #expect(try await tote.tote("run", "app", "sh", "-c", "tool; echo ${VALUE:-unset}").out == "unset\n")
    }

    /// D-18: a cached layer comes back, and goes with --clear-cache.
    @Test func cachedLayersComeBack() async throws {
        let script = InlineScript(
            #"mkdir -p "$1/c"; cat "$1/c/count" 2> /dev/null || echo none; echo x >> "$1/c/count"; printf '[types]\ncache = true\n' > "$1/c.toml""#
        )
        let (tote, first) = try await build(script)
        #expect(said(first) == ["[test/script] none"], "\(first)")
        #expect(said(try await tote.build()) == ["[test/script] x"])
        #expect(said(try await tote.build()) == ["[test/script] x", "[test/script] x"])
        #expect(said(try await tote.build("app", "--clear-cache")) == ["[test/script] none"])
        #expect(said(try await tote.build("other")) == ["[test/script] none"])
    }

    @Test func processesOfTheImage() async throws {
        let (tote, _) = try await build(
            InlineScript(
                #"""
                cat > "$1/launch.toml" <<'EOF'
                [[processes]]
                type = "web"
                command = ["sh", "-c", "echo web $PORT $0 $1"]
                default = true
                [[processes]]
                type = "worker"
                command = ["sh", "-c", "echo worker; exit 9"]
                EOF
                """#))
        #expect(try await tote.tote("run", "-e", "PORT=1234", "app", "a", "b").out == "web 1234 a b\n")
        #expect(try await tote.tote("run", "-e", "PORT=1234", "app", "--", "a", "b").out == "web 1234 a b\n")
        let worker = try await tote.tote("run", "--process", "worker", "app")
        #expect(worker.out == "worker\n" && worker.status == 9)
        let unknown = try await tote.tote("run", "--process", "nope", "app")
        #expect(unknown.status == 1)
        #expect(unknown.error == "ERROR: the image has no process of type 'nope'\nhint: it has web, worker\n", "\(unknown)")
    }
}
