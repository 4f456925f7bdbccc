import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// What is wrong around tote rather than in what it was given: disks, owners, missing programs, forbidden namespaces.
struct SurroundingsTests {
    static let isRoot = geteuid() == 0
    static let hasUnshare = isRoot && Peer.isThere("unshare")

    // MARK: owners

    @Test(.enabled(if: Account.mapped != nil, "not root"))
    func aHomeOfSomebodyElseIsRefused() async throws {
        let other = try #require(Account.mapped)
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        chown(tote.home, other.id, other.id)
        let build = try await tote.build()
        #expect(build.status == 1)
        #expect(
            tote.filtered(build.error) == """
                ERROR: tote's folder '$DIR/tote' belongs to user \(other.id), and you are user 0
                hint: set TOTE_HOME to a folder of your own

                """)
    }

    @Test(.enabled(if: Account.mapped != nil, "not root"))
    func aStoreOfSomebodyElseIsRefused() async throws {
        let other = try #require(Account.mapped)
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        chown(tote.home + "/images", other.id, other.id)
        for arguments in [tote.buildArguments(), ["images"], ["run", "app"], ["inspect", "tiny"]] {
            let result = try await tote.command(arguments).run()
            #expect(result.status == 1)
            #expect(
                tote.filtered(result.error) == """
                    ERROR: the image store '$DIR/tote/images' belongs to user \(other.id), not to user 0
                    hint: set TOTE_HOME to a folder of your own; as root, run without sudo or with sudo -H

                    """)
        }
    }

    @Test func aHomeThatOthersCanEnterIsRefused() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        chmod(tote.home, 0o755)
        let before = tote.state()
        let build = try await tote.build()
        #expect(build.status == 1)
        #expect(
            tote.filtered(build.error) == """
                ERROR: tote's folder '$DIR/tote' is open to other users (mode 755)
                hint: close it with: chmod 700 '$DIR/tote'

                """)
        #expect(tote.state() == before)
    }

    @Test func aHomeThatIsAFileIsRefused() async throws {
        let tote = try await ToteCase(isEmpty: true)
        try tote.scratch.write("", to: "tote")
        let listed = try await tote.tote("images")
        #expect(listed.status == 1)
        #expect(
            tote.filtered(listed.error) == """
                ERROR: tote's folder '$DIR/tote' is not a folder
                hint: move it away, or set TOTE_HOME to another path

                """)
    }

    // MARK: the disk is full

    /// Room for the images and, in this order, not for unpacking them, not for the app's copy, not for the new layer.
    @Test(.enabled(if: hasUnshare, "not root"), arguments: [7, 12, 16])
    func aFullDiskIsSaidAndKeepsNothingHalf(megabytes: Int) async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        try Data(RandomImage.bytes(6 << 20)).write(to: URL(filePath: tote.app + "/big"))
        let build = tote.buildArguments().map { "'\($0)'" }.joined(separator: " ")
        // All of it in a mount namespace of its own, so that the small disk is gone with it.
        let script = """
            set -u
            mv tote full && mkdir -m 700 tote && mount -t tmpfs -o size=\(megabytes)m,mode=700 none tote && cp -a full/. tote/ || exit 99
            cat tote/images/index.json > before; "$0" \(build); echo "status $?"
            cmp before tote/images/index.json && echo "same names"
            echo "left: $(ls tote/tmp 2>/dev/null | wc -l) $(ls tote/rootfs 2>/dev/null | grep -c unfinished)"
            mount -o remount,size=200m tote && "$0" \(build) && "$0" run app
            """
        var program = tote.command([])
        program.arguments = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, tote.executable]
        let result = try await program.run()
        let lines = result.outLines
        #expect(lines.first?.hasPrefix("status ") == true && lines.first != "status 0", "\(result)")
        #expect(lines.contains("same names"), "\(result)")
        #expect(lines.contains("left: 0 0"), "\(result)")
        #expect(result.error.contains("No space left on device"))
        #expect(
            result.errorLines.contains(
                "hint: the disk is full: free some space, then run the same command again (nothing half-written is kept)"), "\(result)")
        #expect(lines.last == Hello.text, "\(result)")
    }

    // MARK: the runtime

    @Test(.enabled(if: hasUnshare, "not root"))
    func noRuntimeAtAllNamesThePackage() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let before = tote.state()
        // What is no regular file is no program.
        let hide = """
            for name in crun runc; do for folder in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
                if [ -e $folder/$name ]; then mount --bind /dev/null $folder/$name || exit 99; fi
            done; done; exec "$0" "$@"
            """
        for arguments in [tote.buildArguments(), ["run", "tiny-run", "true"]] {
            var program = tote.command(arguments)
            program.environment.removeAll { $0.hasPrefix("TOTE_RUNTIME=") }
            program.arguments = ["unshare", "--mount", "--propagation", "private", "sh", "-c", hide] + program.arguments
            let result = try await program.run()
            #expect(result.status == 1)
            #expect(
                result.error == """
                    ERROR: no sandbox runtime is installed: neither crun nor runc was found
                    hint: install one: `sudo apt-get install crun`

                    """)
        }
        #expect(tote.state() == before)
    }

    @Test func anUnknownRuntimeIsRefused() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build("app", environment: ["TOTE_RUNTIME": "krun"])
        #expect(build.status == 2)
        #expect(build.error == "ERROR: there is no sandbox runtime 'krun'\nhint: tote knows 'crun' and 'runc'\n")
    }

    // MARK: namespaces

    @Test(.enabled(if: Account.single != nil, "not root"))
    func aBaseNeedsSubordinateIDs() async throws {
        let user = try #require(Account.single)
        let tote = try await ToteCase(as: user)
        let made = try await tote.tote("base", "create", "debian12", "--suite", "bookworm")
        #expect(made.status == 1)
        #expect(made.out == "")
        #expect(made.error.contains("\(user)"))
        #expect(made.error.firstMatch(of: #/sudo usermod --add-subuids \d+-\d+ --add-subgids \d+-\d+ tote/#) != nil, "\(made)")
        #expect(made.error.ranges(of: "ERROR:").count == 1)
    }

    /// The setting counts for the user namespace it is made in, so the test does not change the machine's.
    @Test(.enabled(if: hasUnshare && Account.single != nil, "not root"))
    func aKernelWithoutUserNamespacesIsNamed() async throws {
        let user = try #require(Account.single)
        let tote = try await ToteCase(as: user)
        try tote.project(Hello.script)
        try await tote.giveAway()
        // The namespace's maps are written from outside, as only root may map everybody.
        let script = """
            mkfifo go && unshare --user sh -c 'read _ < go; exec sh -c "$0" "$@"' \
                'echo 0 > /proc/sys/user/max_user_namespaces || exit 99; exec "$0" "$@"' "$0" "$@" & child=$!
            while [ "$(readlink /proc/$child/ns/user)" = "$(readlink /proc/$$/ns/user)" ]; do sleep 0.02; done
            echo 0 0 4294967295 > /proc/$child/uid_map && echo 0 0 4294967295 > /proc/$child/gid_map || exit 99
            echo > go; wait $child
            """
        var program = tote.command(tote.buildArguments())
        program.arguments = ["sh", "-c", script] + program.arguments
        let result = try await program.run()
        #expect(result.status == 1, "\(result)")
        #expect(result.errorLines.count == 2)
        #expect(result.errorLines.first?.hasPrefix("ERROR: ") == true)
        #expect(
            result.errorLines.last
                == "hint: this kernel allows no user namespaces at all: `sudo sysctl -w user.max_user_namespaces=15000` allows them",
            "\(result)")
    }
}
