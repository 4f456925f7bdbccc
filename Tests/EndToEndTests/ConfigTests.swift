import OCIImage
import TestSupport
import Testing

/// `tote config` and what builds make of it (L-5, L-10, L-11, L-25).
struct ConfigTests {
    private func config(_ tote: ToteCase, _ arguments: String...) async throws -> ProgramResult {
        try await tote.command(["config"] + arguments).run()
    }

    @Test func pullPolicy() async throws {
        let tote = try await ToteCase()
        #expect(try await config(tote, "pull-policy").out == "The current pull policy is 'always'\n")
        let set = try await config(tote, "pull-policy", "interval=24h")
        #expect(set.succeeded && set.out == "" && set.error == "Successfully set 'daily' as the pull policy\n", "\(set)")
        #expect(try await config(tote, "pull-policy", "daily").error == "Pull policy is already set to 'daily'\n")
        #expect(try await config(tote, "pull-policy").out == "The current pull policy is 'daily'\n")
        let wrong = try await config(tote, "pull-policy", "sometimes")
        #expect(wrong.status == 64 && wrong.error.hasPrefix("ERROR: invalid pull policy sometimes\n"), "\(wrong)")
        let both = try await config(tote, "pull-policy", "never", "--unset")
        #expect(both.status == 64 && both.error.contains("cannot be specified simultaneously"))
        #expect(tote.scratch.text("config/tote/config.toml") == "pull-policy = \"daily\"\n")
        let unset = try await config(tote, "pull-policy", "-u")
        #expect(unset.error == "Successfully unset pull policy 'daily'\nPull policy has been set to 'always'\n")
    }

