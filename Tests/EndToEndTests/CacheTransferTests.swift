import Archive
import CNBSpec
import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// Caches that travel: `--cache-to`, `--cache-from`, `--cache-image` and pack's `--cache`. A machine is a home of its own.
struct CacheTransferTests {
    /// Two layers that no two builds make alike: what another machine has of them it has from the cache.
    static let script = #"""
        set -e
        for layer in both only; do
          if [ -f "$1/$layer/f" ]; then echo "kept $layer"; else
            echo "made $layer"; mkdir -p "$1/$layer"; head -c 200000 /dev/urandom > "$1/$layer/f"
          fi
        done
        printf '[types]\nlaunch = true\ncache = true\n[metadata]\nkey = "both"\n' > "$1/both.toml"
        printf '[types]\ncache = true\n' > "$1/only.toml"
        [ -z "$CHANGE" ] || echo "$CHANGE" > "$1/only/f"
        """#

    static func machine(_ script: String = script) async throws -> ToteCase {
        let tote = try await ToteCase()
        try tote.project(script)
        return tote
    }

    static func layers(_ build: ProgramResult) -> [String] {
        build.errorLines.compactMap { line in
            line.firstMatch(of: /^\[test\/script\] ((made|kept) .*)$/).map { String($0.1) }
        }
    }

    static let kept = ["kept both", "kept only"]
    static let made = ["made both", "made only"]

    static func warnings(_ build: ProgramResult) -> [String] { build.errorLines.filter { $0.hasPrefix("Warning:") } }

    enum Place: String, CaseIterable {
        case local, tar, oci, shortLocal, shortOCI
        func options(_ folder: String, to: Bool) -> [String] {
            let option = to ? "--cache-to" : "--cache-from", key = to ? "dest" : "src"
            return switch self {
            case .local: [option, "type=local,\(key)=\(folder)/cache"]
            case .tar: [option, "type=tar,\(key)=\(folder)/cache.tar"]
            case .oci: [option, "type=oci,\(key)=\(folder)/layout,tag=mine"]
            case .shortLocal: [option, "local:\(folder)/cache"]
            case .shortOCI: [option, "oci:\(folder)/layout:mine"]
            }
        }
    }

    // MARK: from machine to machine

    @Test(arguments: Place.allCases) func anotherMachineHasTheLayers(place: Place) async throws {
        let shared = try ScratchDirectory()
        let first = try await Self.machine(), second = try await Self.machine()
        let built = try await first.build("app", place.options(shared.path, to: true))
        try #require(built.succeeded, "\(built)")
        #expect(Self.layers(built) == Self.made && Self.warnings(built).isEmpty, "\(built)")
        let again = try await second.build("app", place.options(shared.path, to: false))
        #expect(again.out == built.out, "\(again)")
        #expect(Self.layers(again) == Self.kept && Self.warnings(again).isEmpty, "\(again)")
        #expect(again.errorLines.contains { $0.hasPrefix("Using the build cache at ") }, "\(again)")
        #expect(again.errorLines.contains("Restoring data for \"test/script:only\" from cache"), "\(again)")
        #expect(try second.store().validate().isEmpty)
        // It is the second machine's own now.
        let own = try await second.build("app")
        #expect(own.out == built.out && Self.layers(own) == Self.kept)
    }

    /// What is there is not written again, what changed is, and what nobody needs goes.
    @Test(arguments: [Place.local, .tar, .oci]) func onlyWhatChangedIsWritten(place: Place) async throws {
        let shared = try ScratchDirectory(), tote = try await Self.machine()
        func files() throws -> [String: UInt64] {
            var files: [String: UInt64] = [:]
            for name in try FileManager.default.subpathsOfDirectory(atPath: shared.path) {
                let status = try ConfinedDirectory(shared.path).status(name)
                if status?.kind == .file { files[name] = status?.inode }
            }
            return files
        }
        try #require(try await tote.build("app", place.options(shared.path, to: true)).succeeded)
        let before = try files()
        let same = try await tote.build("app", place.options(shared.path, to: true))
        #expect(try same.succeeded && files() == before, "\(same)")
        try #require(
            try await tote.command(tote.buildArguments("app", place.options(shared.path, to: true) + ["--env", "CHANGE=x"])).run().succeeded
        )
        let after = try files()
        #expect(after != before)
        if place == .local { #expect(after.count == before.count && after.count(where: { before[$0.key] == nil }) == 3) }
        if place == .oci {
            #expect(before.allSatisfy { $0.key.hasSuffix("index.json") || after[$0.key] == $0.value } && after.count == before.count + 3)
        }
        let second = try await Self.machine()
        let again = try await second.command(second.buildArguments("app", place.options(shared.path, to: false) + ["--env", "CHANGE=x"]))
            .run()
        #expect(Self.layers(again) == Self.kept, "\(again)")
    }

    @Test func theFirstThatCanBeUsed() async throws {
        let shared = try ScratchDirectory(), first = try await Self.machine()
        let built = try await first.build("app", Place.tar.options(shared.path, to: true) + Place.local.options(shared.path, to: true))
        try #require(built.succeeded)
        try shared.write("no tar at all", to: "bad.tar")
        let second = try await Self.machine()
        let sources = ["--cache-from", "tar:\(shared.path)/none.tar", "--cache-from", "tar:\(shared.path)/bad.tar"]
        let again = try await second.build("app", sources + Place.local.options(shared.path, to: false))
        #expect(again.out == built.out && Self.layers(again) == Self.kept, "\(again)")
        #expect(again.errorLines.contains("There is no build cache at tar:\(shared.path)/none.tar yet"))
        #expect(Self.warnings(again).count == 1 && Self.warnings(again)[0].contains("bad.tar is not used"), "\(again)")
        // None: the own one.
        let own = try await second.build("app", sources)
        #expect(own.out == built.out && Self.layers(own) == Self.kept, "\(own)")
    }

    @Test func clearedIsWrittenButNotRead() async throws {
        let shared = try ScratchDirectory(), tote = try await Self.machine()
        let options = Place.local.options(shared.path, to: true) + Place.local.options(shared.path, to: false)
        try #require(try await tote.build("app", options).succeeded)
        let cleared = try await tote.build("app", options + ["--clear-cache"])
        #expect(cleared.succeeded && Self.layers(cleared) == Self.made && !cleared.error.contains("Using the build cache"), "\(cleared)")
        let second = try await Self.machine()
        let again = try await second.build("app", Place.local.options(shared.path, to: false))
        #expect(again.out == cleared.out && Self.layers(again) == Self.kept, "\(again)")
    }

    /// Blobs of another compression serve as well, and the image is the one that it would be without.
    @Test func compressedInAnotherWay() async throws {
        let script =
            "mkdir -p \"$1/l\"; [ -f \"$1/l/f\" ] && echo kept l; seq 100000 > \"$1/l/f\"\nprintf '[types]\\nlaunch = true\\ncache = true\\n' > \"$1/l.toml\""
        let shared = try ScratchDirectory()
        let alone = try await Self.machine(script)
        let expected = try await alone.build()
        let first = try await Self.machine(script)
        try #require(try await first.build("app", Place.local.options(shared.path, to: true) + ["--compression", "zstd:7"]).succeeded)
        let second = try await Self.machine(script)
        let again = try await second.build("app", Place.local.options(shared.path, to: false))
        #expect(again.out == expected.out && Self.layers(again) == ["kept l"], "\(again)")
    }

    @Test func inTheFolderOfTheApp() async throws {
        let tote = try await Self.machine()
        let warned = try await tote.build("app", "--cache-to", "type=local,dest=app/.cache")
        #expect(Self.warnings(warned).contains { $0.contains("lies in the app's folder") }, "\(warned)")
        try tote.project(InlineScript(Self.script), more: "[io.buildpacks]\nexclude = [\"/.cache\"]\n")
        let excluded = try await tote.build("app", "--cache-to", "type=local,dest=app/.cache")
        #expect(excluded.succeeded && Self.warnings(excluded).isEmpty, "\(excluded)")
        #expect(try tote.contents()["/workspace/.cache/index.json"] == nil)
    }

    /// Without `--path`, with another spelling of the place, and with one that only looks as if it were inside.
    @Test(arguments: [(".cache", true), ("../link/new/cache", true), ("../app/.cache", true), ("../outside", false), ("out/cache", false)])
    func inTheFolderOfTheAppByAnotherName(place: String, isInside: Bool) async throws {
        let tote = try await Self.machine("true")
        try tote.scratch.makeFolder("elsewhere")
        symlink("app", tote.scratch.path("link"))
        symlink("../elsewhere", tote.scratch.path("app/out"))
        var build = tote.command(["build", "app", "--builder", "tiny", "--pull-policy", "never", "--cache-to", "local:\(place)"])
        build.directory = tote.app
        let result = try await build.run()
        #expect(result.succeeded, "\(result)")
        #expect(Self.warnings(result).contains { $0.contains("lies in the app's folder") } == isInside, "\(result)")
    }

    // MARK: failures

    @Test(arguments: ["local:blocker/cache", "tar:blocker/cache.tar", "oci:app/full", "registry:127.0.0.1:1/cache"])
    func whatCannotBeWrittenIsAWarning(place: String) async throws {
        let tote = try await Self.machine()
        try tote.scratch.write("a file", to: "blocker")
        try tote.write("full/stranger", "x")
        let build = try await tote.build("app", "--cache-to", place, "--cache-to", "local:good")
        #expect(build.succeeded && build.out.hasPrefix("app@sha256:"), "\(build)")
        #expect(Self.warnings(build).contains { $0.contains("Failed to export cache: ") }, "\(build)")
        #expect(Peer.exists(tote.scratch.path("good/index.json")))
        #expect(tote.scratch.text("app/full/stranger") == "x")
    }

    @Test(arguments: [
        ("--cache-to", "nowhere"), ("--cache-from", "type=ftp,src=x"), ("--cache-to", "type=local"), ("--cache-to", "type=oci,dest=x,tag="),
        ("--cache-to", "type=registry,dest=x"), ("--cache-from", "type=local,src=x,src=y"), ("--cache-from", "type=local,src=x,mode=max"),
        ("--cache-to", "registry:ghcr.io/acme/x@sha256:" + String(repeating: "0", count: 64)), ("--cache", "type=build;format=bind"),
        ("--cache", "type=build;format=image"), ("--cache", "type=kaniko"), ("--cache", "format=zip"), ("--cache", "build"),
        ("--cache", "type=build;format=volume;name=Large/x"), ("--cache", "type=build;size=3"),
        ("--cache", "type=build;format=volume;name=_Large"), ("--cache-to", "type=local,src=x"), ("--cache-from", "type=tar,dest=x"),
        ("--cache-from", "type=oci,src=x,dest=y"),
    ])
    func badValues(option: String, value: String) async throws {
        let tote = try await Self.machine()
        let before = tote.state()
        let build = try await tote.build("app", option, value)
        #expect(build.status == 64 && build.error.hasPrefix("ERROR: \(option): ") && build.error.contains("\nhint: "), "\(build)")
        if option != "--cache" {
            // A hint has the words of its option.
            let other = option == "--cache-from" ? "dest=" : "src="
            #expect(build.errorLines.last?.contains(other) == false, "\(build)")
        }
        #expect(tote.state() == before)
    }

    // MARK: pack's words

    @Test func packsCaches() async throws {
        let tote = try await Self.machine()
        let first = try await tote.build("a", "--cache", "type=build;format=volume;name=shared")
        let other = try await tote.build("b", "--cache", "type=build;name=shared")
        #expect(Self.layers(first) == Self.made && Self.layers(other) == Self.kept, "\(other)")
        let list = try await tote.tote("cache", "list")
        #expect(list.outLines.dropFirst().compactMap { $0.split(separator: " ").first } == ["shared:latest"], "\(list)")
        #expect(Self.layers(try await tote.build("b")) == Self.made)

        // A volume's name that no image can have, and others like it.
        for (name, layers) in [("My_Cache", Self.made), ("My_Cache", Self.kept), ("MY_CACHE", Self.made)] {
            let build = try await tote.build("b", "--cache", "type=build;format=volume;name=\(name)")
            #expect(Self.layers(build) == layers, "\(name): \(build)")
        }
        let inspected = try await tote.tote("cache", "inspect", "cache-volume:My_Cache")
        #expect(inspected.succeeded, "\(inspected)")

        let bound = try await tote.build(
            "c", "--cache", "type=build;format=bind;source=bound", "--cache", "type=launch;format=bind;source=bound")
        #expect(Self.layers(bound) == Self.made && Peer.exists(tote.scratch.path("bound/build-cache/index.json")), "\(bound)")
        #expect(Self.warnings(bound).count == 1 && Self.warnings(bound)[0].contains("launch caches have no effect"), "\(bound)")
        let second = try await Self.machine()
        let again = try await second.build("c", "--cache", "source=\(tote.scratch.path("bound"));format=bind;type=build")
        #expect(again.out == bound.out && Self.layers(again) == Self.kept, "\(again)")
    }

    // MARK: registries

    @Test(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed")) func aCacheImage() async throws {
        let registry = try await DockerRegistry()
        let cache = "\(registry.host)/acme/cache:main"
        let first = try await Self.machine(), second = try await Self.machine()
        let built = try await first.build("app", "--cache-image", cache)
        try #require(built.succeeded && Self.warnings(built).isEmpty, "\(built)")
        #expect(built.errorLines.contains("There is no build cache at registry:\(cache) yet"))
        let sent = registry.requests("PUT", "POST", "PATCH")
        let same = try await first.build("app", "--cache-image", cache)
        #expect(registry.requests("PUT", "POST", "PATCH") == sent, "\(same)")

        let before = registry.requests("GET", containing: "/blobs/")
        let again = try await second.build("app", "--cache", "type=build;format=image;name=\(cache)")
        #expect(again.out == built.out && Self.layers(again) == Self.kept && Self.warnings(again).isEmpty, "\(again)")
        #expect(registry.requests("PUT", "POST", "PATCH") == sent, "\(again)")
        let fetched = registry.requests("GET", containing: "/blobs/")
        #expect(fetched - before == 3)
        let third = try await second.build("app", "--cache-from", "registry:\(cache)")
        #expect(third.out == built.out && registry.requests("GET", containing: "/blobs/") == fetched, "\(third)")

        let both = try await first.build("app", "--cache-image", cache, "--cache", "type=build;format=image;name=\(cache)")
        #expect(both.status == 64 && both.error.contains("exclude each other"), "\(both)")
    }

    /// D-82, D-81: what other lifecycles read.
    @Test func theFormOfACacheImage() async throws {
        let tote = try await Self.machine()
        try #require(try await tote.build("app", "--cache-to", "oci:layout").succeeded)
        let image = try LayoutSource(at: tote.scratch.path("layout")).image(tag: "cache")
        let text = try #require(image.config.settings.labels["io.buildpacks.lifecycle.cache.metadata"])
        let metadata = try CacheMetadata(label: "cache", text: text)
        let layers = try #require(metadata.buildpacks.first?.layers)
        #expect(metadata.buildpacks.map(\.key) == ["test/script"] && metadata.sbom.sha == "")
        #expect(layers["both"]?.types == LayerTypes(launch: true, cache: true) && layers["only"]?.types == LayerTypes(cache: true))
        #expect(image.config.diffIDs.map(\.description) == ["both", "only"].compactMap { layers[$0]?.sha })
        #expect(try tote.image().config.diffIDs.contains { $0.description == layers["both"]?.sha })
        #expect(text.contains(#""data":{"key":"both"}"#) && text.contains(#""sbom":{"sha":""}"#))

        try tote.project("true")
        try #require(try await tote.build("app", "--cache-to", "oci:layout").succeeded)
        let empty = try LayoutSource(at: tote.scratch.path("layout")).image(tag: "cache")
        #expect(empty.config.diffIDs == [DiffID(Digest.of([UInt8](repeating: 0, count: 1024)))])
    }

    @Test(arguments: Account.ordinary) func asAnOrdinaryUser(account: Account) async throws {
        let first = try await ToteCase(as: account), second = try await ToteCase(as: account)
        for tote in [first, second] {
            try tote.project(Self.script)
            try await tote.giveAway()
        }
        let built = try await first.build("app", "--cache-to", "type=tar,dest=cache.tar")
        let again = try await second.build("app", "--cache-from", "type=tar,src=\(first.scratch.path("cache.tar"))")
        #expect(built.succeeded && again.out == built.out && Self.layers(again) == Self.kept, "\(built)\(again)")
    }
}

extension ToteCase {
    func build(_ name: String, _ more: [String]) async throws -> ProgramResult { try await command(buildArguments(name, more)).run() }
}
