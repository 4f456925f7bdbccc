import ArgumentParser
import CNBPlatform
import Testing
import ToteCommands

@Suite("The command line (L)")
struct CommandLineTests {
    /// The value of an option, flag or argument of a parsed command.
    static func value<Value>(_ name: String, of command: any ParsableCommand, as type: Value.Type = Value.self) -> Value? {
        let wrapper = Mirror(reflecting: command).children.first { $0.label == "_" + name }?.value
        return (wrapper as? Argument<Value>)?.wrappedValue ?? (wrapper as? Option<Value>)?.wrappedValue
            ?? (wrapper as? Flag<Value>)?.wrappedValue
    }

    static func parse(_ line: String) throws -> any ParsableCommand {
        try ToteCommand.parseAsRoot(line.split(separator: " ").map(String.init))
    }

    struct Line: Sendable, CustomTestStringConvertible {
        var line: String
        var command: any ParsableCommand.Type
        init(_ line: String, _ command: any ParsableCommand.Type) {
            self.line = line
            self.command = command
        }
        var testDescription: String { line }
    }

    static let lines: [Line] = [
        Line("build app", BuildCommand.self),
        Line("build app --path dir --builder b/x:1 --descriptor p.toml -e A=1 --env B --env-file f", BuildCommand.self),
        Line("build app -p dir -B b -d p.toml -t other -t third:2 -D web", BuildCommand.self),
        Line("build ghcr.io/acme/app:1 --publish --run-image r --previous-image p --pull-policy never", BuildCommand.self),
        Line("build app --clear-cache --network none --uid 1 --gid 2 --workspace w --exec-env test --creation-time now", BuildCommand.self),
        Line(
            "build app --output oci:dir --output docker-archive:f.tar --insecure-registry localhost:5000 --ca-certificates ca.pem",
            BuildCommand.self),
        Line("build -v app", BuildCommand.self), Line("build app --quiet --no-color", BuildCommand.self),
        Line("run app", RunCommand.self), Line("run --process web -e A=1 -v a:/b:ro -p 8080:8080 -i -t app x", RunCommand.self),
        Line("inspect app", InspectCommand.self), Line("inspect app --output json", InspectCommand.self),
        Line("inspect -o human-readable --remote app", InspectCommand.self), Line("inspect-image -o toml app", InspectCommand.self),
        Line("builder inspect", BuilderInspectCommand.self), Line("builder inspect b -d 2 -o yaml -v", BuilderInspectCommand.self),
        Line("images", ImagesListCommand.self), Line("images list", ImagesListCommand.self),
        Line("images ls -o json", ImagesListCommand.self),
        Line("images rm a b", ImagesRemoveCommand.self),
        Line("builder create b --config builder.toml", BuilderCreateCommand.self),
        Line("builders create b -c builder.toml", BuilderCreateCommand.self),
        Line("builder suggest", BuilderSuggestCommand.self), Line("builder suggest -o json", BuilderSuggestCommand.self),
        Line("buildpack new acme/x", BuildpackNewCommand.self),
        Line("buildpack new acme/x -a 0.9 -p dir -V 2.0.0 -t linux/amd64,linux/arm64 -s a.stack", BuildpackNewCommand.self),
        Line("buildpacks new acme/x --api 0.12 --path d --version 1 --targets linux --stacks s", BuildpackNewCommand.self),
        Line("buildpack eject --output dir", BuildpackEjectCommand.self),
        Line("buildpack eject acme/x -o dir -p app.zip -d project.toml", BuildpackEjectCommand.self),
        Line("extension new acme/x -a 0.10 -p dir -V 1 -t linux", ExtensionNewCommand.self),
        Line("base create debian12", BaseCreateCommand.self),
        Line(
            "base create d --suite bookworm --package curl --package run:tini --mirror https://m --ca-certificates c",
            BaseCreateCommand.self),
        Line("build app --platform linux/arm64/v8 --pull-policy interval=24h", BuildCommand.self),
        Line("images pull a --platform linux/amd64", ImagesPullCommand.self),
        Line("config", ConfigListCommand.self), Line("config list", ConfigListCommand.self),
        Line("config default-builder", ConfigDefaultBuilderCommand.self),
        Line("config default-builder b", ConfigDefaultBuilderCommand.self),
        Line("config default-builder -u", ConfigDefaultBuilderCommand.self),
        Line("config pull-policy never", ConfigPullPolicyCommand.self), Line("config pull-policy --unset", ConfigPullPolicyCommand.self),
        Line("config registry-mirrors", ConfigRegistryMirrorsListCommand.self),
        Line("config registry-mirrors add docker.io -m m.example", ConfigRegistryMirrorsAddCommand.self),
        Line("config registry-mirrors remove docker.io", ConfigRegistryMirrorsRemoveCommand.self),
        Line("config run-image-mirrors list r", ConfigRunImageMirrorsListCommand.self),
        Line("config run-image-mirrors add r --mirror a --mirror b", ConfigRunImageMirrorsAddCommand.self),
        Line("config run-image-mirrors remove r -m a", ConfigRunImageMirrorsRemoveCommand.self),
        Line("completion --shell zsh", CompletionCommand.self),
        Line(
            "build app --volume a:/b --volume c:/d:rw --report-output-dir r --sbom-output-dir s --timestamps", BuildCommand.self),
        Line("sbom download app", SBOMDownloadCommand.self), Line("sbom download app --remote -o out", SBOMDownloadCommand.self),
        Line("sbom download app --output-dir out --insecure-registry h:1", SBOMDownloadCommand.self),
        Line("run --timestamps app", RunCommand.self),
        Line("prune --all", PruneCommand.self), Line("prune", PruneCommand.self), Line("prune --unused-for 12h", PruneCommand.self),
        Line("cache", CacheListCommand.self), Line("cache list -o json", CacheListCommand.self), Line("cache ls", CacheListCommand.self),
        Line("cache inspect app", CacheInspectCommand.self), Line("cache inspect app --output json", CacheInspectCommand.self),
        Line("cache prune", CachePruneCommand.self), Line("cache prune a b --unused-for 30d --keep-size 10GB", CachePruneCommand.self),
        Line("version", VersionCommand.self),
    ]

