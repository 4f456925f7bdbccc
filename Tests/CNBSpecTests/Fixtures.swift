import CNBSpec

func element(_ text: String, optional: Bool = false) throws -> OrderElement {
    let reference = try BuildpackReference(text)
    return OrderElement(id: reference.id, version: reference.version, optional: optional)
}

func groupElement(_ text: String, api: APIVersion = APIVersion(0, 12), homepage: String? = nil) throws -> GroupElement {
    let reference = try BuildpackReference(text)
    return GroupElement(id: reference.id, version: reference.version, api: api, homepage: homepage)
}
