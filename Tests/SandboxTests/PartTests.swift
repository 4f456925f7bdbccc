import Diagnostics
import FoundationEssentials
import Glibc
import Testing

@testable import Sandbox

/// The parts that need no namespace.
@Suite struct PartTests {
    @Test(
        arguments: [
            ([""], []), (["a"], ["a"]), (["a\n"], ["a"]), (["a", "b\nc"], ["ab", "c"]), (["\n\n"], ["", ""]), (["a\r\n"], ["a\r"]),
            (["\u{e9}\n"], ["\u{e9}"]),
        ] as [([String], [String])]) func lines(_ pieces: [String], _ expected: [String])
    {
        var splitter = LineSplitter()
        var found: [String] = []
        for piece in pieces { splitter.append(Array(piece.utf8)) { found.append($0) } }
        splitter.finish { found.append($0) }
        #expect(found == expected)
    }

    @Test func longLinesAreCutBetweenCharacters() {
        var splitter = LineSplitter()
        var found: [String] = []
        let text = String(repeating: "a\u{20ac}", count: 50_000)
        splitter.append(Array(text.utf8)) { found.append($0) }
        splitter.append([0x0a]) { found.append($0) }
        #expect(found.count == 4 && found.joined() == text)
    }

    @Test(
        arguments: [
            ("ann:100000:65536", [100_000]), ("1001:5:10\nann:7:1", [5, 7]), ("bob:1:1", []), ("ann:x:1", []), ("ann:1", []),
            ("ann:1:0", []),
            ("ann:4294967295:2", []), ("annabel:1:1", []), ("", []),
        ] as [(String, [UInt32])]) func subordinateIDs(_ text: String, _ starts: [UInt32])
    {
        #expect(SubordinateIDs.ranges(in: text, for: OutsideUser(name: "ann", id: 1001)).map(\.start) == starts)
    }

    @Test func bothKindsOfIDsAreNeeded() {
        let ann = OutsideUser(name: "ann", id: 1001)
        #expect(SubordinateIDs(of: ann, users: "ann:1:1", groups: "") == nil)
        #expect(SubordinateIDs(of: ann, users: "", groups: "ann:1:1") == nil)
        #expect(SubordinateIDs(of: ann, users: "ann:1:1", groups: "ann:1:1") != nil)
    }

    @Test func mappingForNewuidmap() {
        let ranges = [SubordinateIDs.Range(start: 100_000, count: 65536), SubordinateIDs.Range(start: 9, count: 2)]
        #expect(SubordinateIDs.mapping(own: 1001, then: ranges) == ["0", "1001", "1", "1", "100000", "65536", "65537", "9", "2"])
    }

    @Test(arguments: [
        ("", "100000-165535"), ("a:100000:65536\nb:165536:65536", "231072-296607"), ("a:5:5", "100000-165535"), ("broken", "100000-165535"),
    ])
    func freeRange(_ users: String, _ expected: String) {
        #expect(SubordinateIDs.free(users: users, groups: "").text == expected)
    }

    @Test func usersOutside() {
        let ids = SubordinateIDs(
            of: OutsideUser(name: "ann", id: 1001), users: "ann:100000:2\nann:500:10", groups: "ann:1:1")
        #expect([1, 2, 3, 12, 13].map { ids?.hostUser($0) } == [100_000, 100_001, 500, 509, 65534])
        #expect(ids?.hostUser(0) == OutsideUser.current().id)
    }

    @Test(arguments: [
        ("ann:100000:65536\n", true), ("1001:100000:65536\n", true), ("bob:100000:65536\n", false), ("ann:100000:65535\n", false),
        ("", false), ("broken\nann:x:65536\nann:100000:70000", true),
    ])
    func shortage(_ text: String, _ suffices: Bool) {
        let ann = OutsideUser(name: "ann", id: 1001)
        let fault = SubordinateIDs.shortage(of: 65536, for: "it", ann, users: text, groups: text)
        #expect((fault == nil) == suffices)
    }

    @Test func aShortageTellsTheCommand() throws {
        let ann = OutsideUser(name: "ann", id: 1001), bobs = "bob:100000:65536\n"
        let none = try #require(SubordinateIDs.shortage(of: 65536, for: "it", ann, users: "", groups: ""))
        #expect(none.message.hasSuffix("'ann' has no such range in /etc/subuid and /etc/subgid"))
        #expect(none.hint?.hasSuffix("sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ann") == true)
        let half = try #require(SubordinateIDs.shortage(of: 65536, for: "it", ann, users: "ann:165536:65536", groups: bobs))
        #expect(half.message.hasSuffix("in /etc/subgid"))
        #expect(half.hint?.contains("--add-subuids 231072-296607 ") == true)
    }