    @Test func defaultBuilder() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        #expect(try await config(tote, "default-builder").out == "No default builder is set.\n")
        let missing = try await config(tote, "default-builder", "127.0.0.1:9/no/builder")
        #expect(missing.status == 1)
        #expect(missing.error.contains("ERROR: validating that builder '127.0.0.1:9/no/builder' exists: "), "\(missing)")
        let other = try await config(tote, "default-builder", "tiny-run")
        #expect(other.error.contains("ERROR: validating that builder 'tiny-run' exists: 'tiny-run' is not a builder"), "\(other)")
        #expect(tote.scratch.text("config/tote/config.toml") == "")
        #expect(try await config(tote, "default-builder", "tiny").error == "Builder 'tiny' is now the default builder\n")
        #expect(try await config(tote, "default-builder").out == "The current default builder is 'tiny'\n")
        #expect(try await tote.tote("build", "app", "--path", "app").succeeded)
        #expect(try await config(tote, "default-builder", "--unset").error == "Successfully unset default builder 'tiny'\n")
        #expect(try await config(tote, "default-builder", "--unset").error == "No default builder was set\n")
        #expect(try await tote.tote("build", "app", "--path", "app").status == 2)
    }

    @Test func mirrorsAndTheList() async throws {
        let tote = try await ToteCase()
        #expect(try await config(tote).error.hasPrefix("Nothing is configured in '"))
        #expect(try await config(tote, "registry-mirrors").out == "No registry mirrors have been set\n")
        let added = try await config(tote, "registry-mirrors", "add", "docker.io", "--mirror", "m.example:5000")
        #expect(added.error == "Registry 'docker.io' configured with mirror 'm.example:5000'\n", "\(added)")
        #expect(try await config(tote, "registry-mirror", "add", "*", "-m", "all.example").succeeded)
        #expect(
            try await config(tote, "registry-mirrors", "list").out
                == "Registry Mirrors:\n  *: 'all.example'\n  docker.io: 'm.example:5000'\n")
        #expect(try await config(tote, "registry-mirrors", "remove", "*").error == "Removed mirror for '*'\n")
        #expect(try await config(tote, "registry-mirrors", "remove", "*").error == "No registry mirror has been set for '*'\n")
        #expect(try await config(tote, "registry-mirrors", "add", "docker.io").status == 64)

        #expect(try await config(tote, "run-image-mirrors").out == "No run image mirrors have been set\n")
        let run = try await config(tote, "run-image-mirrors", "add", "acme/run", "-m", "a.example/run", "-m", "b.example/run")
        #expect(
            run.error == """
                Run Image 'acme/run' configured with mirror 'a.example/run'
                Run Image 'acme/run' configured with mirror 'b.example/run'

                """)
        #expect(
            try await config(tote, "run-image-mirrors", "list", "acme/run").out
                == "Run Image Mirrors:\n  'acme/run':\n    a.example/run\n    b.example/run\n")
        #expect(try await config(tote, "run-image-mirrors", "list", "x").out == "No run image mirrors have been set for 'x'\n")
        #expect(try await config(tote, "run-image-mirrors", "add", "acme/run").status == 64)

        let all = try await config(tote, "list")
        #expect(all.out == tote.scratch.text("config/tote/config.toml"))
        #expect(all.error == "The configuration in '\(tote.scratch.path)/config/tote/config.toml':\n")

        #expect(try await config(tote, "run-image-mirrors", "remove", "acme/run").error == "Removed mirrors of run image 'acme/run'\n")
        #expect(
            try await config(tote, "run-image-mirrors", "remove", "acme/run").error
                == "No run image mirrors have been set for 'acme/run'\n")
    }

    /// L-25: a mirror of the configuration comes first, is said, and leaves no trace in the image.
    @Test(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
    func runImageMirrors() async throws {
        let registry = try await DockerRegistry()
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let plain = try await tote.build()
        let name = "\(registry.host)/mirrors/run:1"
        #expect(try await tote.tote("images", "push", "tiny-run", name).succeeded)
        // The first cannot be asked, the second is not there, the third is not configured.
        #expect(
            try await config(
                tote, "run-image-mirrors", "add", "docker.io/library/tiny-run", "-m", "127.0.0.1:9/run", "-m", "\(registry.host)/no/run",
                "-m",
                name
            ).succeeded)
        // On the builder's own registry there is none of them.
        let builder = registry.host.replacing("127.0.0.1", with: "localhost") + "/builder:1"
        #expect(try await tote.tote("images", "push", "tiny", builder).succeeded)
        let heads = registry.requests("HEAD")
        let build = try await tote.command(["build", "app", "--path", "app", "--builder", builder]).run()
        #expect(build.succeeded, "\(build)")
        #expect(build.errorLines.contains("Selected run image mirror '\(name)' from local config"), "\(build)")
        #expect(build.error.contains("the run image '127.0.0.1:9/run' cannot be read"), "\(build)")
        #expect(!build.error.contains("trying again"), "\(build)")
        // One question for the builder, one for the run image that is not there, one for the one that is.
        #expect(registry.requests("HEAD") - heads == 3)
        let label = try #require(try tote.image().config.settings.labels["io.buildpacks.lifecycle.metadata"])
        #expect(label.contains(#""image":"tiny-run""#) && !label.contains("mirrors/run:1"), "\(label)")
        #expect(plain.succeeded)

        // What is on the registry of the builder comes first, or with --publish what is on that of the image.
        let own = try await tote.build()
        #expect(own.succeeded && !own.error.contains("Selected run image mirror"), "\(own)")
        let published = try await tote.command(
            ["build", "\(registry.host)/acme/app", "--path", "app", "--builder", "tiny", "--publish"]).run()
        #expect(published.succeeded, "\(published)")
        #expect(published.errorLines.contains("Selected run image mirror '\(name)' from local config"))
        #expect(!published.error.contains("127.0.0.1:9"), "\(published)")
    }

    // H-48
    @Test func registries() async throws {
        let tote = try await ToteCase(isEmpty: true)
        let official = "https://github.com/buildpacks/registry-index"
        #expect(try await config(tote, "registries").outLines == ["   NAME      URL", "*  official  \(official)"])
        #expect(try await config(tote, "registries", "add", "mine", "https://git.example/index", "--type", "git", "--default").succeeded)
        #expect(
            try await config(tote, "registries", "list").outLines
                == ["   NAME      URL", "   official  \(official)", "*  mine      https://git.example/index"])
        #expect(try await config(tote, "registries", "default").out == "The current default registry is 'mine'\n")
        #expect(
            tote.scratch.text("config/tote/config.toml").contains("[[registries]]")
                && tote.scratch.text("config/tote/config.toml").contains("default-registry-name = \"mine\""))
        for (arguments, message) in [
            (["add", "mine", "https://x.example"], "Buildpack registry 'mine' already exists."),
            (["add", "official", "https://x.example"], "'official' is a reserved registry name"),
            (["add", "other", "x.example"], "'x.example' is not the address of a git repository"),
            (["add", "other", "https://x.example", "--type", "svn"], "'svn' is not a valid type"),
            (["remove", "mien"], "registry 'mien' does not exist\nhint: did you mean 'mine'?"),
            (["remove", "official"], "'official' is a reserved registry name"), (["default", "other"], "registry 'other' does not exist"),
        ] {
            let before = tote.scratch.text("config/tote/config.toml")
            let result = try await tote.command(["config", "registries"] + arguments).run()
            #expect(result.status == 1 && result.error.contains(message), "\(result)")
            #expect(tote.scratch.text("config/tote/config.toml") == before)
        }
        #expect(try await config(tote, "registries", "default", "--unset").error == "Successfully unset default registry 'mine'\n")
        #expect(try await config(tote, "registries", "default", "mine").succeeded)
        #expect(try await config(tote, "registries", "remove", "mine").error == "Successfully removed 'mine' from registries\n")
        #expect(try await config(tote, "registries", "default").out == "The current default registry is 'official'\n")
        #expect(tote.scratch.text("config/tote/config.toml") == "\n")
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completion(shell: String) async throws {
        let tote = try await ToteCase(isEmpty: true)
        let script = try await tote.tote("completion", "--shell", shell)
        #expect(script.succeeded && script.error == "")
        for word in ["run-image-mirrors", "pull-policy", "--previous-image"] + (shell == "fish" ? [] : ["_tote"]) {
            #expect(script.out.contains(shell == "fish" ? word.trimmingPrefix("--") : word[...]), "\(word)")
        }
        guard Peer.isThere(shell) else { return }
        try tote.scratch.write(script.out, to: "completion")
        let check = try await Program([shell, "-n", tote.scratch.path("completion")]).run()
        #expect(check.succeeded, "\(check)")
    }

    @Test func completionOfOtherShells() async throws {
        let tote = try await ToteCase(isEmpty: true)
        let script = try await tote.tote("completion", "--shell", "powershell")
        #expect(script.status == 64 && script.error.contains("powershell"), "\(script)")
        // As with pack.
        #expect(try await tote.tote("completion").out == tote.tote("completion", "-s", "bash").out)
    }
}