    @Test("Every command parses", arguments: lines)
    func parses(_ line: Line) throws {
        let command = try Self.parse(line.line)
        #expect(type(of: command) == line.command)
        #expect(command is any ToteSubcommand)
    }

    @Test(
        "tote run: options end at the image's name; what follows is the process's, with and without --",
        arguments: [
            ("run app", []), ("run app x y", ["x", "y"]), ("run app -- x", ["--", "x"]),
            ("run app --verbose -e A=1 --process web", ["--verbose", "-e", "A=1", "--process", "web"]),
            ("run app --help", ["--help"]), ("run app --version", ["--version"]), ("run -i app sh -c x", ["sh", "-c", "x"]),
            ("run app x -- y", ["x", "--", "y"]),
            ("run app --", ["--"]),
        ] as [(String, [String])])
    func runArguments(_ line: String, _ arguments: [String]) throws {
        let command = try Self.parse(line)
        #expect(Self.value("name", of: command) == "app")
        #expect(Self.value("arguments", of: command) == arguments)
        #expect(Self.value("process", of: command, as: String?.self) == .some(nil))
    }

    @Test("tote run: options before the name are tote's")
    func runOptions() throws {
        let command = try Self.parse("run --process web -e A=1 -e B -v /a:/b app")
        #expect(Self.value("process", of: command, as: String?.self) == "web")
        #expect(Self.value("env", of: command) == ["A=1", "B"])
        #expect(Self.value("volume", of: command) == ["/a:/b"])
        #expect(Self.value("arguments", of: command, as: [String].self) == [])
    }

    @Test(
        "Which commands enter namespaces, and which pass signals on",
        arguments: [
            ("build app", true, false), ("run app", true, true), ("prune --all", true, false), ("images", false, false),
            ("inspect a", false, false),
            ("version", false, false), ("base create d", false, false), ("builder create b -c f", false, false),
        ])
    func namespaces(_ line: String, _ needsNamespace: Bool, _ handlesSignals: Bool) throws {
        let command = try #require(try Self.parse(line) as? any ToteSubcommand)
        #expect(command.needsNamespace == needsNamespace)
        #expect(command.handlesSignals == handlesSignals)
    }

    @Test(
        "What is wrong is said, with what is right",
        arguments: [
            ("build", "Missing expected argument '<name>'"),
            ("build app --bilder b", "Unknown option '--bilder'. Did you mean '--builder'?"),
            ("build app --network lan", "The value 'lan' is invalid for '--network"),
            ("build app --uid x", "The value 'x' is invalid for '--uid <id>'"),
            ("build app --path", "Missing value for '--path"), ("build app more", "Unexpected argument 'more'"),
            ("deploy", "Unexpected argument 'deploy'"),
            ("inspect a --output xml", "The value 'xml' is invalid for '--output <human-readable|json|yaml|toml>'"),
            ("prune --all --unused-for 1d", "--unused-for has no meaning"), ("cache inspect", "Missing expected argument"),
            ("images rm", "Missing expected argument '<names>"), ("builder create b", "Missing expected argument '--config"),
            ("run", "Missing expected argument '<name>'"),
            ("config pull-policy never --unset", "cannot be specified simultaneously"),
            ("config registry-mirrors add r", "Missing expected argument '--mirror"),
            ("config run-image-mirrors add r", "no run image mirrors were provided"),
            ("completion --shell tcsh", "The value 'tcsh' is invalid for '--shell"),
            ("buildpack new", "Missing expected argument '<id>'"), ("buildpack eject x", "Missing expected argument '--output"),
            ("extension new x --stacks s", "Unknown option '--stacks'"),
            ("run -x app", "Unknown option '-x'"),
        ])
    func mistakes(_ line: String, _ message: String) throws {
        let error = try #require(throws: (any Error).self) { try Self.parse(line) }
        let text = ToteCommand.fullMessage(for: error)
        #expect(text.contains(message), "\(text)")
        #expect(ToteCommand.exitCode(for: error) == .validationFailure)
    }

    @Test(
        "--version and --help are no errors",
        arguments: [("--version", ToteVersion.text), ("--help", "SUBCOMMANDS:"), ("build --help", "--builder"), ("", "SUBCOMMANDS:")])
    func help(_ line: String, _ text: String) throws {
        do {
            var command = try Self.parse(line)
            try command.run()
            Issue.record("'\(line)' did something")
        } catch {
            #expect(ToteCommand.exitCode(for: error) == .success)
            #expect(ToteCommand.fullMessage(for: error).contains(text))
        }
    }

    @Test("Help names every command once, and every line fits a terminal of 80 columns or is one word")
    func helpText() {
        let help = ToteCommand.helpMessage(columns: 80)
        for name in [
            "build", "run", "inspect", "images", "builder", "buildpack", "extension", "base", "config", "prune", "completion", "version",
        ] {
            #expect(help.split(separator: "\n").count { $0.hasPrefix("  \(name) ") || $0.hasPrefix("  \(name),") } == 1, "\(name)")
        }
    }
}
