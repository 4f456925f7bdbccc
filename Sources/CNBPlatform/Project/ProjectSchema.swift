/// The versions of the project descriptor's schema that are understood.
package enum ProjectSchema: String, CaseIterable, Sendable {
    case v0_1 = "0.1"
    case v0_2 = "0.2"
    /// As 0.2, with `exec-env`.
    case v0_3 = "0.3"
}
