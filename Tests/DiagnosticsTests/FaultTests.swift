import Diagnostics
import Glibc
import Testing

@Suite("Faults")
struct FaultTests {
    struct Plain: Error, CustomStringConvertible {
        var description: String { "plain" }
    }

    struct Known: Diagnosable {
        var message: String { "known" }
        var hint: String? { "do this" }
        var exitCode: Int32 { 7 }
        var location: Diagnostics.SourceLocation? { Diagnostics.SourceLocation(file: "f", line: 1, column: 2) }
    }

    struct Bare: Diagnosable {
        var message: String { "bare" }
    }

    @Test("A cause keeps its hint, status and place")
    func cause() {
        let fault = Fault("reading x", cause: Known())
        #expect(
            fault == Fault("reading x: known", hint: "do this", exitCode: 7, at: Diagnostics.SourceLocation(file: "f", line: 1, column: 2)))
        #expect(Fault("loading", cause: fault).message == "loading: reading x: known")
        #expect(Fault("loading", cause: fault).exitCode == 7)
    }

    @Test("An error that says nothing of itself is shown as it is")
    func plainCause() {
        #expect((Plain() as any Error).diagnosis == "plain" && (Known() as any Error).diagnosis == "known")
        #expect(Fault("reading", cause: Plain()) == Fault("reading: plain"))
    }

    @Test("Status 1, no hint, no place unless said")
    func defaults() {
        #expect(Bare().exitCode == 1 && Bare().hint == nil && Bare().location == nil)
        #expect(Fault("x").exitCode == 1)
        #expect("\(Fault("x", hint: "y"))" == "x")
    }

    @Test("A failed system call says what failed and why")
    func system() {
        #expect(Fault(system: "opening '/x'", code: ENOENT) == Fault("opening '/x': No such file or directory"))
        #expect(Fault(system: "x", code: EACCES, hint: "own", exitCode: 9) == Fault("x: Permission denied", hint: "own", exitCode: 9))
    }

    @Test("errno is read when the fault is made")
    func errnoOfNow() {
        errno = EPERM
        let fault = Fault(system: "doing")
        #expect(fault.message == "doing: Operation not permitted")
    }

    @Test("A full disk has a next step; a hint of the caller wins", arguments: [(ENOSPC, "disk is full"), (EDQUOT, "quota")])
    func diskFull(_ code: Int32, _ words: String) {
        #expect(Fault(system: "writing", code: code).hint?.contains(words) == true)
        #expect(Fault(system: "writing", code: code, hint: "mine").hint == "mine")
    }
}
