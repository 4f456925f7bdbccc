/// How to talk to a daemon.
package struct DockerConfiguration: Sendable {
    /// How long the first answer may take.
    package var probeLimit: Duration
    /// How long any other question may take.
    package var answerLimit: Duration
    /// How long a transfer may stand still. The daemon packs and unpacks whole images meanwhile.
    package var silenceLimit: Duration
    package var onEvent: @Sendable (DockerEvent) -> Void

    package init(
        probeLimit: Duration = .seconds(2), answerLimit: Duration = .seconds(60), silenceLimit: Duration = .seconds(900),
        onEvent: @escaping @Sendable (DockerEvent) -> Void = { _ in }
    ) {
        self.probeLimit = probeLimit
        self.answerLimit = answerLimit
        self.silenceLimit = silenceLimit
        self.onEvent = onEvent
    }
}
