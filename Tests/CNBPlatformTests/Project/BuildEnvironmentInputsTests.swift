import Diagnostics
import TestSupport
import Testing

@testable import CNBPlatform

@Suite struct BuildEnvironmentInputsTests {
    private func merge(
        _ descriptor: [(String, String)] = [], files: [String] = [], flags: [String] = [], caller: [String: String] = [:]
    ) throws -> MergedEnvironment {
        let entries = descriptor.map { EnvironmentEntry(name: $0.0, value: $0.1) }
        return try BuildEnvironmentInputs(descriptor: entries, files: files, flags: flags).merged(caller: caller, execEnv: "production")
    }

    // A-41
    @Test func theLastWins() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("one", "B=file\nC=file\nD=file\n")
        try scratch.makeFile("two", "C=second\n")
        let merged = try merge(
            [("A", "descriptor"), ("B", "descriptor"), ("A", "again")], files: [scratch.path("one"), scratch.path("two")],
            flags: ["D=flag", "D=last"])
        #expect(merged.values == ["A": "again", "B": "file", "C": "second", "D": "last"])
        #expect(merged.warnings == [])
    }

    // A-42, A-44
    @Test func valuesComeFromTheCaller() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("env", "\n  NAME \n\t\nX = spaced \r\nEMPTY=\nE=a=b\n")
        let merged = try merge(
            [("L", "$HOME")], files: [scratch.path("env")], flags: ["HOST", "UNSET"], caller: ["NAME": "n", "HOST": " h "])
        #expect(merged.values == ["L": "$HOME", "NAME": "n", "X ": " spaced", "EMPTY": "", "E": "a=b", "HOST": " h ", "UNSET": ""])
    }

    // A-42
    @Test func commentsAreNames() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("env", "A=1\n# comment\n")
        let merged = try merge(files: [scratch.path("env")])
        #expect(merged.values == ["A": "1", "# comment": ""])
        #expect(merged.warnings.map(\.location?.line) == [2])
    }

    @Test(arguments: ["", "=x", "A/B=1", "..=1", ".", "A\0B=1", "A=\0", String(repeating: "N", count: 256) + "=1"])
    func namesMustNameFiles(_ flag: String) throws {
        #expect(throws: Fault.self) { try merge(flags: [flag]) }
    }

    @Test func errorsSayWhere() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("env", "A=1\nB/C=2\n")
        let fault = #expect(throws: Fault.self) { try merge(files: [scratch.path("env")]) }
        #expect(fault?.message == "--env-file: 'B/C' cannot be a variable's name, it holds a '/'")
        #expect(fault?.location?.line == 2)
        #expect(fault?.location?.text == "B/C=2")
        let missing = #expect(throws: Fault.self) { try merge(files: [scratch.path("nope")]) }
        #expect(missing?.message == "there is no environment file '\(scratch.path("nope"))'")
        #expect(throws: Fault.self) { try merge(files: [scratch.path]) }
        #expect(throws: Fault.self) { try merge([("", "x")]) }
    }

    @Test func entriesOfOtherExecutionEnvironmentsAreLeftOut() throws {
        var entries = [
            EnvironmentEntry(name: "T", value: "1"), EnvironmentEntry(name: "P", value: "1"), EnvironmentEntry(name: "S", value: "1"),
        ]
        entries[0].execEnv = ["test"]
        entries[1].execEnv = ["test", "production"]
        entries[2].execEnv = ["*"]
        let merged = try BuildEnvironmentInputs(descriptor: entries).merged(caller: [:], execEnv: "production")
        #expect(merged.values.keys.sorted() == ["P", "S"])
    }
}