    @Test(arguments: [
        (advice(clone: "0"), "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
        (advice(maximum: "0"), "sudo sysctl -w user.max_user_namespaces=15000"),
        (advice(appArmor: "1"), "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"),
        (advice(appArmor: "1"), "profile tote /opt/tote flags=(unconfined)"),
        (advice(isFiltered: true), "--security-opt seccomp=unconfined"),
        (advice(isRoot: true), "CAP_SYS_ADMIN"),
        (advice(), "unshare --user --map-root-user true"),
    ]) func hints(_ advice: NamespaceAdvice, _ expected: String) {
        #expect(advice.hint.contains(expected))
    }

    private static func advice(
        clone: String? = nil, maximum: String = "96000", appArmor: String? = nil, isRoot: Bool = false, isFiltered: Bool = false
    ) -> NamespaceAdvice {
        NamespaceAdvice(
            unprivilegedClone: clone, maximum: maximum, appArmor: appArmor, isRoot: isRoot, isFiltered: isFiltered, executable: "/opt/tote")
    }

    @Test func mountsBelowAFolder() {
        let table = """
            22 1 0:1 / / rw - ext4 /dev/a rw
            30 22 0:2 / /a/b rw,nosuid - tmpfs t rw
            31 30 0:3 / /a/b/with\\040space rw - tmpfs t rw
            32 22 0:4 / /a/bc rw - tmpfs t rw
            33 30 0:5 / /a/b/c\\134d rw - tmpfs t rw
            """
        #expect(MountTable.below("/a/b", in: table) == ["/a/b/c\\d", "/a/b/with space"])
        #expect(MountTable.below("/a", in: table).count == 4)
    }

    @Test func aProcessNameMayHoldAnything() {
        #expect(ProcessTree.member(7, stat: "7 (a) S 1 (b) Z 3 7 7") == ProcessTree.Member(id: 7, parent: 3, isDead: true))
        #expect(ProcessTree.member(7, stat: "7 (a) S") == nil)
        let all = [(2, 1), (3, 2), (4, 3), (5, 1)].map { ProcessTree.Member(id: $0.0, parent: $0.1, isDead: false) }
        #expect(Set(ProcessTree.descendants(of: 2, among: all).map(\.id)) == [3, 4])
    }

    @Test func oneIDIsRenamedByASecondNamespace() throws {
        let command = SandboxCommand(arguments: ["true"], user: 1000, group: 1001)
        let single = RuntimeConfiguration(command, rootPath: "/r", mode: .single)
        #expect(single.linux.uidMappings?.first?.containerID == 1000 && single.linux.gidMappings?.first?.containerID == 1001)
        #expect(single.linux.namespaces.map(\.type).contains("user"))
        let root = RuntimeConfiguration(command, rootPath: "/r", mode: .root)
        #expect(root.linux.uidMappings == nil && !root.linux.namespaces.map(\.type).contains("network"))
        let text = String(decoding: try JSONEncoder().encode(root), as: UTF8.self)
        #expect(text.contains("\"noNewPrivileges\":true") && !text.contains("rlimits"))
    }

    @Test(arguments: [
        ("#!/bin/sh\n", "/bin/sh"), ("#! /usr/bin/env -S x\n", "/usr/bin/env"), ("#!/a", "/a"), ("#!relative\n", nil), ("\u{7f}ELF", nil),
        ("", nil),
    ])
    func interpreters(_ script: String, _ expected: String?) {
        #expect(MissingInterpreter.interpreter(named: Array(script.utf8)) == expected)
    }

    @Test func theLastErrorOfARuntime() {
        let log = "{\"level\":\"error\",\"msg\":\"first\"}\n{\"level\":\"error\",\"msg\":\"last\"}\n{\"level\":\"warning\",\"msg\":\"w\"}\n"
        #expect(RuntimeLog.error(in: log) == "last")
        #expect(RuntimeLog.error(in: "plain words\n") == "plain words")
        #expect(RuntimeLog.error(in: "{\"level\":\"warning\",\"msg\":\"w\"}\n") == nil)
    }

    @Test func unknownRuntimesAreNamed() {
        #expect(throws: (any Error).self) { try RuntimeChoice.runtime(named: "docker") }
    }

    @Test func unusableCertificates() {
        #expect(throws: (any Error).self) { try ExtraCertificates(bundle: "/no/such/file") }
        #expect(throws: (any Error).self) { try ExtraCertificates(bundle: "/etc/passwd") }
    }
}
