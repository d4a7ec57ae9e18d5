/// Tells whether a key is new to its object.
///
/// Compared as bytes: String's == would also hold two spellings of one accented letter to be equal. A few keys are
/// compared one by one; many, as only an attacker sends them, by a set.
struct UniqueNames {
    private var set: Set<[UInt8]> = []

    mutating func insert(_ name: String, among members: [JSONMember]) -> Bool {
        if members.count < 32 { return !members.contains { $0.name.utf8.elementsEqual(name.utf8) } }
        if members.count == 32 { set = Set(members.map { Array($0.name.utf8) }) }
        return set.insert(Array(name.utf8)).inserted
    }
}
