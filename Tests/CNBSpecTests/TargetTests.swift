import CNBSpec
import Testing

@Suite("Targets")
struct TargetTests {
    static let debian = BaseTarget(os: "linux", arch: "amd64", distro: Distro(name: "debian", version: "12"))

    struct Case: CustomTestStringConvertible, Sendable {
        var target: Target
        var base: BaseTarget
        var matches: Bool
        var testDescription: String { "\(target) on \(base): \(matches)" }
    }

    // B-14, B-16
    static let cases: [Case] = [
        Case(target: Target(), base: debian, matches: true),
        Case(target: Target(os: "linux"), base: debian, matches: true),
        Case(target: Target(os: "windows"), base: debian, matches: false),
        Case(target: Target(os: "linux", arch: "arm64"), base: debian, matches: false),
        Case(target: Target(os: "linux", arch: "amd64", variant: "v3"), base: debian, matches: true),
        Case(target: Target(variant: "v7"), base: BaseTarget(os: "linux", arch: "arm", variant: "v6"), matches: false),
        Case(target: Target(distros: [Distro(name: "debian", version: "12")]), base: debian, matches: true),
        Case(target: Target(distros: [Distro(name: "debian", version: "")]), base: debian, matches: true),
        Case(target: Target(distros: [Distro(name: "debian", version: "11")]), base: debian, matches: false),
        Case(
            target: Target(distros: [Distro(name: "alpine", version: ""), Distro(name: "debian", version: "12")]), base: debian,
            matches: true),
        Case(target: Target(distros: [Distro(name: "debian", version: "")]), base: BaseTarget(os: "linux", arch: "amd64"), matches: false),
        Case(target: Target(os: "linux"), base: BaseTarget(), matches: true),
    ]

    @Test("B-16: what matches what", arguments: cases)
    func matching(_ example: Case) {
        #expect(example.target.matches(example.base) == example.matches)
    }

    @Test("B-17: what the image does not say comes from the build environment")
    func completion() {
        let osRelease = "NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID=\" 12 \"\nVERSION_CODENAME=x\n"
        #expect(
            BaseTarget().completed(osRelease: osRelease, hostArch: "arm64")
                == BaseTarget(os: "linux", arch: "arm64", distro: Distro(name: "debian", version: "12")))
        let known = BaseTarget(os: "linux", arch: "amd64", distro: Distro(name: "alpine", version: ""))
        #expect(known.completed(osRelease: osRelease, hostArch: "arm64") == known)
        #expect(BaseTarget(os: "linux", arch: "x").completed(osRelease: "nonsense\n=\n", hostArch: "y").distro == nil)
    }

    @Test("B-18: labels of a base image")
    func labels() {
        let labels = [
            "io.buildpacks.base.distro.name": "debian", "io.buildpacks.base.distro.version": "12",
            "io.buildpacks.base.id": "org.tote.kit.base",
        ]
        let base = BaseTarget(os: "linux", arch: "amd64", variant: "", labels: labels)
        #expect(base.distro == Distro(name: "debian", version: "12"))
        #expect(base.id == "org.tote.kit.base")
        #expect(BaseTarget(os: "linux", arch: "amd64", variant: "", labels: [:]).distro == nil)
    }

    @Test("B-26: empty facts make no variable")
    func variables() {
        #expect(BaseTarget(os: "linux", arch: "arm64").variables.map(\.name) == ["CNB_TARGET_OS", "CNB_TARGET_ARCH"])
        let full = BaseTarget(os: "linux", arch: "arm", variant: "v7", distro: Distro(name: "debian", version: "12"))
        #expect(
            full.variables.map { "\($0.name)=\($0.value)" } == [
                "CNB_TARGET_OS=linux", "CNB_TARGET_ARCH=arm", "CNB_TARGET_ARCH_VARIANT=v7", "CNB_TARGET_DISTRO_NAME=debian",
                "CNB_TARGET_DISTRO_VERSION=12",
            ])
    }
}
