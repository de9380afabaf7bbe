/// First in, first out; also takes back at the front.
struct Fifo<Element> {
    private var front: [Element] = []
    private var back: [Element] = []

    var isEmpty: Bool { front.isEmpty && back.isEmpty }
    /// What `popFirst` would give.
    var first: Element? { front.last ?? back.first }
    var count: Int { front.count + back.count }

    mutating func append(_ element: Element) { back.append(element) }
    mutating func prepend(_ element: Element) { front.append(element) }

    mutating func popFirst() -> Element? {
        if front.isEmpty {
            front = back.reversed()
            back.removeAll(keepingCapacity: true)
        }
        return front.popLast()
    }
}
