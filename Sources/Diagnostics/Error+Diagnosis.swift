extension Error {
    /// What failed, where and why, as far as the error can tell.
    package var diagnosis: String { (self as? any Diagnosable)?.message ?? "\(self)" }
}
