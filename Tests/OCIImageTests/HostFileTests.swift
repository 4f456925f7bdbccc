import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import OCIImage

@Suite struct HostFileTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    @Test func aFullDiskIsAClearError() throws {
        let file = try HostFile.open("/dev/full", O_WRONLY)
        let fault = try #require(throws: Fault.self) { try HostFile.write([1], to: file.number, "the blob") }
        #expect(fault.message == "writing 'the blob': No space left on device")
        #expect(fault.hint?.contains("disk is full") == true)
    }

    /// Neither waits for a writer nor reads what has no end.
    @Test func onlyRegularFilesAreRead() {
        mkfifo(scratch("fifo"), 0o600)
        #expect(throws: Fault.self) { try HostFile.read(scratch("fifo"), limit: 10) }
        #expect(throws: Fault.self) { try HostFile.read("/dev/zero", limit: 10) }
        #expect(throws: Fault.self) { try HostFile.read(scratch.path, limit: 10) }
    }

    @Test func limits() throws {
        writeFile(scratch("x"), "12345")
        #expect(try HostFile.read(scratch("x"), limit: 5) == Array("12345".utf8))
        #expect(throws: Fault.self) { try HostFile.read(scratch("x"), limit: 4) }
        #expect(try HostFile.read(scratch("none"), limit: 4) == nil)
        #expect(try HostFile.read(scratch("x/none"), limit: 4) == nil)
    }
}
