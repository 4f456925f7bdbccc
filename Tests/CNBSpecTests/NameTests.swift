import CNBSpec
import Diagnostics
import Testing

@Suite("Names and versions")
struct NameTests {
    @Test(
        "V-1: readable versions",
        arguments: [("0.10", 0, 10), ("v0.10", 0, 10), ("1", 1, 0), ("12.3", 12, 3)] as [(String, UInt64, UInt64)])
    func version(_ text: String, _ major: UInt64, _ minor: UInt64) {
        #expect(APIVersion(text) == APIVersion(major, minor))
    }

    @Test(
        "V-1: texts that are no version",
        arguments: ["", "v", ".1", "1.", "1.2.3", "-1.0", "+1", "0x1", "a.b", "18446744073709551616.0", " 0.10"])
    func noVersion(_ text: String) {
        #expect(APIVersion(text) == nil)
    }

    @Test("V-2: versions compare number by number")
    func order() throws {
        #expect(try #require(APIVersion("0.9")) < #require(APIVersion("0.10")))
        #expect(APIVersion(1, 0) > APIVersion(0, 99))
        #expect(APIVersion(0, 10).description == "0.10")
    }

    // V-3, V-4
    @Test(
        "V-3: supported versions",
        arguments: [("0.7", true), ("0.12", true), ("0.6", false), ("0.13", false), ("1.0", false)])
    func supported(_ text: String, _ expected: Bool) throws {
        #expect(SupportedAPIs.supports(try #require(APIVersion(text)), in: SupportedAPIs.buildpack) == expected)
    }

    @Test("V-3: from 1 on a minor covers lower minors")
    func coveringMinors() {
        #expect(SupportedAPIs.supports(APIVersion(1, 1), in: [APIVersion(1, 2)]))
        #expect(!SupportedAPIs.supports(APIVersion(1, 3), in: [APIVersion(1, 2)]))
        #expect(!SupportedAPIs.supports(APIVersion(2, 0), in: [APIVersion(1, 2)]))
    }

    @Test("V-5: CNB_PLATFORM_API must be set, readable and supported", arguments: [nil, "", "  ", "x", "0.6", "0.99"])
    func platformAPI(_ text: String?) throws {
        let fault = try #require(throws: Fault.self) { try SupportedAPIs.platformAPI(variable: text) }
        #expect(fault.exitCode == 11)
        #expect(try SupportedAPIs.platformAPI(variable: "0.15") == APIVersion(0, 15))
    }

    @Test("V-6: the kit's message for an unsupported Buildpack API")
    func buildpackAPI() throws {
        let module = try BuildpackReference("kit/ancient@1.0.0")
        let fault = try #require(throws: Fault.self) {
            try SupportedAPIs.require(buildpackAPI: APIVersion(0, 1), of: module, kind: .buildpack)
        }
        #expect(fault.exitCode == 12)
        #expect(fault.message.contains("buildpack API version '0.1' is incompatible with the lifecycle"))
    }

    @Test("H-32: the highest common Platform API")
    func commonPlatformAPI() {
        #expect(SupportedAPIs.highestPlatformAPI(builder: [APIVersion(0, 3), APIVersion(0, 12), APIVersion(0, 16)]) == APIVersion(0, 12))
        #expect(SupportedAPIs.highestPlatformAPI(builder: [APIVersion(0, 3)]) == nil)
    }

    @Test(
        "B-1: ids and the names of their folders",
        arguments: [("acme/node", "acme_node"), ("a.b-c/d/e", "a.b-c_d_e"), ("Plain9", "Plain9")])
    func ids(_ raw: String, _ escaped: String) throws {
        let id = try BuildpackID(raw)
        #expect(id.raw == raw)
        #expect(id.escaped == escaped)
    }

    @Test("B-1: refused ids", arguments: ["", "app", "config", "generated", "sbom", "SBOM", "a b", "a@b", "ä", "..", ".", "a\\b", "a\nb"])
    func refusedIDs(_ raw: String) {
        #expect(throws: Fault.self) { try BuildpackID(raw) }
    }

    @Test("B-2: any text that can name a folder is a version", arguments: ["1.2.3", "simple-layers-version", "01"])
    func versions(_ text: String) throws {
        #expect(try BuildpackVersion(text).text == text)
    }

    @Test("versions that would leave their folder are refused", arguments: ["", ".", "..", "a/b", "../../x", "a\u{0}b"])
    func refusedVersions(_ text: String) {
        #expect(throws: Fault.self) { try BuildpackVersion(text) }
    }

    @Test("a reference is id@version")
    func reference() throws {
        let reference = try BuildpackReference("acme/node@1.2.3")
        #expect(reference.id.raw == "acme/node")
        #expect(reference.version.text == "1.2.3")
        #expect(reference.description == "acme/node@1.2.3")
        #expect(throws: Fault.self) { try BuildpackReference("acme/node") }
    }

    @Test("I.3: the numbers of the exit statuses")
    func statuses() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [1, 3, 11, 12, 20, 21, 22, 32, 42, 51, 52, 62, 72, 82, 91, 92, 102])
    }
}
